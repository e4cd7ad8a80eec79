"""What the marks around a mark say about it."""

from dataclasses import replace

import numpy as np

from mnist_core.config import MARKS
from mnist_core.reading.detection.marks import DIGIT, Marks

SLASH, ONE = MARKS.index("/"), MARKS.index("1")
BESIDE = 2.5  # heights; what stands so near to the left is what a slash separates
NEXT = 1.0  # heights; so near to the right begins a number
ALIKE = 1.7  # times; heights of a 1 and of the digit beside it differ by less
LEVEL = 0.6  # heights; so far apart are the middles of digits beside each other, at most
LIKELY = 0.4  # probability of a digit that counts


def ones_from_slashes(marks: Marks) -> Marks:
    """Take a slash that begins a number for a 1: nothing stands before it that it could separate.

    Returns
    -------
    the marks, some of them with the probability of a slash given to that of a 1
    """
    slashes = np.flatnonzero(marks.classes.argmax(axis=1) == SLASH)
    digits = (marks.groups == DIGIT) & (marks.scores * marks.digit_share >= LIKELY)
    if not len(slashes) or not digits.any():
        return marks
    others, here = marks.boxes[digits], marks.boxes[slashes]
    height, tall = here[:, None, 3], others[:, 3]
    middles = others[:, 1] + tall / 2 - (here[:, 1] + here[:, 3] / 2)[:, None]
    level = np.abs(middles) <= LEVEL * np.maximum(height, tall)
    unit = np.minimum(height, tall)
    after = others[:, 0] - (here[:, 0] + here[:, 2])[:, None]
    is_after = others[:, 0] + others[:, 2] / 2 > (here[:, 0] + here[:, 2] / 2)[:, None]
    alike = np.maximum(height, tall) <= ALIKE * unit
    begins = (level & alike & is_after & (after <= NEXT * unit)).any(axis=1)
    before = here[:, 0][:, None] - (others[:, 0] + others[:, 2])
    separates = (level & ~is_after & (before <= BESIDE * unit)).any(axis=1)
    chosen = slashes[begins & ~separates]
    classes = marks.classes.copy()
    classes[chosen, ONE] += classes[chosen, SLASH]
    classes[chosen, SLASH] = 0
    return replace(marks, classes=classes)
