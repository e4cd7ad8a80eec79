"""Pictures turned by quarters."""

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
