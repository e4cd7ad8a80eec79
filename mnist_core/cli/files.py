"""`predict` and `models`: files of images in, answers out; what models there are."""

import json
import os
import warnings

import numpy as np

from mnist_core import serving
from mnist_core.cli.common import load_mnist, read_npz, say
from mnist_core.errors import DataError


def run_predict(options):
    """Read the images of a file and write the answers to another."""
    (images,) = read_npz(options.file, ("x",))
    predictor = serving.load_predictor(options.model, workspace=options.workspace)
    seen = predictor.predict_full(images)
    answers = {
        "probabilities": seen.probabilities,
        "digit": seen.probabilities.argmax(axis=1).astype(np.uint8),
        "confidence": seen.probabilities.max(axis=1),
        "is_digit": seen.is_digit,
        "accepted": predictor.accepts(seen.is_digit),
    }
    try:
        with options.out.open("wb") as file:
            np.savez(file, **answers)
    except OSError as error:
        raise DataError(f"{options.out} cannot be written ({error.strerror}).") from error
    say(f"{len(images):,} images read by {options.model}; answers in {options.out}")
    return 0


def run_renew(options):
    """Make the served form of models anew: what is no digit, temperature, threshold, figures."""
    from mnist_core.training import export

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    mnist = load_mnist()
    for name in options.model:
        say(f"Renewing {name}...")
        card = export.renew(name, mnist, others=options.nondigits, workspace=options.workspace)
        test, told = card.metrics["test"], card.metrics["rejection"]["mean"]
        say(
            f"{name}: {test['accuracy']:.2%} of the test images read right, {test['coverage']:.2%} "
            f"taken for digits; told from made-up non-digits with AUROC {told:.4f}."
        )
    return 0


def run_models(options):
    """List the models; the exit code is 1 if one of them is damaged or the folder is missing."""
    if not options.workspace.models.is_dir():
        raise DataError(f"There is no folder {options.workspace.models}.")
    with warnings.catch_warnings(record=True) as damaged:
        warnings.simplefilter("always")
        cards = serving.list_models(workspace=options.workspace)
    for warning in damaged:
        say(warning.message)
    for card in cards:
        test = card.metrics["test"]
        if options.json:
            row = {
                "name": card.name,
                "title": card.title,
                "architecture": card.architecture,
                "parameters": card.parameters,
                "bytes": card.files["model.tflite"]["bytes"],
                "precision": card.precision,
                "accuracy": test["accuracy"],
                "interval": test["interval"],
                "date": card.date,
            }
            print(json.dumps(row))
        else:
            print(
                f"{card.name:<20} {test['accuracy']:.2%} ({test['interval'][0]:.2%} to "
                f"{test['interval'][1]:.2%}) {card.parameters:>9,} parameters "
                f"{card.files['model.tflite']['bytes'] / 1e3:>6,.0f} kB"
            )
    return int(bool(damaged))
