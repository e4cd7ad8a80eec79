"""Our own networks: the default model, and a wider one."""

from typing import TYPE_CHECKING

from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.networks.outputs import Outputs
from mnist_core.networks.record import Architecture

if TYPE_CHECKING:
    import keras


def digit_net() -> "keras.Model":
    """Our own: six convolutions with batch normalisation, averaged over the image.

    It gives logits. 12 million multiplications an image; widths are multiples of 16, the sizes that
    run fastest on CPUs. The pixels of each block of 2 x 2 become four channels, because layers at
    full size cost most, and processors compute several channels at once: a single one takes them as
    long. The last two convolutions see no padding, which saves half of their work. The last feature
    maps are averaged over the image instead of flattened, so that the position of a part matters
    less.

    Source: K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
    recognition" (2015), shrunk; batch normalisation after S. Ioffe and C. Szegedy (2015), global
    average pooling after M. Lin, Q. Chen and S. Yan, "Network in network" (2014).
    """
    return _six_convolutions("digit-net", (32, 32, 48, 112, 112, 208), dropout=0.05)


def digit_net_wide() -> "keras.Model":
    """Our own: the six convolutions of digit-net with half as many channels again.

    It gives logits. 31 million multiplications an image. The layers give features of the same sizes
    as those of `digit_net`, so that a training of that can begin with what this one has learned, on
    fewer channels (`training/narrowing.py`).

    Source: K. Simonyan and A. Zisserman, "Very deep convolutional networks for large-scale image
    recognition" (2015), shrunk; batch normalisation after S. Ioffe and C. Szegedy (2015), global
    average pooling after M. Lin, Q. Chen and S. Yan, "Network in network" (2014).
    """
    return _six_convolutions("digit-net-wide", (48, 64, 64, 192, 192, 256), dropout=0.1)


def _six_convolutions(name: str, widths: tuple[int, ...], *, dropout: float) -> "keras.Model":
    from keras import Model, layers

    inputs = layers.Input((IMAGE_SIZE, IMAGE_SIZE))
    x = _blocks(inputs)
    for width in widths[:3]:
        x = _convolve(x, width)  # 14 x 14
    x = _convolve(layers.MaxPooling2D()(x), widths[3])  # 7 x 7
    for width in widths[4:]:
        x = _convolve(x, width, padding="valid")  # 5 x 5, 3 x 3
    x = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))
    return Model(inputs, layers.Dense(CLASSES, dtype="float32")(x), name=name)


def _blocks(images: Outputs) -> "keras.KerasTensor":
    """Make the pixels of each block of 2 x 2 channels: (n, 28, 28) -> (n, 14, 14, 4)."""
    from keras import layers

    half = IMAGE_SIZE // 2
    x = layers.Reshape((half, 2, half, 2))(images)
    return layers.Reshape((half, half, 4))(layers.Permute((1, 3, 2, 4))(x))


def _convolve(x: Outputs, filters: int, padding: str = "same") -> "keras.KerasTensor":
    from keras import layers

    x = layers.Conv2D(filters, 3, padding=padding, use_bias=False)(x)
    return layers.Activation("relu")(layers.BatchNormalization()(x))


# These recipes train from scratch. docs/results.md has the commands that trained the models which
# come with the project on, and from what.
_RECIPE = {
    "batch_size": 512,
    "optimiser": "adamw",
    "learning_rate": 3e-3,
    "schedule": "cosine",
    "weight_decay": 0.02,
    "averaging": 0.9998,
    "augmentation": "handwriting",
    "corruption_families": ("noise", "blur", "distortion", "light", "occlusion", "digital"),
    "corrupted_share": 0.6,
    "synthetic_digits": 40_000,
    "precision": "int8",
    "non_digits": 30_000,
}
DIGIT_NET = (
    Architecture(
        name="digit-net",
        build=digit_net,
        summary="Our own, with six convolution layers, which look for patterns. It was trained on "
        "corrupted digits, and to reject what is no digit.",
        recipe=_RECIPE | {"epochs": 300, "label_smoothing": 0.02, "distillation": 0.6},
        trial_epochs=3,
        fixed_megabytes=1000,
        image_megabytes=0.35,
        non_digit_megabytes=0.012,
        step_seconds=3e-3,
        image_seconds=350e-6,
    ),
    Architecture(
        name="digit-net-wide",
        build=digit_net_wide,
        summary="Our own, with half as many channels again as digit-net: two and a half times the "
        "work. The most accurate on corrupted digits, and the slowest to train.",
        recipe=_RECIPE | {"epochs": 1132, "label_smoothing": 0.05},
        trial_epochs=3,
        fixed_megabytes=1000,
        image_megabytes=0.6,  # at 1,024 images a batch in half precision, where it takes most
        non_digit_megabytes=0.017,
        step_seconds=3e-3,
        image_seconds=1000e-6,
    ),
)
