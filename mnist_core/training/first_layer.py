"""Note what the first layer of a network looks for while it learns."""

import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.pixels import from_blocks
from mnist_core.training import run_folder

if TYPE_CHECKING:
    import keras

EVERY = 1.0  # seconds between two notes


class FirstLayer:
    """Writes the weights of the first layer into a run's folder, beside those it began with."""

    def __init__(self, folder: Path) -> None:
        earlier = run_folder.read_first_layer(folder)  # of a run that is resumed
        self.folder, self.before = folder, earlier["before"] if earlier else None
        self._noted = -math.inf

    def note(self, model: "keras.Model") -> None:
        """Write the weights as they are now, every EVERY seconds, where they make a picture."""
        if time.monotonic() - self._noted < EVERY:
            return
        self._noted = time.monotonic()
        now = weights_of(model)
        if now is not None:
            before = now if self.before is None else self.before
            self.before = before
            run_folder.write_first_layer(self.folder, before, now)


def weights_of(model: "keras.Model") -> np.ndarray | None:
    """Return the weights of the first layer that has any, each unit or filter as a picture.

    Returns
    -------
    float32 (n, h, w): 28 x 28 pixels for a dense layer, the window of a filter for a convolution;
    None if they are not weights of the image's pixels
    """
    with_kernel = (layer for layer in model.layers if getattr(layer, "kernel", None) is not None)
    layer = next(with_kernel, None)
    if layer is None:
        return None
    from keras import ops

    weights = np.asarray(ops.convert_to_numpy(layer.kernel), np.float32)
    if weights.ndim == 4:
        block = math.isqrt(weights.shape[2])  # blocks of pixels may have become channels
        seen = getattr(getattr(layer, "input", None), "shape", ())
        if tuple(seen[1:]) == (IMAGE_SIZE // block, IMAGE_SIZE // block, block**2):
            return from_blocks(np.moveaxis(weights, 3, 0), (block, block))
    if weights.ndim == 2 and len(weights) == IMAGE_SIZE**2:
        return weights.T.reshape(-1, IMAGE_SIZE, IMAGE_SIZE)
    return None
