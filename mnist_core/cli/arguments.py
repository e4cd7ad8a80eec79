"""Arguments that several commands take, and how they are read."""

import argparse
import math
from pathlib import Path

from mnist_core.config import DEFAULT_MODEL
from mnist_core.workspace import WORKSPACE


def add_model(parser: argparse.ArgumentParser) -> None:
    """Give a command the choice of one model."""
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}"
    )


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Give a command the folder of trainings."""
    add_folder(parser, "--runs", WORKSPACE.runs, "the folder of trainings")


def add_folder(parser: argparse.ArgumentParser, name: str, default: Path, words: str) -> None:
    """Give a command the choice of a folder."""
    parser.add_argument(name, type=Path, default=default, metavar="FOLDER", help=words)


def add_data(parser: argparse.ArgumentParser) -> None:
    """Give a command the choice of images to measure on, and the seed of their corruptions."""
    parser.add_argument(
        "--data", type=Path, metavar="FILE.npz", help="x and y; default: MNIST's test images"
    )
    parser.add_argument("--seed", type=seed, default=0, help="random seed of the corruptions")


def severity(text: str) -> float:
    """Read a severity, a number in [0, 1]."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"severity ranges from 0 to 1, received {text}")
    return number


def coverage(text: str) -> float:
    """Read a share of answers, a number above 0 and at most 1."""
    number = _number(text)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"coverage ranges from above 0 to 1, received {text}")
    return number


def seed(text: str) -> int:
    """Read a seed, a whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"the seed is a whole number from 0 on, received {text}")
    return int(text)


def _number(text: str) -> float:
    """Return a text's number; NaN, which lies in no range, if it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
