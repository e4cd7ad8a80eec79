"""What several families of corruptions share: severities and places as arrays."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions.geometry import CENTRE

# A Gaussian with a smaller standard deviation, in pixels, gives its neighbours weights below 1e-12:
# no visible change, but subnormal numbers, which are slow to compute with.
SHARP = 0.13

# Pixel centres, counted from the middle of the image: x to the right, y down; each (28, 28).
Y, X = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE].astype(np.float32) - np.float32(CENTRE)


def spread(values: np.ndarray) -> np.ndarray:
    """Shape one number an image (n,) to meet its pixels; float32 array (n, 1, 1)."""
    return np.asarray(values, np.float32)[:, None, None]


def sides(n: int, rng: Generator) -> np.ndarray:
    """Draw -1 or 1 for each of n images; float array (n,)."""
    return rng.integers(0, 2, n) * 2.0 - 1


def turned_axes(angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pixel places in axes turned by an angle.

    Parameters
    ----------
    angle : (n,) in radians

    Returns
    -------
    (along, across) : float32 (n, 28, 28), in pixels from the middle
    """
    cos, sin = spread(np.cos(angle)), spread(np.sin(angle))
    return X * cos + Y * sin, Y * cos - X * sin


def blur(images: np.ndarray, sigmas: np.ndarray) -> np.ndarray:
    """Blur each image by a Gaussian of its own standard deviation (n,), in pixels."""
    blurred = images.copy()
    for image, sigma, out in zip(images, sigmas, blurred, strict=True):
        if sigma >= SHARP:
            cv2.GaussianBlur(image, (0, 0), float(sigma), dst=out)
    return blurred


def cover(images: np.ndarray, mask: np.ndarray, colour: np.ndarray | float) -> np.ndarray:
    """Paint over images where a mask is 1, in part where it is between 0 and 1."""
    return images + mask * (colour - images)
