"""`models`: what models there are."""

import argparse
import json
import warnings

from mnist_core import serving
from mnist_core.cli.common import say
from mnist_core.errors import DataError


def add_models_options(parser: argparse.ArgumentParser) -> None:
    """Give `models` its option."""
    parser.add_argument("--json", action="store_true", help="one object a line")


def run_models(options: argparse.Namespace) -> int:
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
                "task": "detection" if card.is_detector else "classification",
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
                + "  detector, of digits on pages made by code"
                * card.is_detector
            )
    return int(bool(damaged))
