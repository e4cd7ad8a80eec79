"""Some validation images that a run misclassifies, `mistakes.npz`, for people to see."""

import io
from pathlib import Path

import numpy as np

from mnist_core import atomic
from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.data import Split
from mnist_core.training.run_folder.arrays import read_arrays
from mnist_core.training.run_folder.layout import MISTAKES

SHOWN_MISTAKES = 20
ARRAYS = ("images", "labels", "digits")


def read_mistakes(folder: Path) -> dict[str, np.ndarray] | None:
    """Return the misclassified validation images of a run's last check.

    Returns
    -------
    `images` uint8 (n, 28, 28); `labels` and `digits` (what the network read) int (n,); None if
    there are none yet, or the file is damaged
    """
    found = read_arrays(folder / MISTAKES, ARRAYS)
    return found if found and _is_whole(found) else None


def write_mistakes(folder: Path, validation: Split, digits: np.ndarray) -> None:
    """Write SHOWN_MISTAKES of the misclassified images, spread over all of them.

    Parameters
    ----------
    digits : int (n,), what the network read
    """
    (wrong,) = np.nonzero(digits != validation.labels)
    shown = wrong[:: max(len(wrong) // SHOWN_MISTAKES, 1)][:SHOWN_MISTAKES]
    file = io.BytesIO()
    images, labels = validation.images[shown], validation.labels[shown]
    np.savez(file, images=images, labels=labels, digits=digits[shown])
    atomic.write_bytes(folder / MISTAKES, file.getvalue())


def _is_whole(found: dict[str, np.ndarray]) -> bool:
    """Return whether all arrays have the shapes and values that belong to them."""
    n = len(found["images"]) if found["images"].ndim else 0
    shapes = {"images": (n, IMAGE_SIZE, IMAGE_SIZE), "labels": (n,), "digits": (n,)}
    return found["images"].dtype == np.uint8 and all(
        array.shape == shapes[part]
        and array.dtype.kind in "iu"
        and (part == "images" or np.isin(array, range(CLASSES)).all())
        for part, array in found.items()
    )
