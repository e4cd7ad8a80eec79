"""A finished training -> the models folder: converted, checked, calibrated, measured once.

Imports TensorFlow, to turn the Keras model into `.tflite`.
"""

import contextlib
import dataclasses
import io
import json
import platform
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from mnist_core import (
    augmentation,
    descriptions,
    metrics,
    nondigits,
    recipes,
    rejection,
    storage,
    zoo,
)
from mnist_core.config import MODELS_DIR, PRECISIONS
from mnist_core.corruptions import CORRUPTIONS, corrupt
from mnist_core.data import to_float
from mnist_core.inference import Predictor, evaluate, to_probabilities

LARGEST_DIFFERENCE = 1e-4
LARGEST_LOSS_OF_ACCURACY = 0.0005
CALIBRATION_IMAGES = 500
OTHERS = 10  # of these, one in so many is no digit
ACCEPTED = 0.997  # share of clean validation digits that are to pass for digits
REJECTED = 40  # made-up non-digits of each kind to measure the rejection by


class ExportError(Exception):
    """The `.tflite` model does not answer as the Keras model does; it must not be shipped."""


def output_kind(model):
    """Return what a Keras model's ten numbers are: "softmax", "sigmoid" or "logits".

    Raises
    ------
    ValueError : its last layer has another activation
    """
    activation = model.layers[-1].activation.__name__
    kinds = {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "logits"}
    if activation not in kinds:
        raise ValueError(
            f"The last layer's activation is {activation!r}; expected {', '.join(kinds)}."
        )
    return kinds[activation]


def to_tflite(model, *, precision="float32", calibration=None):
    """Convert a Keras model for LiteRT.

    Parameters
    ----------
    model : keras.Model, input (n, 28, 28) float32
    precision : "float32", or "int8" for 8-bit weights and arithmetic between float32 ends
    calibration : float32 array (n, 28, 28) in [0, 1]; for int8, images like those to be read

    Returns
    -------
    bytes of a `.tflite` file

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
    if precision == "int8":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        chosen = calibration[:CALIBRATION_IMAGES]
        converter.representative_dataset = lambda: ([image[None]] for image in chosen)
    with contextlib.redirect_stdout(io.StringIO()):  # Keras prints the signature it exports
        return converter.convert()


def calibration_images(config, mnist):
    """Return images by which 8-bit ranges are set.

    They are training images, half of them damaged as in training, and a few non-digits.

    Parameters
    ----------
    config : recipes.TrainingConfig
    mnist : data.Mnist

    Returns
    -------
    float32 array (n, 28, 28) in [0, 1]
    """
    images = to_float(mnist.train.images[:CALIBRATION_IMAGES])
    rng = np.random.default_rng(config.seed)
    images[::2] = augmentation.damage(images[::2], config.damage, rng, share=1)
    others = len(images) // OTHERS
    if others:
        images[-others:] = to_float(nondigits.make(others, rng)[0])
    return images


def load_trained(architecture, path):
    """Load the weights of a training into a model that computes in float32.

    Parameters
    ----------
    architecture : a key of `zoo.ARCHITECTURES`
    path : Path of a `.keras` file of that architecture, trained in any precision

    Returns
    -------
    keras.Model, uncompiled
    """
    import keras

    model = zoo.build(architecture)
    model.set_weights(keras.saving.load_model(path, compile=False).get_weights())
    return model


def load_model(name, *, models_dir=MODELS_DIR):
    """Load the Keras model of a folder of ours.

    Parameters
    ----------
    name : str, a folder of models_dir
    models_dir : Path

    Returns
    -------
    keras.Model, uncompiled

    Raises
    ------
    storage.StorageError : there is no such model, or its file differs from what its card says
    """
    import keras

    content = storage.read_file(
        storage.load_card(name, models_dir=models_dir), "model.keras", models_dir=models_dir
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        return keras.saving.load_model(path, compile=False)


def keras_outputs(model, images):
    """Return a Keras model's ten numbers for each of at least one image, in bounded memory."""
    return np.concatenate(
        [model.predict_on_batch(images[i : i + 500]) for i in range(0, len(images), 500)]
    )


