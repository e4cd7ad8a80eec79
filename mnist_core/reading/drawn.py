"""From the ink of a drawing to a reading."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from mnist_core.boxes import covered
from mnist_core.pictures.contrast import to_grey
from mnist_core.reading import detected, segmented
from mnist_core.reading.detection import LONGEST_SINGLE, FindsMarks, find_marks
from mnist_core.reading.layout import with_digits
from mnist_core.reading.result import Reading
from mnist_core.serving import Predictor

THICKER = 5  # pixels; drawings come with thin lines, which would fade where they are shrunk
HALF = 0.5  # of a digit's box; where another mark covers so much, it is that mark


@dataclass(frozen=True)
class _Drawing:
    """The size of a drawing, whose ink is read as it is."""

    width: int
    height: int
    scale: float = 1.0


def read_ink(
    ink: np.ndarray, predictor: Predictor, *, detector: FindsMarks | None = None
) -> Reading:
    """Read the digits in known ink, such as a drawing on a canvas.

    Parameters
    ----------
    ink : (h, w) in [0, 1]; 1 is ink
    detector : finds the digits; without one, ink is cut into pieces

    Returns
    -------
    digits with boxes in pixels of `ink`
    """
    if detector is None:
        return segmented.read_ink(ink, predictor)
    ink = np.asarray(ink, np.float32)
    thick = cv2.dilate(np.clip(ink, 0, 1), np.ones((THICKER, THICKER), np.uint8))
    pixels = np.repeat(np.round(255 * (1 - thick)).astype(np.uint8)[..., None], 3, axis=2)
    frame = _Drawing(ink.shape[1], ink.shape[0])
    grey = to_grey(pixels)
    marks = find_marks(grey, detector, longest=LONGEST_SINGLE)
    found = detected.read_marks(marks, grey, frame, predictor)
    # Ink that is known can be cut where it does not touch; the detector sees digits that touch.
    cut = _without(segmented.read_ink(ink, predictor), detected.other_marks(marks).boxes)
    return cut if _count(cut) > _count(found) else found


def _without(reading: Reading, boxes: np.ndarray) -> Reading:
    """Return a reading without the digits that are something else, such as a heart for a 0."""
    if not reading.digits or not len(boxes):
        return reading
    shares = covered(np.array([digit.box for digit in reading.digits], float), boxes)
    digits = [
        replace(digit, accepted=digit.accepted and bool(share < HALF))
        for digit, share in zip(reading.digits, shares, strict=True)
    ]
    return with_digits(reading, digits)


def _count(reading: Reading) -> int:
    return sum(digit.accepted for digit in reading.digits)
