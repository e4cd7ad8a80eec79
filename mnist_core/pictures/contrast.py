"""Grey pictures, and their local contrast: what the detector of numbers looks at.

Paper may be white or grey, shaded or photographed at night, and ink may be a marker or a pale
pencil. What is left after this is how far each pixel lies from its surroundings, measured by how
much those vary.
"""

import cv2
import numpy as np

MEAN_SIZE, DEVIATION_SIZE = 65, 97  # pixels; a digit that the detector learns is 11 to 50 high
# Added to the deviation. Blank paper varies by 0.005 to 0.02 of the range from black to white
# because of noise and JPEG; it becomes at most 0.4 so, and pale pencil, at 0.1, still 1.5.
FLOOR = 0.04
LARGEST = 6.0  # a lone speck on white paper would have 20, which 8-bit arithmetic pays for


def to_grey(pixels: np.ndarray) -> np.ndarray:
    """Return the brightness of a picture.

    Parameters
    ----------
    pixels : uint8 (h, w, 3), RGB

    Returns
    -------
    float32 (h, w) in [0, 1]
    """
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32) / np.float32(255)


def local_contrast(grey: np.ndarray) -> np.ndarray:
    """Return how far each pixel lies from its surroundings, by how much these vary.

    That is the pixel minus the mean of MEAN_SIZE x MEAN_SIZE pixels, divided by the square root of
    the mean square of that over DEVIATION_SIZE x DEVIATION_SIZE pixels plus FLOOR, and at most
    LARGEST. At the border the windows end where the picture ends, so that no edge is invented.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]

    Returns
    -------
    float32 (h, w), a new array; dark ink is negative, blank paper about 0
    """
    contrast = grey - _local_mean(grey, MEAN_SIZE)
    deviation = cv2.sqrt(np.maximum(_local_mean(contrast * contrast, DEVIATION_SIZE), 0))
    deviation += FLOOR
    return np.clip(contrast / deviation, -LARGEST, LARGEST)


def _local_mean(values: np.ndarray, size: int) -> np.ndarray:
    """Average over squares of this size, cut off at the border."""
    total = cv2.boxFilter(values, -1, (size, size), normalize=False, borderType=cv2.BORDER_CONSTANT)
    rows, columns = (_window_lengths(n, size) for n in values.shape)
    total /= rows[:, None]
    total /= columns
    return total


def _window_lengths(count: int, size: int) -> np.ndarray:
    """Return how many of `count` pixels in a row lie in the window around each of them."""
    at, half = np.arange(count), size // 2
    return (np.minimum(at + half, count - 1) - np.maximum(at - half, 0) + 1).astype(np.float32)
