"""Our own network, the default model."""

from typing import TYPE_CHECKING

from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.networks.record import Architecture

if TYPE_CHECKING:
    import keras


def digit_net() -> "keras.Model":
    """Our own: six convolutions with batch normalisation, averaged over the image.

    It gives logits. Widths are multiples of 16, the sizes that run fastest on CPUs. The first
    layer looks at every second place alone, because layers at full size cost most; the last two
    see no padding, which saves half of their work. The last feature maps are averaged over the
    image instead of flattened, so that the position of a part matters less.

    Source: K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
    recognition" (2015), shrunk; batch normalisation after S. Ioffe and C. Szegedy (2015), global
    average pooling after M. Lin, Q. Chen and S. Yan, "Network in network" (2014).
    """
    from keras import Model, layers

    inputs = layers.Input((IMAGE_SIZE, IMAGE_SIZE))
    x = layers.Reshape((IMAGE_SIZE, IMAGE_SIZE, 1))(inputs)
    x = _convolve(x, 48, size=5, strides=2)  # 14 x 14 x 48
    x = layers.MaxPooling2D()(_convolve(_convolve(x, 64), 64))  # 7 x 7 x 64
    x = _convolve(x, 192)  # 7 x 7 x 192
    x = _convolve(x, 192, padding="valid")  # 5 x 5 x 192
    x = _convolve(x, 256, padding="valid")  # 3 x 3 x 256
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling2D()(x))  # 256
    return Model(inputs, layers.Dense(CLASSES, dtype="float32")(x), name="digit-net")


def digit_net_small() -> "keras.Model":
    """Our own: the six convolutions of digit-net with fewer channels.

    It gives logits. 12 million multiplications an image. Two columns of pixels side by side become
    two channels, because processors compute several channels at once, and a single one takes them
    as long. The layers give features of the same sizes as those of `digit_net`, so that a
    training can begin with what that has learned, on fewer channels (`training/narrowing.py`).

    Source: K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
    recognition" (2015), shrunk; batch normalisation after S. Ioffe and C. Szegedy (2015), global
    average pooling after M. Lin, Q. Chen and S. Yan, "Network in network" (2014).
    """
    from keras import Model, layers

    inputs = layers.Input((IMAGE_SIZE, IMAGE_SIZE))
    x = layers.Reshape((IMAGE_SIZE, IMAGE_SIZE // 2, 2))(inputs)  # 28 x 14 x 2
    x = _convolve(x, 32, size=(5, 3), strides=(2, 1))  # 14 x 14 x 32
    x = layers.MaxPooling2D()(_convolve(_convolve(x, 32), 48))  # 7 x 7 x 48
    x = _convolve(x, 112)  # 7 x 7 x 112
    x = _convolve(x, 112, padding="valid")  # 5 x 5 x 112
    x = _convolve(x, 208, padding="valid")  # 3 x 3 x 208
    x = layers.Dropout(0.05)(layers.GlobalAveragePooling2D()(x))  # 208
    return Model(inputs, layers.Dense(CLASSES, dtype="float32")(x), name="digit-net-small")


def _convolve(
    x: "keras.KerasTensor",
    filters: int,
    size: int | tuple[int, int] = 3,
    strides: int | tuple[int, int] = 1,
    padding: str = "same",
) -> "keras.KerasTensor":
    from keras import layers

    x = layers.Conv2D(filters, size, strides, padding, use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization()(x))


# The models that come with the project were trained by these recipes with half_precision on;
# docs/command_line.md tells from which weights they began, and by which teacher.
DIGIT_NET = (
    Architecture(
        name="digit-net",
        build=digit_net,
        summary="Our own, with six convolution layers, which look for patterns. The most accurate, "
        "also on corrupted digits, and the slowest to train.",
        recipe={
            "epochs": 1132,
            "batch_size": 512,
            "optimiser": "adamw",
            "learning_rate": 3e-3,
            "schedule": "cosine",
            "weight_decay": 0.02,
            "label_smoothing": 0.05,
            "averaging": 0.9998,
            "augmentation": "handwriting",
            "corruption_families": (
                *("noise", "blur", "distortion", "light", "occlusion", "digital"),
            ),
            "corrupted_share": 0.6,
            "synthetic_digits": 40_000,
            "precision": "int8",
            "non_digits": 30_000,
        },
        trial_epochs=3,
        fixed_megabytes=1000,
        image_megabytes=0.6,  # at 1,024 images a batch in half precision, where it takes most
        step_seconds=3e-3,
        image_seconds=1000e-6,
    ),
    Architecture(
        name="digit-net-small",
        build=digit_net_small,
        summary="Our own, with about half as many channels as digit-net: two fifths of its work. "
        "It learns to reject non-digits along with the digits.",
        recipe={
            "epochs": 104,
            "batch_size": 512,
            "optimiser": "adamw",
            "learning_rate": 2e-3,
            "schedule": "trapezoid",
            "weight_decay": 0.02,
            "label_smoothing": 0.02,
            "averaging": 0.9998,
            "augmentation": "clutter",
            "corruption_families": (
                *("noise", "blur", "distortion", "light", "occlusion", "digital"),
            ),
            "corrupted_share": 0.6,
            "synthetic_digits": 40_000,
            "precision": "int8",
            "non_digits": 60_000,
            "non_digit_share": 0.25,
            "page_share": 0.5,
            "distillation": 0.6,
        },
        trial_epochs=3,
        fixed_megabytes=1000,
        image_megabytes=0.35,
        step_seconds=3e-3,
        image_seconds=350e-6,
    ),
)
