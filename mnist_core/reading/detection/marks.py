"""Marks that were found: where they are, how sure that is, and which they may be."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.config import CLASSES, MARKS

SEPARATORS = slice(CLASSES, len(MARKS) - 1)  # of the classes; the digits come before, "other" last


@dataclass(frozen=True)
class Marks:
    """Digits, separators and other marks, or what may be some.

    Attributes
    ----------
    boxes : float (n, 4), x, y, width and height in pixels
    scores : float (n,) in [0, 1], whether there is a mark at all
    classes : float (n, len(MARKS)), probabilities of the kinds of marks, summing to 1
    support : float (n,) in [0, 1], the mean score of all scales that answer for marks of this size
    """

    boxes: np.ndarray
    scores: np.ndarray
    classes: np.ndarray
    support: np.ndarray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.scores)

    def __getitem__(self, index: np.ndarray) -> "Marks":
        """Return some of the marks, chosen by their numbers or by one truth value each."""
        return Marks(
            self.boxes[index], self.scores[index], self.classes[index], self.support[index]
        )

    @property
    def digit_share(self) -> np.ndarray:
        """The probability of being a digit, of those that are marks; float (n,)."""
        return self.classes[:, :CLASSES].sum(axis=1)

    @property
    def groups(self) -> np.ndarray:
        """What each most likely is: 0 a digit, 1 a separator, 2 something else; int (n,)."""
        separator = self.classes[:, SEPARATORS].sum(axis=1)
        return np.stack([self.digit_share, separator, self.classes[:, -1]]).argmax(axis=0)


DIGIT, SEPARATOR, OTHER = range(3)  # of `Marks.groups`


def no_marks() -> Marks:
    """Return no marks."""
    return Marks(np.zeros((0, 4)), np.zeros(0), np.zeros((0, len(MARKS))), np.zeros(0))


def all_of(found: Sequence[Marks]) -> Marks:
    """Return the marks of several findings together."""
    found = [no_marks(), *found]
    return Marks(
        np.concatenate([marks.boxes for marks in found]),
        np.concatenate([marks.scores for marks in found]),
        np.concatenate([marks.classes for marks in found]),
        np.concatenate([marks.support for marks in found]),
    )
