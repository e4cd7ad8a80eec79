"""A trained Keras detector -> one that can be served: converted, compared and measured.

Imports TensorFlow.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.data import Mnist
from mnist_core.errors import ModelError
from mnist_core.evaluation import metrics
from mnist_core.training import export
from mnist_core.training.config import TrainingConfig
from mnist_core.training.detection.data import SIZES, CropMaker, MakeCrop, make_example
from mnist_core.training.detection.validation import THRESHOLD, Crops, held_out_crops, measure

if TYPE_CHECKING:
    import keras

CALIBRATION_CROPS, COMPARED_CROPS, TEST_CROPS = 80, 64, 480
TEST_SEED = 20_180_000  # held-out crops that no weights were chosen by
LARGEST_LOSS = 0.01  # of recall or precision, by 8 bits
LARGEST_DIFFERENCE = 1e-3  # of an answer, in 32 bits
Predict = Callable[[np.ndarray], np.ndarray]


def make_servable(model: "keras.Model", config: TrainingConfig, mnist: Mnist) -> export.Servable:
    """Convert a trained detector, compare both forms, and measure it on held-out crops.

    Raises
    ------
    ModelError : LiteRT does not answer as Keras does
    """
    make = CropMaker(mnist)
    crops = held_out_crops(make)
    tflite, precision, agreement = _convert(model, config, make)
    predict = litert_predict(tflite)
    measured = {
        "validation": _scores(predict, crops),
        "test": _scores(predict, held_out_crops(make, TEST_CROPS, seed=TEST_SEED)),
        "agreement": agreement,
    }
    return export.Servable(tflite, precision, "marks", 1.0, THRESHOLD, measured)


def litert_predict(tflite: bytes) -> Predict:
    """Return `predict(contrast) -> answers` of a detector in LiteRT, a crop at a time."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=tflite, num_threads=2)
    (given,), (answered,) = interpreter.get_input_details(), interpreter.get_output_details()

    def predict(contrast: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(given["index"], (1, *contrast.shape[1:]), strict=False)
        interpreter.allocate_tensors()
        answers = []
        for crop in contrast:
            interpreter.set_tensor(given["index"], crop[None])
            interpreter.invoke()
            answers.append(interpreter.get_tensor(answered["index"])[0])
        return np.stack(answers)

    return predict


def _convert(
    model: "keras.Model", config: TrainingConfig, make: MakeCrop
) -> tuple[bytes, str, dict[str, float]]:
    """Return the `.tflite`, its precision, and how far it agrees with the Keras model.

    A model that 8 bits would harm, because it has hardly learned, is stored with 32.
    """
    crops = held_out_crops(make, COMPARED_CROPS)
    precision = config.precision
    calibration = _calibration_crops(make, config.seed)
    tflite = export.to_tflite(model, precision=precision, calibration=calibration)
    try:
        return tflite, precision, check_agreement(model, tflite, crops, precision=precision)
    except ModelError:
        if precision == "float32":
            raise
    tflite = export.to_tflite(model)
    return tflite, "float32", check_agreement(model, tflite, crops, precision="float32")


def check_agreement(
    model: "keras.Model", tflite: bytes, crops: list[Crops], *, precision: str
) -> dict[str, float]:
    """Compare a Keras detector with its `.tflite`.

    Parameters
    ----------
    precision : "float32" (answers may differ by at most 0.001) or "int8" (recall and precision may
        fall by at most 0.01)

    Returns
    -------
    `largest_difference` of an answer, and the recall of both as `keras` and `tflite`

    Raises
    ------
    ModelError : they differ by more
    """
    predict = litert_predict(tflite)
    keras_predict: Any = model.predict_on_batch
    difference = max(
        float(np.abs(keras_predict(part.contrast) - predict(part.contrast)).max()) for part in crops
    )
    expected, found = measure(keras_predict, crops), measure(predict, crops)
    lost = max(expected[name] - found[name] for name in ("recall", "precision"))
    if precision == "float32" and difference > LARGEST_DIFFERENCE:
        raise ModelError(
            f"LiteRT's answers differ from Keras's by up to {difference:g}; at most "
            f"{LARGEST_DIFFERENCE:g} is allowed."
        )
    if lost > LARGEST_LOSS:
        raise ModelError(
            f"LiteRT finds {found['recall']:.4f} of the digits with a precision of "
            f"{found['precision']:.4f}, Keras {expected['recall']:.4f} with "
            f"{expected['precision']:.4f}; at most {LARGEST_LOSS:.0%} less is allowed."
        )
    return {
        "largest_difference": difference,
        "keras": expected["recall"],
        "tflite": found["recall"],
    }


def _calibration_crops(make: MakeCrop, seed: int) -> np.ndarray:
    """Return crops by which 8-bit ranges are set, float32 (n, h, w, 1), all of one size."""
    rngs = (np.random.default_rng([seed, 1, number]) for number in range(CALIBRATION_CROPS))
    return np.stack([make_example(make, rng, SIZES[0]).contrast for rng in rngs])[..., None]


def _scores(predict: Predict, crops: list[Crops]) -> dict[str, Any]:
    """Return what a card says of held-out crops: n digits, the share found and read correctly."""
    found = measure(predict, crops)
    n = int(found.pop("digits"))
    correct = round(found["recall"] * n)
    scores = {"n": n, "accuracy": correct / max(n, 1)}
    scores["interval"] = metrics.accuracy_interval(correct, max(n, 1))
    return scores | {"crops_n": sum(len(part.marks) for part in crops)} | found
