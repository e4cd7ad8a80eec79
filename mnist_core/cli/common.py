"""What several commands share: errors, words for people, reading MNIST and files of images."""

import contextlib
import sys

import numpy as np
from tqdm import tqdm

from mnist_core import data
from mnist_core.config import IMAGE_SIZE
from mnist_core.errors import DataError
from mnist_core.evaluation import metrics
from mnist_core.pixels import to_float


def load_mnist():
    """Load MNIST, with a progress bar if it has to be downloaded."""
    with contextlib.ExitStack() as bars:
        bar = None

        def show(done, total):
            nonlocal bar
            bar = bar or bars.enter_context(
                tqdm(total=total or None, unit="B", unit_scale=True, desc="Downloading MNIST")
            )
            bar.update(done - bar.n)

        return data.load_mnist(progress=show)


def read_npz(path, names):
    """Return arrays of an `.npz` file; `x` as float images, `y` as labels."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in names}
    except data.UNREADABLE as error:
        raise DataError(
            f"{path} cannot be read ({error}). Expected an .npz file with "
            f"{' and '.join(names)}: x uint8 (n, {IMAGE_SIZE}, {IMAGE_SIZE}), y (n,) 0 to 9."
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


def say(words):
    """Tell people something, on standard error: standard output is for results."""
    print(words, file=sys.stderr)
