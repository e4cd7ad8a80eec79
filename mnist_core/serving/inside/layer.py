"""What one layer makes of an image, and what a place of it comes from."""

from dataclasses import dataclass

import numpy as np

from mnist_core.serving.inside.sight import WHOLE_PIXELS, Sight


@dataclass(frozen=True)
class Layer:
    """What one layer makes of an image.

    Attributes
    ----------
    kind : Keras's name of it, one of the values of `steps.KINDS`
    maps : float32 (n, h, w) in [0, 1], shares of the layer's highest number; what is below 0 counts
        as 0. Each number of a row of numbers is a map of 1 by 1
    highest : that number, at least 0
    before : the place of the layer that it reads among the layers; None if that is the image
    sight : which part of the image each place of a map sees; None if all of it
    """

    kind: str
    maps: np.ndarray
    highest: float
    before: int | None
    sight: Sight | None

    @classmethod
    def of(cls, values: np.ndarray, kind: str, before: int | None, sight: Sight | None) -> "Layer":
        """Return a layer from its numbers, (1, h, w, n) or (1, n)."""
        maps = np.moveaxis(values[0], -1, 0) if values.ndim == 4 else values[0][:, None, None]
        maps = np.maximum(maps, 0)
        highest = float(maps.max())
        return cls(kind, (maps / max(highest, 1e-9)).astype(np.float32), highest, before, sight)

    @property
    def is_row(self) -> bool:
        """Whether it gives a row of numbers rather than maps."""
        return self.maps.shape[1:] == (1, 1)


def contributions(
    layer: Layer, before: Layer, weights: np.ndarray, place: tuple[int, int]
) -> np.ndarray:
    """Return how much each map that a convolution reads adds to one place of one of its maps.

    Parameters
    ----------
    layer, before : the convolution and the layer that it reads
    weights : float32 (h, w, n), as `Inside.filter` has them
    place : row and column

    Returns
    -------
    float32 (n,), to be compared with each other

    Raises
    ------
    ValueError : the layer gives a row of numbers
    """
    if layer.sight is None:
        raise ValueError("Expected a layer of maps, received a row of numbers.")
    high, wide = weights.shape[:2]
    top, left = layer.sight.corner(place, before.sight or WHOLE_PIXELS)
    padded = np.pad(before.maps, ((0, 0), (high, high), (wide, wide)))
    patch = padded[:, top + high : top + 2 * high, left + wide : left + 2 * wide]
    return np.einsum("nhw,hwn->n", patch, weights)
