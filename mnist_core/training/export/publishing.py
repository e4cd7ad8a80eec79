"""A finished training -> the models folder: converted, checked, calibrated, measured once.

Imports TensorFlow, to turn the Keras model into `.tflite`.
"""

import dataclasses
import json
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np

from mnist_core import serving
from mnist_core.corruptions import CORRUPTIONS, corrupt
from mnist_core.errors import ModelError
from mnist_core.evaluation import evaluate_selective, metrics
from mnist_core.networks import ARCHITECTURES
from mnist_core.pixels import to_float
from mnist_core.serving import Predictor
from mnist_core.serving.probabilities import apply_temperature
from mnist_core.training import rejection
from mnist_core.training.config import TrainingConfig, with_new_names
from mnist_core.training.export import descriptions
from mnist_core.training.export.convert import calibration_images, check_agreement, to_tflite
from mnist_core.training.export.keras_models import (
    load_model,
    load_trained,
    output_kind,
)
from mnist_core.workspace import WORKSPACE, Workspace

ACCEPTED = 0.997  # share of clean validation digits that are to pass for digits
REJECTED = 40  # made-up non-digits of each kind to measure the rejection by


def publish(config, mnist, best, *, history=(), workspace: Workspace = WORKSPACE, replace=False):
    """Turn the best weights of a training into a model that can be served.

    The temperature and the threshold are set on the validation images. The test images are
    read once, to be reported on the card. A model that 8 bits would harm is stored with 32.

    Parameters
    ----------
    config : TrainingConfig
    mnist : data.Mnist
    best : Path of the `.keras` file with the best weights
    history : list of dict, what `training.read_history` returns; for the card
    replace : bool, whether a model of that name may be replaced

    Returns
    -------
    storage.Card

    Raises
    ------
    ModelError : no epoch was finished, or LiteRT does not answer as Keras does
    ModelError : the name is taken and `replace` is false
    """
    import tensorflow as tf

    best = Path(best)
    if not best.exists():
        raise ModelError("No epoch was finished, so there is no model to keep.")
    model = load_trained(config.architecture, best)
    tflite, predict, precision, measured = _serve(model, config, mnist)
    architecture = ARCHITECTURES[config.architecture]
    card = serving.Card(
        name=config.name,
        title=serving.title_of(config.name),
        summary=architecture.title,
        architecture=config.architecture,
        source=architecture.source,
        parameters=model.count_params(),
        trained_on={
            "data": descriptions.data_seen(config, mnist),
            "made_up_digits": config.synthetic_digits,
            "augmentation": config.augmentation,
            "corruption_families": list(config.corruption_families),
            **descriptions.out_of_balance(config, mnist),
        },
        training=asdict(config)
        | {"corruption_families": list(config.corruption_families)}
        | {"epochs_done": len(history)},
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
    return serving.save_model(card, contents, workspace=workspace, replace=replace)


def renew(name, mnist, *, others=None, workspace: Workspace = WORKSPACE):
    """Make the served form of a model anew from its Keras model, which stays as it is.

    Parameters
    ----------
    name : str
    mnist : data.Mnist
    others : int or None, made-up pictures to learn to reject; None for as many as before

    Returns
    -------
    storage.Card

    Raises
    ------
    ModelError : LiteRT does not answer as Keras does
    ModelError : there is no such model, or it is damaged
    """
    card = serving.load_card(name, workspace=workspace)
    config = TrainingConfig.from_json(json.dumps(card.training))
    if others:
        config = dataclasses.replace(config, non_digits=others)
    model = load_model(name, workspace=workspace)
    tflite, predict, precision, measured = _serve(model, config, mnist)
    renewed = dataclasses.replace(
        card,
        training=with_new_names(card.training) | {"non_digits": config.non_digits},
        metrics=card.metrics | measured,
        precision=precision,
        temperature=predict.temperature,
        threshold=predict.threshold,
    )
    kept = serving.read_file(card, "model.keras", workspace=workspace)
    contents = {"model.keras": kept, "model.tflite": tflite}
    return serving.save_model(renewed, contents, workspace=workspace, replace=True)


def _serve(model, config, mnist):
    """Turn a Keras model into one that can be served, set by and measured on MNIST.

    Returns
    -------
    (bytes, Predictor, str, dict) : the `.tflite`, open with its temperature and threshold, its
        precision, and what was measured
    """
    chosen, labels = to_float(mnist.validation.images), mnist.validation.labels
    taught = rejection.add_head(model, config, mnist)
    precision = config.precision
    calibration = calibration_images(config, mnist)
    tflite = to_tflite(taught, precision=precision, calibration=calibration)
    try:
        agreement = check_agreement(model, tflite, chosen, labels, precision=precision)
    except ModelError:
        # Networks that have hardly learnt may not bear 8 bits.
        if precision == "float32":
            raise
        precision = "float32"
        tflite = to_tflite(taught)
        agreement = check_agreement(model, tflite, chosen, labels, precision=precision)

    predict = Predictor(tflite, output=output_kind(model))
    seen = predict.predict_full(chosen)
    predict.temperature = metrics.fit_temperature(seen.probabilities, labels)
    predict.threshold = float(np.quantile(seen.is_digit, 1 - ACCEPTED))
    probabilities = apply_temperature(seen.probabilities, predict.temperature)
    accepted = predict.accepts(seen.is_digit)
    measured = {
        "validation": metrics.summarise(probabilities, labels, accepted=accepted),
        "test": evaluate_selective(predict, to_float(mnist.test.images), mnist.test.labels),
        "agreement": agreement,
        "rejection": rejection.measure(
            predict.predict_full, seen.is_digit, REJECTED, seed=config.seed
        ),
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
    corrupted = np.empty_like(images)
    for place, name in enumerate(CORRUPTIONS):
        part = np.s_[place :: len(CORRUPTIONS)]
        if len(images[part]):
            corrupted[part] = corrupt(images[part], name, 0.5, seed=0)
    found = {}
    for kind, shown in (("clean", images), ("damaged", corrupted)):
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
