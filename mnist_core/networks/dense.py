"""Networks of dense layers, which look at each pixel by itself."""

from typing import TYPE_CHECKING

from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.networks.record import Architecture

if TYPE_CHECKING:
    import keras


def dense_five() -> "keras.Model":
    """Five dense layers: 200, 100, 60 and 30 ReLU units, ten softmax outputs.

    The pixels it expects are already divided by 255.

    Source: the five-layer network of M. Görner's codelab "TensorFlow and deep learning,
    without a PhD" (Google, 2017).
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Flatten(),  # 784
            layers.Dense(200, activation="relu"),
            layers.Dense(100, activation="relu"),
            layers.Dense(60, activation="relu"),
            layers.Dense(30, activation="relu"),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="dense-five",
    )


def dense_sigmoid() -> "keras.Model":
    """Two dense layers of 50 ReLU units, then ten sigmoid outputs.

    The sigmoids need not sum to 1; `serving.to_probabilities` says how they are made to.

    Source: a pattern of beginners' tutorials, kept for comparison; softmax is the usual choice.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Flatten(),  # 784
            layers.Dense(50, activation="relu"),
            layers.Dense(50, activation="relu"),
            layers.Dense(CLASSES, activation="sigmoid", dtype="float32"),
        ],
        name="dense-sigmoid",
    )


DENSE = (
    Architecture(
        name="dense-five",
        build=dense_five,
        summary="Five dense layers, which look at each pixel by itself and not for patterns. Very "
        "quick, but less accurate.",
        recipe={"epochs": 15},
        fixed_megabytes=840,
        image_megabytes=0.03,
        step_seconds=3e-3,
        image_seconds=6e-6,
    ),
    Architecture(
        name="dense-sigmoid",
        build=dense_sigmoid,
        summary="The smallest: three dense layers, which look at each pixel by itself. It trains "
        "in seconds and is the least accurate, which is good for trying things out.",
        recipe={"batch_size": 32, "loss": "sparse_categorical_crossentropy"},
        fixed_megabytes=820,
        image_megabytes=0.03,
        step_seconds=1.5e-3,
        image_seconds=4e-6,
    ),
)
