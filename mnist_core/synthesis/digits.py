"""Synthetic digits, written by code as people write, drawn as MNIST's are."""

import numpy as np
from numpy.random import Generator

from mnist_core.pictures.strokes import PEN_WIDTH, to_image
from mnist_core.synthesis import handwriting


def synthetic_digits(labels: np.ndarray, rng: Generator) -> np.ndarray:
    """Make synthetic handwritten digits, with pens of many widths.

    Parameters
    ----------
    labels : int (n,), 0 to 9

    Returns
    -------
    uint8 (n, 28, 28), 0 to 255, white on black

    Raises
    ------
    ValueError : a label that is not one of 0 to 9
    """
    images = np.empty((len(labels), 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        width = rng.triangular(1.4, PEN_WIDTH, 3.6)
        drawn = to_image(handwriting.write_digit(int(label), rng), width=width)
        image[:] = np.round(drawn * 255)
    return images
