"""The weights of a run's first layer at its start and now, `first_layer.npz`, for people to see."""

import io
from pathlib import Path

import numpy as np

from mnist_core import atomic
from mnist_core.config import IMAGE_SIZE
from mnist_core.training.run_folder.arrays import read_arrays
from mnist_core.training.run_folder.layout import FIRST_LAYER

SHOWN_UNITS = 24
ARRAYS = ("before", "now")


def read_first_layer(folder: Path) -> dict[str, np.ndarray] | None:
    """Return the weights of some units of a run's first layer, each as a small picture.

    Returns
    -------
    `before` (when training began) and `now`, both float32 (n, h, w); None if there are none yet,
    or the file is damaged
    """
    found = read_arrays(folder / FIRST_LAYER, ARRAYS)
    if not found or not all(
        array.dtype == np.float16 and _is_whole(array) for array in found.values()
    ):
        return None
    same = found["before"].shape == found["now"].shape
    return {part: array.astype(np.float32) for part, array in found.items()} if same else None


def write_first_layer(folder: Path, before: np.ndarray, now: np.ndarray) -> None:
    """Write the weights of the first SHOWN_UNITS units.

    Parameters
    ----------
    before, now : float (n, h, w)
    """
    file = io.BytesIO()
    np.savez(file, **dict(zip(ARRAYS, map(_small, (before, now)), strict=True)))
    atomic.write_bytes(folder / FIRST_LAYER, file.getvalue())


def _small(weights: np.ndarray) -> np.ndarray:
    return weights[:SHOWN_UNITS].astype(np.float16)


def _is_whole(array: np.ndarray) -> bool:
    """Return whether these are pictures of weights, and numbers."""
    sides = array.shape[1:]
    return (
        array.ndim == 3
        and 0 < len(array) <= SHOWN_UNITS
        and all(0 < side <= IMAGE_SIZE for side in sides)
        and bool(np.isfinite(array).all())
    )
