"""Boxes on a picture that was turned by quarters."""

import numpy as np


def upright_box(boxes: np.ndarray, turned: int, size: tuple[int, int]) -> np.ndarray:
    """Return where boxes come when their picture is turned clockwise.

    Parameters
    ----------
    boxes : (n, 4), x, y, width and height
    turned : degrees, 0, 90, 180 or 270
    size : height and width of the picture before
    """
    height, width = size
    x, y, w, h = boxes.T
    for _ in range(turned // 90 % 4):
        x, y, w, h = height - y - h, x, h, w
        height, width = width, height
    return np.stack([x, y, w, h], axis=1)


def box_as_given(boxes: np.ndarray, turned: int, size: tuple[int, int]) -> np.ndarray:
    """Return where boxes on a turned picture lie on the picture as it was given.

    Parameters
    ----------
    boxes : (n, 4), x, y, width and height on the turned picture
    turned : degrees by which it was turned clockwise
    size : height and width of the turned picture
    """
    return upright_box(boxes, -turned % 360, size)
