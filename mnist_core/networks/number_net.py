"""The detector that finds digits and separators anywhere on a picture."""

from typing import TYPE_CHECKING, Any

from mnist_core.config import MARKS
from mnist_core.networks.record import Architecture

if TYPE_CHECKING:
    import keras

# How far the blocks at the lowest resolution reach, down and along the line: 26 cells of 16 pixels
# in all to either side, so that the network sees the whole line, and the last one leaves no gaps.
RATES = ((1, 1), (1, 2), (1, 4), (2, 4), (1, 8), (1, 1))


def number_net() -> "keras.Model":
    """Our own detector: residual blocks at three resolutions, joined at a quarter of the full size.

    It takes the local contrast of a picture, float32 (n, h, w, 1), h and w multiples of 16. For
    every cell of 4 x 4 pixels it gives 21 numbers, (n, h/4, w/4, 21): the logit of a mark's centre
    lying here; the logits of 16 kinds of marks, as MARKS orders them; how far right and below the
    middle of the cell the centre lies, in cells; the logarithms of width and height, 0 for 16
    pixels. A blank picture is nearly free of marks from the first step on, which focal loss needs.

    Source: X. Zhou, D. Wang and P. Krähenbühl, "Objects as points" (2019), for what it gives;
    K. He and others, "Deep residual learning for image recognition" (2016), whose blocks have no
    normalisation here and begin as the identity instead, after H. Zhang, Y. Dauphin and T. Ma,
    "Fixup initialization" (2019); T.-Y. Lin and others, "Feature pyramid networks for object
    detection" (2017), for joining coarse and fine maps; F. Yu and V. Koltun, "Multi-scale context
    aggregation by dilated convolutions" (2016), for seeing a whole line at once.
    """
    from keras import KerasTensor, Model, initializers, layers

    def convolve(
        x: KerasTensor,
        filters: int,
        size: int = 3,
        *,
        strides: int = 1,
        rate: tuple[int, int] = (1, 1),
        activation: str | None = "relu",
        start: str = "he_normal",
    ) -> KerasTensor:
        options = {"activation": activation, "kernel_initializer": start}
        return layers.Conv2D(filters, size, strides, "same", dilation_rate=rate, **options)(x)

    def block(x: KerasTensor, rate: tuple[int, int] = (1, 1)) -> KerasTensor:
        y = convolve(x, x.shape[-1], rate=rate)
        y = convolve(y, x.shape[-1], activation=None, start="zeros")
        return layers.Activation("relu")(layers.Add()([x, y]))

    def answer(x: KerasTensor, count: int, bias: float = 0.0) -> KerasTensor:
        options: dict[str, Any] = {
            "kernel_initializer": initializers.RandomNormal(stddev=0.01),
            "bias_initializer": initializers.Constant(bias),
        }
        return layers.Conv2D(count, 1, dtype="float32", **options)(x)

    inputs: Any = layers.Input((None, None, 1))
    x = convolve(inputs, 16, 5, strides=2)  # h/2 x w/2 x 16
    x = quarter = block(block(convolve(x, 48, strides=2)))  # h/4 x w/4 x 48
    x = block(block(convolve(x, 96, strides=2)))  # h/8 x w/8 x 96
    x = eighth = block(x, (2, 2))
    x = convolve(x, 128, strides=2)  # h/16 x w/16 x 128
    for rate in RATES:
        x = block(x, rate)
    x = convolve(x, 64, 1, activation=None)
    for finer in (eighth, quarter):  # h/8 x w/8 x 64, then h/4 x w/4 x 64
        x = layers.Add()([layers.UpSampling2D()(x), convolve(finer, 64, 1, activation=None)])
        x = convolve(x, 64)
    x = convolve(x, 64)
    answers = [answer(x, 1, bias=-4.0), answer(x, len(MARKS)), answer(x, 4)]
    return Model(inputs, layers.Concatenate(dtype="float32")(answers), name="number-net")


NUMBER_NET = (
    Architecture(
        name="number-net",
        build=number_net,
        summary="Our own detector: it finds digits and the signs between them on whole pages, and "
        "learns from pages made by code.",
        # The model that comes with the project was trained by this recipe with half_precision on.
        recipe={
            "epochs": 240,
            "batch_size": 16,
            "learning_rate": 1e-3,
            "weight_decay": 0.02,
            "averaging": 0.999,
            "precision": "int8",
        },
        trial_epochs=5,
        fixed_megabytes=1200,
        image_megabytes=20,
        step_seconds=20e-3,
        image_seconds=40e-3,
        task="detection",
        epoch_images=8000,
    ),
)
