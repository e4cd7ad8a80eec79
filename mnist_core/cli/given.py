"""Handwriting beside MNIST's in a training: what people gave, and one person's own digits.

The run's folder keeps them, so that they are the same until the training has ended.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from mnist_core.cli.collection import open_collection
from mnist_core.cli.common import load_mnist, read_digits, say
from mnist_core.cli.examples import read_examples
from mnist_core.config import DEFAULT_MODEL
from mnist_core.data import Mnist, Split, without
from mnist_core.training import run_folder


def store_given(folder: Path, options: argparse.Namespace, own: Split | None) -> None:
    """Write what the collection holds now, besides one person's own digits, into a run's folder.

    Raises
    ------
    UsageError : what a collection needs is not installed
    DataError : the collection does not answer
    """
    from mnist_core.collection import to_arrays

    opened = open_collection(options)
    arrays = to_arrays(opened.drawings())
    opened.close()
    found = Split(arrays["x"], arrays["y"])
    found = without(found, own.images) if own else found
    if found:
        run_folder.write_digits(folder / run_folder.GIVEN, found)
    say(f"{len(found):,} digits that people gave join the training images.")


def own_digits(options: argparse.Namespace) -> Split | None:
    """Return the digits of one person's hand that a new training is given; None without any.

    Raises
    ------
    DataError, ModelError : as `read_examples` does
    """
    if not options.own_digits or options.resume:
        return None
    model = options.start or DEFAULT_MODEL
    return read_examples(options.own_digits, model=model, workspace=options.workspace)


def store_own(folder: Path, own: Split) -> None:
    """Write the digits of one person's hand into a run's folder."""
    run_folder.write_digits(folder / run_folder.OWN, own)
    say(f"{len(own):,} digits of your own join the training images, many times each.")


def load_data(folder: Path, own: Split | None = None) -> Mnist:
    """Load MNIST, with the digits that people gave, and one person's, if there are any.

    What this person gave as well counts as the own digit that it is.

    Parameters
    ----------
    own : of one person; where there are none, those in the run's folder

    Raises
    ------
    DataError : a file is damaged
    """
    mnist = load_mnist()
    if not own and (path := folder / run_folder.OWN).exists():
        own = read_digits(path)
    if (path := folder / run_folder.GIVEN).exists():
        given = read_digits(path)
        mnist = mnist.with_given(without(given, own.images) if own else given)
    return replace(mnist, own=own)
