"""Pictures and boxes turned by quarters."""

from dataclasses import replace

import numpy as np

from mnist_core.pictures.record import Picture


def turn_picture(picture: Picture, degrees: int) -> Picture:
    """Turn a picture clockwise by 0, 90, 180 or 270 degrees."""
    width, height = turn_size((picture.width, picture.height), degrees)
    pixels = np.ascontiguousarray(np.rot90(picture.pixels, -degrees // 90))
    return replace(picture, pixels=pixels, width=width, height=height)


def turn_size(size: tuple[int, int], degrees: int) -> tuple[int, int]:
    """Return the size of a picture that is turned by quarters."""
    width, height = size
    return (height, width) if degrees % 180 else (width, height)


def turn_box(
    box: tuple[int, int, int, int], degrees: int, size: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Return where a box comes when its picture is turned clockwise.

    Parameters
    ----------
    box : x, y, width, height
    degrees : 0, 90, 180 or 270; below 0 anticlockwise
    size : width and height of the picture before
    """
    (x, y, across, down), (width, height) = box, size
    for _ in range(degrees // 90 % 4):
        x, y, across, down = height - y - down, x, down, across
        width, height = height, width
    return x, y, across, down
