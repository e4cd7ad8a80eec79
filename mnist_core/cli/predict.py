"""`predict`: a file of images in, a file of answers out."""

import argparse
from pathlib import Path

import numpy as np

from mnist_core import serving
from mnist_core.cli.arguments import add_model
from mnist_core.cli.common import read_npz, say
from mnist_core.errors import DataError


def add_predict_options(parser: argparse.ArgumentParser) -> None:
    """Give `predict` its options."""
    parser.add_argument("file", type=Path, metavar="FILE.npz", help="x, uint8 (n, 28, 28)")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="OUT.npz",
        help="the file to write the results to",
    )
    add_model(parser)


def run_predict(options: argparse.Namespace) -> int:
    """Classify the images of a file and write the answers to another."""
    (images,) = read_npz(options.file, ("x",))
    predictor = serving.load_predictor(options.model, workspace=options.workspace)
    found = predictor.predict_full(images)
    answers = {
        "probabilities": found.probabilities,
        "digit": found.probabilities.argmax(axis=1).astype(np.uint8),
        "confidence": found.probabilities.max(axis=1),
        "is_digit": found.is_digit,
        "accepted": serving.is_accepted(found.is_digit, predictor.rejection_threshold),
    }
    try:
        with options.out.open("wb") as file:
            np.savez(file, **answers)
    except OSError as error:
        raise DataError(f"{options.out} cannot be written ({error.strerror}).") from error
    say(f"{len(images):,} images classified by {options.model}; answers in {options.out}")
    return 0
