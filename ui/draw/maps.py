"""A layer's maps as pictures: all of them as one, and one laid over the drawing."""

from math import ceil, sqrt

import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.serving import Layer
from mnist_core.serving.inside import Sight
from ui.weights import FOR

PIXELS = 14  # of a map's side in the picture of all, at least
GAP = 2
LIFT = 0.6  # an exponent that lifts what is dim, so that it can be seen beside what is bright
ZOOM = 8  # of the drawing, to draw a frame finer than its pixels
DIM = 0.6  # how bright the drawing is under a map
FRAME = (20, 150, 255)  # blue, green, red


def columns(count: int) -> int:
    """Return how many of so many maps stand side by side: about as many as below each other."""
    return count if count <= 10 else ceil(sqrt(count))


def all_maps(layer: Layer) -> np.ndarray:
    """Draw all maps of a layer in rows, each with a gap at its right and below.

    Returns
    -------
    uint8 (h, w, 4), blue, green, red and opacity
    """
    count, height, width = layer.maps.shape
    zoom = max(1, round(PIXELS / max(height, width)))
    tiles = (layer.maps**LIFT * 255).round().astype(np.uint8)
    tiles = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    high, wide = (side + GAP for side in tiles.shape[1:])
    across = columns(count)
    drawn = np.zeros((ceil(count / across) * high, across * wide, 4), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // across * high, place % across * wide
        here = drawn[top : top + high - GAP, left : left + wide - GAP]
        here[..., :3], here[..., 3] = tile[..., None], 255
    return drawn


def small(layer: Layer) -> np.ndarray:
    """Draw a layer in small: its maps laid on top of each other, or its row of numbers as a square.

    Returns
    -------
    uint8 (h, w), grey
    """
    if layer.is_row:
        numbers = layer.maps.ravel()
        across = ceil(sqrt(len(numbers)))
        together = np.resize(np.pad(numbers, (0, across * across - len(numbers))), (across, across))
    else:
        together = layer.maps.mean(axis=0)
    return (together / max(float(together.max()), 1e-9) * 255).round().astype(np.uint8)


def over_drawing(
    image: np.ndarray, spread: np.ndarray, frame: tuple[int, int, int, int] | None
) -> np.ndarray:
    """Draw where a map is bright, in blue over the drawing, and a frame.

    Parameters
    ----------
    image : (28, 28) in [0, 1], white on black
    spread : the map as `spread_out` has it
    frame : first row and column, and the ones after the last; None for no frame

    Returns
    -------
    uint8 (h, w, 3), blue, green, red
    """
    blue = np.array(FOR[::-1])
    mixed = (1 - spread)[..., None] * DIM * 255 * image[..., None] + spread[..., None] * blue
    drawn = mixed.round().astype(np.uint8).repeat(ZOOM, axis=0).repeat(ZOOM, axis=1)
    if frame:
        top, left, bottom, right = (side * ZOOM for side in frame)
        inner = drawn[top + 2 : bottom - 2, left + 2 : right - 2].copy()
        drawn[top:bottom, left:right] = FRAME
        drawn[top + 2 : bottom - 2, left + 2 : right - 2] = inner
    return drawn


def spread_out(chosen: np.ndarray, sight: Sight) -> np.ndarray:
    """Spread a map over the image: each place over the middle of what it sees.

    Parameters
    ----------
    chosen : (h, w)

    Returns
    -------
    (28, 28); 0 where no place of the map lies
    """
    pixels = np.arange(IMAGE_SIZE) + 0.5
    nearest = []
    for first, step, size in zip(sight.start, sight.step, sight.size, strict=True):
        nearest.append(np.floor((pixels - first - size / 2) / step + 0.5).astype(int))
    inside = [
        (places >= 0) & (places < side) for places, side in zip(nearest, chosen.shape, strict=True)
    ]
    rows, across = (
        places.clip(0, side - 1) for places, side in zip(nearest, chosen.shape, strict=True)
    )
    return np.where(inside[0][:, None] & inside[1], chosen[rows[:, None], across], 0)
