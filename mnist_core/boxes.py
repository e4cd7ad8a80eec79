"""Boxes x, y, width and height: what they share, and where they come when a picture is turned."""

from typing import Any, TypeVar

import numpy as np

Side = TypeVar("Side", int, float, np.ndarray)


def shared_areas(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the areas that boxes have in common.

    Parameters
    ----------
    first, second : (n, 4) and (m, 4)

    Returns
    -------
    float (n, m)
    """
    low = np.maximum(first[:, None, :2], second[:, :2])
    high = np.minimum(first[:, None, :2] + first[:, None, 2:], second[:, :2] + second[:, 2:])
    return np.maximum(high - low, 0).prod(axis=2)


def overlaps(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over the union of boxes (n, 4) and (m, 4), float (n, m)."""
    shared = shared_areas(first, second)
    areas = first[:, 2:].prod(axis=1)[:, None] + second[:, 2:].prod(axis=1)
    return shared / np.maximum(areas - shared, 1e-9)


def covered(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which share of each box (n, 4) lies in one of others (m, 4) at most, float (n,)."""
    shared = shared_areas(boxes, others).max(axis=1, initial=0.0)
    return shared / np.maximum(boxes[:, 2:].prod(axis=1), 1e-9)


def turn_box(
    box: tuple[Side, Side, Side, Side], degrees: int, size: tuple[Any, Any]
) -> tuple[Side, Side, Side, Side]:
    """Return where a box comes when its picture is turned clockwise.

    Parameters
    ----------
    box : x, y, width, height; arrays (n,) for many boxes
    degrees : 0, 90, 180 or 270; below 0 anticlockwise
    size : width and height of the picture before
    """
    (x, y, across, down), (width, height) = box, size
    for _ in range(degrees // 90 % 4):
        x, y, across, down = height - y - down, x, down, across
        width, height = height, width
    return x, y, across, down
