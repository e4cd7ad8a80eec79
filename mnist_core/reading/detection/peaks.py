"""From the detector's maps to marks: one for each peak."""

import cv2
import numpy as np

from mnist_core.reading.detection.marks import DIGIT, SEPARATOR, Marks
from mnist_core.reading.detection.scales import answered
from mnist_core.serving.detector import Maps

FAINTEST = 0.12  # of a peak
MOST = 1000  # of a scale; the highest ones
BESIDE = 2.0  # heights of a digit; separators so near it are of its line
ALONE = 0.3  # weight of a separator without a digit beside it


def find_peaks(maps: Maps) -> Marks:
    """Return the marks that the maps show, in pixels of the maps' own scale."""
    heat = np.ascontiguousarray(maps.objectness)
    highest = cv2.dilate(heat, np.ones((3, 3), np.uint8))
    rows, columns = np.nonzero((heat >= FAINTEST) & (heat >= highest))
    if len(rows) > MOST:
        chosen = np.argpartition(-heat[rows, columns], MOST)[:MOST]
        rows, columns = rows[chosen], columns[chosen]
    scores = heat[rows, columns].astype(float)
    boxes, classes = maps.boxes[rows, columns], maps.classes[rows, columns]
    return Marks(boxes.astype(float), scores, classes.astype(float), scores)


def weights(marks: Marks) -> np.ndarray:
    """Return how far the scale that found these marks may answer for them; float (n,) in [0, 1].

    A separator is as small as a speck. Whether it was learned depends on the digits beside it.
    """
    found = answered(marks.boxes[:, 3])
    groups = marks.groups
    digits, separators = np.flatnonzero(groups == DIGIT), np.flatnonzero(groups == SEPARATOR)
    other = np.flatnonzero(groups > SEPARATOR)
    found[other] = answered(marks.boxes[other, 2:].max(axis=1))
    if len(separators):
        found[separators] = ALONE
    if len(separators) and len(digits):
        middles = marks.boxes[:, :2] + marks.boxes[:, 2:] / 2
        apart = np.abs(middles[separators, None] - middles[None, digits]).max(axis=2)
        apart /= np.maximum(marks.boxes[digits, 3], 1)
        nearest = apart.argmin(axis=1)
        near = apart[np.arange(len(separators)), nearest] <= BESIDE
        found[separators[near]] = found[digits[nearest[near]]]
    return found
