"""Doubtful digits, looked at once more: larger, leaning and wide."""

import cv2
import numpy as np

from mnist_core.config import CLASSES
from mnist_core.pictures.contrast import local_contrast
from mnist_core.reading.detection import FindsMarks

SIDE = 96  # pixels of what is looked at, with the digit in its middle
# Ways of looking, chosen on made pages among eight: the digit's height in pixels, by how many
# radians it is turned, and how many times it is as wide.
WAYS = ((32, 0.0, 1.0), (40, 0.0, 1.0), (28, -0.12, 1.0), (28, 0.0, 1.2))
OFF = 8  # pixels; the middle of a digit is found so far from where it should be, at most
SHARPEST = 0.5  # of the scale; beyond, pixels are averaged first
LEAST = 1e-6


def look_closer(grey: np.ndarray, boxes: np.ndarray, detector: FindsMarks) -> np.ndarray:
    """Return how likely the detector finds each digit in boxes, over several ways of looking.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    boxes : float (n, 4), x, y, width and height in its pixels

    Returns
    -------
    float (n, 10), rows summing to 1
    """
    found = np.zeros((len(boxes), CLASSES))
    for said, box in zip(found, boxes, strict=True):
        for way in WAYS:
            classes = _in_the_middle(detector, _view(grey, box, *way)) + LEAST
            said += classes / classes.sum()
    return found / len(WAYS)


def _view(grey: np.ndarray, box: np.ndarray, height: int, angle: float, wider: float) -> np.ndarray:
    """Return the picture around a box, the box in its middle; float32 (SIDE, SIDE)."""
    x, y, wide, tall = map(float, box)
    scale = height / max(tall, 1.0)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    to_view = np.array([[cos * wider, sin * wider], [-sin, cos]])
    shift = SIDE / 2 - to_view @ np.array([x + wide / 2, y + tall / 2])
    way = cv2.INTER_LINEAR if scale < 1 else cv2.INTER_CUBIC
    if scale < SHARPEST:
        # Only what is looked at: a page is large.
        reach = SIDE / scale
        left, top = (max(0, int(middle - reach)) for middle in (x + wide / 2, y + tall / 2))
        right, bottom = int(x + wide / 2 + reach) + 1, int(y + tall / 2 + reach) + 1
        shift += to_view @ np.array([left, top])
        factor = scale / SHARPEST
        patch = np.ascontiguousarray(grey[top:bottom, left:right])
        grey = cv2.resize(patch, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        to_view = to_view / factor
    # OpenCV counts from the middles of pixels, boxes from their corners.
    shift += to_view @ np.array([0.5, 0.5]) - 0.5
    return cv2.warpAffine(
        grey,
        np.column_stack([to_view, shift]),
        (SIDE, SIDE),
        flags=way,
        borderMode=cv2.BORDER_REPLICATE,
    )


def _in_the_middle(detector: FindsMarks, view: np.ndarray) -> np.ndarray:
    """Return how likely each digit is at the highest place near the middle; float (10,)."""
    maps = detector.maps(local_contrast(view))
    rows, columns = maps.objectness.shape
    off = max(1, rows * OFF // SIDE)
    near = np.s_[rows // 2 - off : rows // 2 + off + 1, columns // 2 - off : columns // 2 + off + 1]
    best = np.unravel_index(maps.objectness[near].argmax(), maps.objectness[near].shape)
    return maps.objectness[near][best] * maps.classes[near][best][:CLASSES]
