"""What several commands share: messages for people, reading MNIST and files of images."""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mnist_core import data
from mnist_core.config import IMAGE_SIZE
from mnist_core.errors import DataError
from mnist_core.evaluation import metrics
from mnist_core.pixels import to_float, to_uint8

ARRAYS = {"x": f"x uint8 (n, {IMAGE_SIZE}, {IMAGE_SIZE})", "y": "y (n,) from 0 to 9"}


def load_mnist() -> data.Mnist:
    """Load MNIST, with a progress bar if it has to be downloaded."""
    with contextlib.ExitStack() as bars:
        bar: tqdm | None = None

        def show(done: int, total: int) -> None:
            nonlocal bar
            if bar is None:
                words = {"unit": "B", "unit_scale": True, "desc": "Downloading MNIST"}
                bar = bars.enter_context(tqdm(total=total or None, **words))
            bar.update(done - bar.n)

        return data.load_mnist(progress=show)


def load_labelled(path: Path | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and labels to measure on: a file's, or MNIST's test set.

    Returns
    -------
    float32 (n, 28, 28) in [0, 1] and int (n,)

    Raises
    ------
    DataError : as `read_npz` and `data.load_mnist` do
    """
    if path:
        images, labels = read_npz(path, ("x", "y"))
        return images, labels
    test = load_mnist().test
    return to_float(test.images), test.labels


def read_npz(path: Path, names: Sequence[str]) -> list[np.ndarray]:
    """Return arrays of an `.npz` file.

    Parameters
    ----------
    names : "x", and "y" if there are labels

    Returns
    -------
    in the order of the names: x as float32 (n, 28, 28) in [0, 1], y as int (n,)

    Raises
    ------
    DataError : the file is missing, is no `.npz`, or holds other arrays
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in names}
    except data.UNREADABLE as error:
        raise DataError(
            f"{path} cannot be read: {_why(error)}. Expected an .npz file with "
            f"{' and '.join(ARRAYS[name] for name in names)}."
        ) from error
    try:
        arrays["x"] = to_float(arrays["x"])
        if "y" in arrays:
            if arrays["y"].shape != arrays["x"].shape[:1] or not len(arrays["y"]):
                raise ValueError(
                    f"Expected a label for each of at least one image, received y of shape "
                    f"{arrays['y'].shape} for {len(arrays['x'])} images."
                )
            metrics.check_labels(arrays["y"])
    except ValueError as error:
        raise DataError(f"{path}: {error}") from error
    return [arrays[name] for name in names]


def read_digits(path: Path) -> data.Split:
    """Return the labelled digits of an `.npz` file; errors are those of `read_npz`."""
    images, labels = read_npz(path, ("x", "y"))
    return data.Split(to_uint8(images), labels.astype(np.uint8))


def _why(error: Exception) -> str:
    """Return in words what NumPy or the system raised over a file."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, KeyError):
        return str(error.args[0])
    return "it is no .npz file, is damaged, or holds other things than numbers"


def say(words: object) -> None:
    """Print a message for people to standard error: standard output is for results."""
    print(words, file=sys.stderr)


def say_total(total: int, failed: int, model: str) -> None:
    """Say how many pages a model has read, and how many could not be read."""
    say(f"{total - failed:,} of {total:,} read by {model}, {failed:,} failed")
