"""What the detector says about a place that a person has marked."""

import numpy as np

from mnist_core.boxes import overlaps
from mnist_core.config import CLASSES
from mnist_core.pictures.contrast import local_contrast
from mnist_core.reading.detection import FindsMarks
from mnist_core.reading.detection.scales import resized

HEIGHT = 28.0  # pixels; to what height the box is brought
AROUND = 56.0  # pixels then; what is looked at, from the box's middle to each side
LEAST = 1e-6


def classes_in(grey: np.ndarray, box: np.ndarray, detector: FindsMarks) -> np.ndarray:
    """Return how likely the detector finds each digit in a box.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    box : x, y, width and height in its pixels

    Returns
    -------
    float (10,), summing to 1
    """
    x, y, width, height = map(float, box)
    scale = HEIGHT / max(height, width / 2)
    reach = AROUND / scale
    tall, wide = grey.shape
    left = int(np.clip(x + width / 2 - reach, 0, wide - 1))
    top = int(np.clip(y + height / 2 - reach, 0, tall - 1))
    right = int(np.clip(np.ceil(x + width / 2 + reach), left + 1, wide))
    bottom = int(np.clip(np.ceil(y + height / 2 + reach), top + 1, tall))
    small = resized(np.ascontiguousarray(grey[top:bottom, left:right]), scale)
    maps = detector.maps(local_contrast(small))
    wanted = np.array([x - left, y - top, width, height]) * scale
    weights = maps.objectness * _overlap(maps.boxes, wanted) ** 2 + LEAST * _near(
        maps.boxes, wanted
    )
    found = np.einsum("ij,ijk->k", weights, maps.classes[..., :CLASSES])
    return (found + LEAST * LEAST) / (found.sum() + CLASSES * LEAST * LEAST)


def _overlap(boxes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the overlap of boxes (h, w, 4) with one, by the union; float (h, w)."""
    return overlaps(boxes.reshape(-1, 4), wanted[None]).reshape(boxes.shape[:2])


def _near(boxes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return how near boxes (h, w, 4) are to the middle of one, 1 in it; float (h, w)."""
    middles = boxes[..., :2] + boxes[..., 2:] / 2 - (wanted[:2] + wanted[2:] / 2)
    return np.exp(-((middles / np.maximum(wanted[2:], 1)) ** 2).sum(axis=-1) * 8)
