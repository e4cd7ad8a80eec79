"""Convolutional networks from books and tutorials, which look for patterns."""

from typing import TYPE_CHECKING

from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.networks.record import Architecture

if TYPE_CHECKING:
    import keras


def cnn_augmented() -> "keras.Model":
    """Two convolutions with max-pooling, then dropout and two dense layers, softmax out.

    Meant to be trained on rotated, shifted, zoomed and sheared images.

    Source: F. Chollet, "Simple MNIST convnet" (keras.io code example, 2015). Deviations: a dense
    layer of 128 units and a second dropout before the output.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)),
            layers.Conv2D(32, 3, activation="relu"),  # 26 x 26 x 32
            layers.MaxPooling2D(),  # 13 x 13 x 32
            layers.Conv2D(64, 3, activation="relu"),  # 11 x 11 x 64
            layers.MaxPooling2D(),  # 5 x 5 x 64
            layers.Flatten(),
            layers.Dropout(0.25),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="cnn-augmented",
    )


def cnn_three() -> "keras.Model":
    """Convolutions of 32, 64 and 64 filters, max-pooling after the first two, a dense layer of 64.

    Source: F. Chollet, "Deep Learning with Python" (Manning, 2017), section 5.1.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)),
            layers.Conv2D(32, 3, activation="relu"),  # 26 x 26 x 32
            layers.MaxPooling2D(),  # 13 x 13 x 32
            layers.Conv2D(64, 3, activation="relu"),  # 11 x 11 x 64
            layers.MaxPooling2D(),  # 5 x 5 x 64
            layers.Conv2D(64, 3, activation="relu"),  # 3 x 3 x 64
            layers.Flatten(),
            layers.Dense(64, activation="relu"),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="cnn-three",
    )


def lenet_two() -> "keras.Model":
    """Two sets of convolution, activation and pooling, a fully connected layer, softmax.

    Source: Y. LeCun et al., "Gradient-based learning applied to document recognition" (1998), in
    the shape of A. Rosebrock's "LeNet: convolutional neural network in Python" (PyImageSearch,
    2016). Deviations from LeCun: ReLU and max-pooling, 20 and 50 filters, one hidden layer of 500.
    """
    from keras import Sequential, layers

    return Sequential(
        [
            layers.Input((IMAGE_SIZE, IMAGE_SIZE)),
            layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1)),
            layers.Conv2D(20, 5, padding="same"),  # 28 x 28 x 20
            layers.Activation("relu"),
            layers.MaxPooling2D(),  # 14 x 14 x 20
            layers.Conv2D(50, 5, padding="same"),  # 14 x 14 x 50
            layers.Activation("relu"),
            layers.MaxPooling2D(),  # 7 x 7 x 50
            layers.Flatten(),
            layers.Dense(500, activation="relu"),
            layers.Dense(CLASSES, activation="softmax", dtype="float32"),
        ],
        name="lenet-two",
    )


CONVOLUTIONAL = (
    Architecture(
        name="cnn-augmented",
        build=cnn_augmented,
        summary="Two convolution layers, which look for patterns, made for augmented images. "
        "Quick.",
        recipe={"epochs": 20, "augmentation": "affine"},
        fixed_megabytes=910,
        image_megabytes=0.34,
        step_seconds=2.5e-3,
        image_seconds=140e-6,
    ),
    Architecture(
        name="cnn-three",
        build=cnn_three,
        summary="Three convolution layers, which look for patterns. A good first choice: quick and "
        "accurate.",
        fixed_megabytes=890,
        image_megabytes=0.36,
        step_seconds=2.5e-3,
        image_seconds=135e-6,
    ),
    Architecture(
        name="lenet-two",
        build=lenet_two,
        summary="Modelled on one of the first networks that read postcodes (1998). It has many "
        "weights, so it trains slowly.",
        trial_epochs=3,
        fixed_megabytes=930,
        image_megabytes=0.25,
        step_seconds=5e-3,
        image_seconds=280e-6,
    ),
)
