"""The digits and separators of a line as they stand side by side, and the gaps between them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mnist_core.reading.layout.links import page_slope, steady_slope
from mnist_core.reading.result import RULE, Digit, Separator

WIDE = 0.7  # heights beyond the line's usual gap; a wider one is a space
USUAL = 0.3  # heights; the gap between digits where a line shows none
LARGEST_USUAL = 1.6  # heights; digits in the boxes of a form
# Where a sign's middle may be, in heights below the middle of the digits.
PLACES = {".": (0.12, 1.0), ",": (0.12, 1.1), "-": (-0.4, 0.4), "/": (-0.6, 0.6), "+": (-0.5, 0.5)}
AFTER_DIGIT = (".", ",")


@dataclass(frozen=True)
class Row:
    """What stands in a line, from left to right.

    Attributes
    ----------
    signs : a character each; empty for marks that are not written
    boxes : float (n, 4), x, y, width and height in pixels of the upright picture
    is_digit : bool (n,), of those that are accepted digits
    height : of the digits in pixels
    gaps : float (n - 1,), heights of the digits between each mark and the next
    ruled : bool (n,), whether there is an upright rule between each mark and the one before
    rules : float (k, 2), x and y of their middles
    """

    signs: tuple[str, ...]
    boxes: np.ndarray
    is_digit: np.ndarray
    height: float
    gaps: np.ndarray
    ruled: np.ndarray
    rules: np.ndarray

    @property
    def usual_gap(self) -> float:
        """The gap between digits of a number, in heights: the lower quartile of all."""
        between = self.is_digit[1:] & self.is_digit[:-1]
        return min(float(np.quantile([*self.gaps[between], USUAL], 0.25)), LARGEST_USUAL)

    @property
    def wide(self) -> np.ndarray:
        """Whether there is a space before each sign; bool (n,).

        Letters and other marks that are not written leave a space where there was one between the
        digits beside them; one alone, as in 4A7, takes no room.
        """
        wide = np.zeros(len(self.signs), bool)
        written = np.flatnonzero([bool(sign) for sign in self.signs])
        for before, sign in itertools.pairwise(written):
            blanks = self.boxes[before + 1 : sign, 2] / self.height
            gap = self.gaps[before:sign].sum() + blanks.sum() - blanks.max(initial=0)
            wide[sign] = gap > (2 if len(blanks) else 1) * self.usual_gap + WIDE
        return wide


def rows_of(digits: Sequence[Digit], marks: Sequence[Separator]) -> list[Row]:
    """Return the lines that have an accepted digit, from top to bottom.

    Parameters
    ----------
    digits, marks : with boxes in pixels of the picture turned upright
    """
    counted = sorted({digit.line for digit in digits if digit.accepted})
    page = page_slope(
        [
            np.array(
                [digit.box for digit in digits if digit.accepted and digit.line == line], float
            )
            for line in counted
        ]
    )
    return [
        _row(
            [digit for digit in digits if digit.line == line],
            [mark for mark in marks if mark.line == line],
            page,
        )
        for line in counted
    ]


def _row(digits: list[Digit], marks: list[Separator], page: float) -> Row:
    rules = np.array([mark.box for mark in marks if mark.sign == RULE], float).reshape(-1, 4)
    marks = [mark for mark in marks if mark.sign != RULE]
    boxes = np.array([one.box for one in (*digits, *marks)], float)
    accepted = np.array([one.accepted for one in digits] + [False] * len(marks))
    signs = [str(digit.digit) if digit.accepted else "" for digit in digits]
    signs += [mark.sign for mark in marks]
    own = boxes[accepted]
    height, slope = max(float(np.median(own[:, 3])), 1.0), steady_slope(own, page)
    places = _places(boxes, slope)
    order = np.argsort(places, kind="stable")
    boxes, accepted, places = boxes[order], accepted[order], places[order]
    ends = places[:-1] + boxes[:-1, 2] / 2
    gaps = (places[1:] - boxes[1:, 2] / 2 - ends) / height
    before = np.searchsorted(np.sort(_places(rules, slope)), places)  # rules before each
    row = Row(
        tuple(signs[i] for i in order),
        boxes,
        accepted,
        height,
        np.maximum(gaps, 0),
        np.diff(before, prepend=before[:1]) > 0,
        rules[:, :2] + rules[:, 2:] / 2,
    )
    return replace(row, signs=_meaningful(row, slope))


def _places(boxes: np.ndarray, slope: float) -> np.ndarray:
    """Return where the middles of boxes are along a line with that slope."""
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    return (middles[:, 0] + slope * middles[:, 1]) / np.hypot(1, slope)


def _meaningful(row: Row, slope: float) -> tuple[str, ...]:
    """Return the signs without separators that stand where they mean nothing."""
    signs = list(row.signs)
    middles = row.boxes[:, :2] + row.boxes[:, 2:] / 2
    digits = np.flatnonzero(row.is_digit)
    for index, sign in enumerate(signs):
        if sign not in PLACES:
            continue
        nearest = digits[np.argsort(np.abs(digits - index))[:2]]
        level = middles[nearest, 1] + slope * (middles[index, 0] - middles[nearest, 0])
        below = (middles[index, 1] - level.mean()) / row.height
        low, high = PLACES[sign]
        if not low <= below <= high or (sign in AFTER_DIGIT and index < digits[0]):
            signs[index] = ""
    return tuple(signs)
