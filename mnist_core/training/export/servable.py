"""A trained Keras model -> one that can be served: converted, calibrated and measured on MNIST.

Imports TensorFlow, to turn the Keras model into `.tflite`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.corruptions import CORRUPTIONS, corrupt
from mnist_core.data import Mnist, Split
from mnist_core.errors import ModelError
from mnist_core.evaluation import evaluate_selective, metrics
from mnist_core.pixels import to_float
from mnist_core.serving import REPLAY, Predictor, is_accepted
from mnist_core.serving.probabilities import apply_temperature
from mnist_core.training import rejection
from mnist_core.training.config import TrainingConfig
from mnist_core.training.export.convert import calibration_images, check_agreement, to_tflite
from mnist_core.training.export.keras_models import output_kind
from mnist_core.training.export.replay import make_replay

if TYPE_CHECKING:
    import keras

SHARE_ACCEPTED = 0.997  # share of clean validation digits that the threshold accepts
NON_DIGITS_A_KIND = 40  # synthetic non-digits of each kind to measure rejection by


@dataclass(frozen=True)
class Servable:
    """A model in the form that is served.

    Attributes
    ----------
    tflite : the `.tflite` file
    precision, output, temperature, threshold, metrics : as on `serving.Card`
    replay : the file by which it can be taught more; None for a detector
    """

    tflite: bytes
    precision: str
    output: str
    temperature: float
    threshold: float
    metrics: dict[str, Any]
    replay: bytes | None = None

    @property
    def files(self) -> dict[str, bytes]:
        """The files of the models folder that it brings, by their names."""
        replay = {} if self.replay is None else {REPLAY: self.replay}
        return {"model.tflite": self.tflite} | replay


def make_servable(model: "keras.Model", config: TrainingConfig, mnist: Mnist) -> Servable:
    """Convert a trained model, set its temperature and threshold, and measure it.

    Temperature and threshold are set on the validation images. The test images are used once, to
    report the accuracy. A model that 8 bits would harm is stored with 32.

    Raises
    ------
    ModelError : LiteRT does not answer as Keras does
    """
    images, labels = to_float(mnist.validation.images), mnist.validation.labels
    tflite, precision, agreement = _convert(model, config, mnist)
    predictor = Predictor(tflite, output=output_kind(model))
    found = predictor.predict_full(images)
    predictor.temperature = metrics.fit_temperature(found.probabilities, labels)
    predictor.threshold = float(np.quantile(found.is_digit, 1 - SHARE_ACCEPTED))
    probabilities = apply_temperature(found.probabilities, predictor.temperature)
    accepted = is_accepted(found.is_digit, predictor.rejection_threshold)
    measured = {
        "validation": metrics.summarise(probabilities, labels, accepted=accepted),
        "test": evaluate_selective(predictor, to_float(mnist.test.images), mnist.test.labels),
        "agreement": agreement,
        "rejection": rejection.measure(
            predictor.predict_full, found.is_digit, NON_DIGITS_A_KIND, seed=config.seed
        ),
        "held_out": rejection.measure_held_out(
            predictor.predict_full, found.is_digit, NON_DIGITS_A_KIND, seed=config.seed
        ),
        "confidence": _calibration(predictor, mnist.test),
    }
    return Servable(
        tflite,
        precision,
        predictor.output,
        predictor.temperature,
        predictor.threshold,
        measured,
        make_replay(predictor, mnist).to_bytes(),
    )


def _convert(
    model: "keras.Model", config: TrainingConfig, mnist: Mnist
) -> tuple[bytes, str, dict[str, float]]:
    """Return the `.tflite`, its precision, and how far it agrees with the Keras model."""
    images, labels = to_float(mnist.validation.images), mnist.validation.labels
    whole = rejection.add_head(model, config, mnist)
    precision = config.precision
    calibration = calibration_images(config, mnist)
    tflite = to_tflite(whole, precision=precision, calibration=calibration)
    try:
        agreement = check_agreement(model, tflite, images, labels, precision=precision)
    except ModelError:
        # Networks that have hardly learned may not survive 8 bits.
        if precision == "float32":
            raise
        precision = "float32"
        tflite = to_tflite(whole)
        agreement = check_agreement(model, tflite, images, labels, precision=precision)
    return tflite, precision, agreement


def _calibration(
    predict: Callable[[np.ndarray], np.ndarray], test: Split
) -> dict[str, dict[str, Any]]:
    """Measure calibration on clean and on corrupted test images.

    Returns
    -------
    `clean` and `damaged` (the name on cards), each with `n`, `ece`, `reliability` (as
    `metrics.reliability` has it) and `selective`, the accuracy at each of metrics.COVERAGES. All
    images are corrupted, each by one corruption, in turns, at severity 0.5
    """
    images = to_float(test.images)
    corrupted = np.empty_like(images)
    for place, name in enumerate(CORRUPTIONS):
        part = np.s_[place :: len(CORRUPTIONS)]
        if len(images[part]):
            corrupted[part] = corrupt(images[part], name, 0.5, seed=0)
    measured = {}
    for kind, shown in (("clean", images), ("damaged", corrupted)):
        probabilities = predict(shown)
        confidence = probabilities.max(axis=1)
        correct = probabilities.argmax(axis=1) == test.labels
        measured[kind] = {
            "n": len(shown),
            "ece": metrics.expected_calibration_error(confidence, correct),
            "reliability": metrics.reliability(confidence, correct),
            "selective": metrics.accuracy_by_coverage(confidence, correct, metrics.COVERAGES),
        }
    return measured
