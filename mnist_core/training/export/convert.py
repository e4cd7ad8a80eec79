"""A Keras model -> the `.tflite` that serves it, checked to give the same answers.

Imports TensorFlow.
"""

import contextlib
import io
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.config import PRECISIONS
from mnist_core.data import Mnist
from mnist_core.errors import ModelError
from mnist_core.pixels import to_float
from mnist_core.serving import Predictor, to_probabilities
from mnist_core.synthesis import non_digits
from mnist_core.training import augmentation
from mnist_core.training.config import TrainingConfig
from mnist_core.training.export.keras_models import keras_outputs, output_kind

if TYPE_CHECKING:
    import keras

LARGEST_DIFFERENCE = 1e-4
LARGEST_LOSS_OF_ACCURACY = 0.0005
CALIBRATION_IMAGES = 500
OTHERS = 10  # of these, one in so many is a non-digit


def to_tflite(
    model: "keras.Model", *, precision: str = "float32", calibration: np.ndarray | None = None
) -> bytes:
    """Convert a Keras model for LiteRT.

    Parameters
    ----------
    model : input (n, 28, 28) float32, or (n, h, w, 1) of any height and width
    precision : "float32", or "int8" for 8-bit weights and arithmetic between float32 ends
    calibration : float32, for int8: images like those that it will get, all of one size

    Returns
    -------
    a `.tflite` file

    Raises
    ------
    ValueError : unknown precision, or int8 without calibration images
    """
    if precision not in PRECISIONS:
        raise ValueError(f"Precision is one of {', '.join(PRECISIONS)}, received {precision!r}.")
    if precision == "int8" and calibration is None:
        raise ValueError("int8 needs calibration images, received none.")
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if precision == "int8" and calibration is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        chosen = calibration[:CALIBRATION_IMAGES]
        converter.representative_dataset = lambda: ([image[None]] for image in chosen)
    with contextlib.redirect_stdout(io.StringIO()):  # Keras prints the signature it exports
        return converter.convert()


def calibration_images(config: TrainingConfig, mnist: Mnist) -> np.ndarray:
    """Return images by which 8-bit ranges are set.

    They are training images, half of them corrupted as in training, and a few non-digits.

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]
    """
    images = to_float(mnist.train.images[:CALIBRATION_IMAGES])
    rng = np.random.default_rng(config.seed)
    images[::2] = augmentation.corrupt_some(images[::2], config.corruption_families, rng, share=1)
    others = len(images) // OTHERS
    if others:
        images[-others:] = to_float(non_digits.make(others, rng)[0])
    return images


def check_agreement(
    model: "keras.Model",
    tflite: bytes,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    precision: str,
) -> dict[str, float]:
    """Compare a Keras model with its `.tflite` on real images.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1]
    labels : int (n,)
    precision : "float32" (outputs may differ by less than 1e-4; logits are compared after
        softmax) or "int8" (accuracy may differ by at most 0.05 percentage points)

    Returns
    -------
    `largest_difference` of an output, and both accuracies as `keras` and `tflite`

    Raises
    ------
    ModelError : they differ by more
    """
    kind = output_kind(model)
    expected = keras_outputs(model, images)
    found, *_ = Predictor(tflite, output=kind).outputs(images)
    if kind == "logits":
        expected, found = to_probabilities(expected, kind), to_probabilities(found, kind)
    report = {
        "largest_difference": float(np.abs(expected - found).max()),
        "keras": float((expected.argmax(axis=1) == labels).mean()),
        "tflite": float((found.argmax(axis=1) == labels).mean()),
    }
    if precision == "float32" and not report["largest_difference"] < LARGEST_DIFFERENCE:
        raise ModelError(
            f"LiteRT's outputs differ from Keras's by up to {report['largest_difference']:g};"
            f" at most {LARGEST_DIFFERENCE:g} is allowed."
        )
    if abs(report["keras"] - report["tflite"]) > LARGEST_LOSS_OF_ACCURACY + 1e-9:
        raise ModelError(
            f"Accuracy is {report['tflite']:.4f} in LiteRT and {report['keras']:.4f} in Keras; "
            f"at most {LARGEST_LOSS_OF_ACCURACY:.2%} apart is allowed."
        )
    return report
