"""Weights of a layer as pictures: blue where ink speaks for it, orange where it speaks against."""

import numpy as np

from ui.pictures import source

COLUMNS = 6  # units side by side
PIXELS = 28  # of a unit's side at least
GAP = 2
FOR, AGAINST = (64, 160, 255), (255, 150, 20)  # as on the map of reasons, see style.css


def grid(weights: np.ndarray) -> np.ndarray:
    """Draw units side by side, each on its own scale.

    Parameters
    ----------
    weights : float (n, h, w)

    Returns
    -------
    uint8 (h, w, 4), blue, green, red and opacity: the larger the weight, the more opaque
    """
    zoom = max(1, PIXELS // max(weights.shape[1:]))
    tiles = weights.repeat(zoom, axis=1).repeat(zoom, axis=2)
    high, wide = (side + GAP for side in tiles.shape[1:])
    rows = -(-len(tiles) // COLUMNS)
    across = min(COLUMNS, len(tiles))
    drawn = np.zeros((rows * high - GAP, across * wide - GAP, 4), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // COLUMNS * high, place % COLUMNS * wide
        here = drawn[top : top + tile.shape[0], left : left + tile.shape[1]]
        here[..., :3] = np.where(tile[..., None] > 0, FOR[::-1], AGAINST[::-1])
        here[..., 3] = 255 * np.abs(tile) / max(float(np.abs(tile).max()), 1e-9)
    return drawn


def weights_picture(weights: np.ndarray, alt: str) -> str:
    """Build an image element of units side by side; `weights` as of `grid`."""
    return f'<img alt="{alt}" src="{address(grid(weights))}">'


def address(drawn: np.ndarray) -> str:
    """Turn a picture, uint8 (h, w, 3 or 4) with blue first, into an address that carries it."""
    import cv2

    _, encoded = cv2.imencode(".png", drawn)
    return source(encoded.tobytes())