def keras_predict(model):
    """Return `predict(images) -> probabilities` for a Keras model; it takes at least one image."""
    kind = output_kind(model)
    return lambda images: to_probabilities(keras_outputs(model, images), kind)


def check_agreement(model, tflite, images, labels, *, precision):
    """Compare a Keras model with its `.tflite` on real images.

    Parameters
    ----------
    model : keras.Model
    tflite : bytes
    images : float32 array (n, 28, 28)
    labels : int array (n,)
    precision : "float32" (outputs may differ by less than 1e-4; logits are compared after
        softmax) or "int8" (accuracy may differ by at most 0.05 percentage points)

    Returns
    -------
    dict : largest_difference of an output, and both accuracies as `keras` and `tflite`

    Raises
    ------
    ExportError : they differ by more
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
        raise ExportError(
            f"LiteRT's outputs differ from Keras's by up to {report['largest_difference']:g};"
            f" at most {LARGEST_DIFFERENCE:g} is allowed."
        )
    if abs(report["keras"] - report["tflite"]) > LARGEST_LOSS_OF_ACCURACY + 1e-9:
        raise ExportError(
            f"Accuracy is {report['tflite']:.4f} in LiteRT and {report['keras']:.4f} in Keras; "
            f"at most {LARGEST_LOSS_OF_ACCURACY:.2%} apart is allowed."
        )
    return report


def publish(config, mnist, best, *, history=(), models_dir=MODELS_DIR, replace=False):
    """Turn the best weights of a training into a model that can be served.

    The temperature and the threshold are set on the validation images. The test images are
    read once, to be reported on the card. A model that 8 bits would harm is stored with 32.

    Parameters
    ----------
    config : recipes.TrainingConfig
    mnist : data.Mnist
    best : Path of the `.keras` file with the best weights
    history : list of dict, what `training.read_history` returns; for the card
    models_dir : Path
    replace : bool, whether a model of that name may be replaced

    Returns
    -------
    storage.Card

    Raises
    ------
    ExportError : no epoch was finished, or LiteRT does not answer as Keras does
    storage.StorageError : the name is taken and `replace` is false
    """
    import tensorflow as tf

    best = Path(best)
    if not best.exists():
        raise ExportError("No epoch was finished, so there is no model to keep.")
    model = load_trained(config.architecture, best)
    tflite, predict, precision, measured = _serve(model, config, mnist)
    summary, source = descriptions.describe(zoo.ARCHITECTURES[config.architecture])
    card = storage.Card(
        name=config.name,
        title=storage.title_of(config.name),
        summary=summary,
        architecture=config.architecture,
        source=source,
        parameters=model.count_params(),
        trained_on={
            "data": descriptions.data_seen(config, mnist),
            "made_up_digits": config.made_up,
            "augmentation": config.augmentation,
            "corruption_families": list(config.damage),
            **descriptions.out_of_balance(config, mnist),
        },
        training=asdict(config) | {"damage": list(config.damage), "epochs_done": len(history)},
        metrics=measured,
        output=predict.output,
        precision=precision,
        temperature=predict.temperature,
        threshold=predict.threshold,
        versions={"python": platform.python_version()}
        | {"tensorflow": tf.__version__}
        | {name: metadata.version(name) for name in ("keras", "numpy", "ai-edge-litert")},
        date=datetime.now(UTC).date().isoformat(),
        layers=descriptions.describe_layers(model),
    )
    whole = best.with_name("model.keras")
    model.save(whole)  # unlike `best`, without the optimiser's numbers
    contents = {"model.keras": whole.read_bytes(), "model.tflite": tflite}
    whole.unlink()
    return storage.save_model(card, contents, models_dir=models_dir, replace=replace)


def renew(name, mnist, *, others=None, models_dir=MODELS_DIR):
    """Make the served form of a model anew from its Keras model, which stays as it is.

    Parameters
    ----------
    name : str
    mnist : data.Mnist
    others : int or None, made-up pictures to learn to reject; None for as many as before
    models_dir : Path

    Returns
    -------
    storage.Card

    Raises
    ------
    ExportError : LiteRT does not answer as Keras does
    storage.StorageError : there is no such model, or it is damaged
    """
    card = storage.load_card(name, models_dir=models_dir)
    config = recipes.from_json(json.dumps(card.training))
    if others:
        config = dataclasses.replace(config, nondigits=others)
    model = load_model(name, models_dir=models_dir)
    tflite, predict, precision, measured = _serve(model, config, mnist)
    renewed = dataclasses.replace(
        card,
        training=card.training | {"nondigits": config.nondigits},
        metrics=card.metrics | measured,
        precision=precision,
        temperature=predict.temperature,
        threshold=predict.threshold,
    )
    kept = storage.read_file(card, "model.keras", models_dir=models_dir)
    contents = {"model.keras": kept, "model.tflite": tflite}
    return storage.save_model(renewed, contents, models_dir=models_dir, replace=True)


def _serve(model, config, mnist):
    """Turn a Keras model into one that can be served, set by and measured on MNIST.

    Returns
    -------
    (bytes, Predictor, str, dict) : the `.tflite`, open with its temperature and threshold, its
        precision, and what was measured
    """
    chosen, labels = to_float(mnist.validation.images), mnist.validation.labels
    taught = rejection.teach(model, config, mnist)
    precision = config.precision
    calibration = calibration_images(config, mnist)
    tflite = to_tflite(taught, precision=precision, calibration=calibration)
    try:
        agreement = check_agreement(model, tflite, chosen, labels, precision=precision)
    except ExportError:
        # Networks that have hardly learnt may not bear 8 bits.
        if precision == "float32":
            raise
        precision = "float32"
        tflite = to_tflite(taught)
        agreement = check_agreement(model, tflite, chosen, labels, precision=precision)

    predict = Predictor(tflite, output=output_kind(model))
    seen = predict.look(chosen)
    predict.temperature = metrics.fit_temperature(seen.probabilities, labels)
    predict.threshold = float(np.quantile(seen.is_digit, 1 - ACCEPTED))
    probabilities = metrics.apply_temperature(seen.probabilities, predict.temperature)
    accepted = predict.accepts(seen.is_digit)
    measured = {
        "validation": metrics.summarise(probabilities, labels, accepted=accepted),
        "test": evaluate(predict, to_float(mnist.test.images), mnist.test.labels),
        "agreement": agreement,
        "rejection": rejection.measure(predict.look, seen.is_digit, REJECTED, seed=config.seed),
        "confidence": _confidence(predict, mnist.test),
    }
    return tflite, predict, precision, measured


def _confidence(predict, test):
    """Measure how far confidence can be trusted, on clean and on damaged test images.

    Returns
    -------
    dict : `clean` and `damaged`, each with `n`, `ece`, `reliability` (as `metrics.reliability`
        has it) and `selective`, the accuracy at each of metrics.COVERAGES. Damaged are all
        images, each by one corruption, in turns, at the middle severity
    """
    images = to_float(test.images)
    damaged = np.empty_like(images)
    for place, name in enumerate(CORRUPTIONS):
        part = np.s_[place :: len(CORRUPTIONS)]
        if len(images[part]):
            damaged[part] = corrupt(images[part], name, 0.5, seed=0)
    found = {}
    for kind, shown in (("clean", images), ("damaged", damaged)):
        probabilities = predict(shown)
        confidence = probabilities.max(axis=1)
        right = probabilities.argmax(axis=1) == test.labels
        found[kind] = {
            "n": len(shown),
            "ece": metrics.expected_calibration_error(confidence, right),
            "reliability": metrics.reliability(confidence, right),
            "selective": metrics.accuracy_by_coverage(confidence, right, metrics.COVERAGES),
        }
    return found
