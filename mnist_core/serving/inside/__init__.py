"""What each layer of a classifier makes of an image, from its `.tflite` alone."""

from mnist_core.serving.inside.interpreter import Inside
from mnist_core.serving.inside.layer import Layer, contributions
from mnist_core.serving.inside.sight import WHOLE_PIXELS, Sight

__all__ = ["WHOLE_PIXELS", "Inside", "Layer", "Sight", "contributions"]
