"""The scales at which the detector looks at a picture, and the sizes each answers for."""

import cv2
import numpy as np

LONGEST = 1280  # pixels; of the longest side at the largest scale
LONGEST_SINGLE = 640  # where the picture holds a single digit
MOST_ENLARGED = 2.0
STEP = np.sqrt(0.5)  # from a scale to the next
SHORTEST = 24  # pixels; where the shorter side has fewer, no digit fits
# Pixels: heights of digits that the network learned are 11 to 50. A scale answers for the sizes
# in between with all its weight, and not at all beyond the outer ones.
ANSWERED = (8.0, 12.0, 44.0, 64.0)


def scales(size: tuple[int, ...], *, longest: int = LONGEST) -> list[float]:
    """Return the scales for a picture, the largest first, at least one.

    Parameters
    ----------
    size : height and width in pixels
    longest : pixels of the longest side at the largest scale
    """
    scale = min(MOST_ENLARGED, longest / max(size))
    found = [scale]
    while (scale := scale * STEP) * min(size) >= SHORTEST:
        found.append(scale)
    return found


def resized(grey: np.ndarray, scale: float) -> np.ndarray:
    """Return a picture at another scale.

    Parameters
    ----------
    grey : float32 (h, w)
    """
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    if (height, width) == grey.shape:
        return grey
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(grey, (width, height), interpolation=way)


def answered(sizes: np.ndarray) -> np.ndarray:
    """Return with how much weight a scale answers for digits of these heights.

    Parameters
    ----------
    sizes : (n,), pixels at that scale

    Returns
    -------
    float (n,) in [0, 1]
    """
    return np.interp(np.log(np.maximum(sizes, 1e-3)), np.log(ANSWERED), (0.0, 1.0, 1.0, 0.0))
