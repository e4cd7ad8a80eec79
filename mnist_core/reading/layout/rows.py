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
# Digits in boxes: how far apart they are, in heights; how far off a multiple of that they may be,
# and which share is not; how many distances it takes to tell.
PITCHES, OFF_PITCH, ON_PITCH, FEWEST_STEPS = (1.05, 2.2), 0.25, 0.8, 3
# Upright rules: how much farther apart digits are there, in heights, than within a number; how many
# it takes to tell that there are boxes.
ROOMIER, FEWEST_RULES = 0.3, 2
GROUP = (1.4, 1.8)  # boxes from a digit to the next; a box that was left empty would make it two
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


def are_in_columns(rows: Sequence[Row]) -> bool:
    """Return whether upright rules stand between numbers, but not between all digits.

    On squared paper rules stand between digits that are no farther apart than others.
    """
    ruled, free = _distances(rows)
    if len(ruled) < FEWEST_RULES or not free:
        return False
    return float(np.median(ruled) - np.median(free)) >= ROOMIER


def are_in_boxes(rows: Sequence[Row]) -> bool:
    """Return whether digits stand one by one in boxes: with rules between, or evenly.

    Gaps between them are no spaces then, nor are boxes that were left empty; see `grouped`.
    """
    ruled, free = _distances(rows)
    if are_in_columns(rows):
        return False
    if len(ruled) >= max(FEWEST_RULES, len(free)):
        return True
    return _are_even([*ruled, *free])


def grouped(rows: Sequence[Row]) -> list[np.ndarray]:
    """Return before which signs a group of boxes begins, as in a date; bool (n,) for each line.

    Without rules, digits at even distances are no sure sign of boxes, and form no groups.
    """
    ruled, free = _distances(rows)
    pitch = _pitch([*ruled, *free]) if len(ruled) >= FEWEST_RULES else np.inf
    found = []
    for row in rows:
        starts = np.zeros(len(row.signs), bool)
        written = np.flatnonzero([bool(sign) for sign in row.signs])
        multiples = _steps(row.boxes[written]) / (row.height * pitch)
        digits = row.is_digit[written]
        between = digits[1:] & digits[:-1] & (multiples > GROUP[0]) & (multiples < GROUP[1])
        starts[written[1:][between]] = True
        found.append(starts)
    return found


def _distances(rows: Sequence[Row]) -> tuple[list[float], list[float]]:
    """Return how far digits are apart, in heights: those with a rule between them, and others."""
    ruled: list[float] = []
    free: list[float] = []
    for row in rows:
        written = np.array([bool(sign) for sign in row.signs])
        digits, own = row.is_digit[written], row.boxes[written]
        rules = np.diff(np.cumsum(row.ruled)[written]) > 0
        distances = _steps(own) / row.height
        neighbours = digits[1:] & digits[:-1]
        ruled += distances[neighbours & rules].tolist()
        free += distances[neighbours & ~rules].tolist()
    return ruled, free


def _steps(boxes: np.ndarray) -> np.ndarray:
    """Return how far the middles of boxes are from one to the next, in pixels; float (n - 1,)."""
    return np.hypot(*np.diff(boxes[:, :2] + boxes[:, 2:] / 2, axis=0).T)


def _pitch(steps: Sequence[float]) -> float:
    """Return the distance between neighbours that most have, at least one step being given."""
    shortest = float(np.quantile(steps, 0.2))
    return max(float(np.median([step for step in steps if step <= 1.4 * shortest])), 1e-6)


def _are_even(steps: Sequence[float]) -> bool:
    """Return whether all digits stand at multiples of one distance.

    Parameters
    ----------
    steps : from each digit to the next, in heights
    """
    if len(steps) < FEWEST_STEPS:
        return False
    pitch = _pitch(steps)
    multiples = np.divide(steps, pitch)
    off = np.abs(multiples - np.maximum(np.round(multiples), 1))
    return PITCHES[0] <= pitch <= PITCHES[1] and float((off <= OFF_PITCH).mean()) >= ON_PITCH


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
