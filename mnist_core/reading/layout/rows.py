"""The digits and separators of a line as they stand side by side, and the gaps between them."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.reading.layout.links import page_slope, steady_slope
from mnist_core.reading.result import Digit, Separator

WIDE = 0.7  # heights beyond the line's usual gap; a wider one is a space
USUAL = 0.3  # heights; the gap between digits where a line shows none
LARGEST_USUAL = 1.6  # heights; digits in the boxes of a form
# Digits in boxes: how far apart they are, in heights; how far off a multiple of that they may be,
# and which share is not; how many distances it takes to tell.
PITCHES, OFF_PITCH, ON_PITCH, FEWEST_STEPS = (1.05, 2.2), 0.25, 0.8, 3
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
    """

    signs: tuple[str, ...]
    boxes: np.ndarray
    is_digit: np.ndarray
    height: float
    gaps: np.ndarray

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


def are_in_boxes(rows: Sequence[Row]) -> bool:
    """Return whether digits stand one by one in boxes, all at multiples of one distance.

    Gaps between them are no spaces then, nor are boxes that were left empty.
    """
    steps: list[float] = []
    for row in rows:
        written = np.array([bool(sign) for sign in row.signs])
        digits, own = row.is_digit[written], row.boxes[written]
        middles = own[:, :2] + own[:, 2:] / 2
        distances = np.hypot(*np.diff(middles, axis=0).T) / row.height
        steps += distances[digits[1:] & digits[:-1]].tolist()
    if len(steps) < FEWEST_STEPS:
        return False
    shortest = float(np.quantile(steps, 0.2))
    pitch = max(float(np.median([step for step in steps if step <= 1.4 * shortest])), 1e-6)
    multiples = np.divide(steps, pitch)
    off = np.abs(multiples - np.maximum(np.round(multiples), 1))
    return PITCHES[0] <= pitch <= PITCHES[1] and float((off <= OFF_PITCH).mean()) >= ON_PITCH


def _row(digits: list[Digit], marks: list[Separator], page: float) -> Row:
    boxes = np.array([one.box for one in (*digits, *marks)], float)
    accepted = np.array([one.accepted for one in digits] + [False] * len(marks))
    signs = [str(digit.digit) if digit.accepted else "" for digit in digits]
    signs += [mark.sign for mark in marks]
    own = boxes[accepted]
    height, slope = max(float(np.median(own[:, 3])), 1.0), steady_slope(own, page)
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    places = (middles[:, 0] + slope * middles[:, 1]) / np.hypot(1, slope)
    order = np.argsort(places, kind="stable")
    boxes, accepted, places = boxes[order], accepted[order], places[order]
    ends = places[:-1] + boxes[:-1, 2] / 2
    gaps = (places[1:] - boxes[1:, 2] / 2 - ends) / height
    row = Row(tuple(signs[i] for i in order), boxes, accepted, height, np.maximum(gaps, 0))
    return Row(_meaningful(row, slope), boxes, accepted, height, row.gaps)


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
