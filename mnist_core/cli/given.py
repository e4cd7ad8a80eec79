"""Digits that people gave, beside MNIST's in a training: the same ones until it has ended."""

import argparse
from pathlib import Path

import numpy as np

from mnist_core import atomic
from mnist_core.cli.collection import open_collection
from mnist_core.cli.common import load_mnist, read_npz, say
from mnist_core.data import Mnist, Split
from mnist_core.pixels import to_uint8
from mnist_core.training import run_folder


def store_given(folder: Path, options: argparse.Namespace) -> None:
    """Write what the collection holds now into a run's folder.

    Raises
    ------
    UsageError : what a collection needs is not installed
    DataError : the collection does not answer
    """
    from mnist_core.collection import to_arrays

    opened = open_collection(options)
    arrays = to_arrays(opened.drawings())
    opened.close()
    with atomic.replacing(folder / run_folder.GIVEN) as part, part.open("wb") as file:
        np.savez_compressed(file, x=arrays["x"], y=arrays["y"])
    say(f"{len(arrays['y']):,} digits that people gave join the training images.")


def load_data(folder: Path) -> Mnist:
    """Load MNIST, with the digits that people gave if the run's folder holds any.

    Raises
    ------
    DataError : one of them is damaged
    """
    mnist, path = load_mnist(), folder / run_folder.GIVEN
    if not path.exists():
        return mnist
    images, labels = read_npz(path, ("x", "y"))
    return mnist.with_given(Split(to_uint8(images), labels.astype(np.uint8)))
