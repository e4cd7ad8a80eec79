"""How far digits are apart on a page, and what that says: boxes of a form, columns, or neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnist_core.reading.layout.rows import Row

# Digits in boxes: how far apart they are, in heights; how far off a multiple of that they may be,
# and which share is not; how many distances it takes to tell.
PITCHES, OFF_PITCH, ON_PITCH, FEWEST_STEPS = (1.05, 2.2), 0.25, 0.8, 3
# Upright rules: how much farther apart digits are there, in heights, than within a number; how many
# it takes to tell that there are boxes.
ROOMIER, FEWEST_RULES = 0.3, 2
GROUP = (1.4, 1.8)  # boxes from a digit to the next; a box that was left empty would make it two


@dataclass(frozen=True)
class Spacing:
    """The distances between the middles of neighbouring digits, in heights.

    Attributes
    ----------
    ruled : of those with an upright rule between them
    free : of the others
    """

    ruled: tuple[float, ...]
    free: tuple[float, ...]

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Spacing":
        """Measure the lines of a page."""
        ruled: list[float] = []
        free: list[float] = []
        for row in rows:
            places, distances = _neighbours(row)
            has_rule = np.diff(np.cumsum(row.ruled)[places], axis=1)[:, 0] > 0
            ruled += distances[has_rule].tolist()
            free += distances[~has_rule].tolist()
        return cls(tuple(ruled), tuple(free))

    @cached_property
    def in_columns(self) -> bool:
        """Whether upright rules stand between numbers, but not between all digits.

        On squared paper rules stand between digits that are no farther apart than others.
        """
        if len(self.ruled) < FEWEST_RULES or not self.free:
            return False
        return float(np.median(self.ruled) - np.median(self.free)) >= ROOMIER

    @cached_property
    def in_boxes(self) -> bool:
        """Whether digits stand one by one in boxes: with rules between, or evenly.

        Gaps between them are no spaces then, nor are boxes that were left empty; see `groups`.
        """
        if self.in_columns:
            return False
        return len(self.ruled) >= max(FEWEST_RULES, len(self.free)) or self._is_even

    def groups(self, row: Row) -> np.ndarray:
        """Return before which signs of a line a group of boxes begins, as in a date; bool (n,).

        Without rules, digits at even distances are no sure sign of boxes, and form no groups.
        """
        starts = np.zeros(len(row.signs), bool)
        if len(self.ruled) >= FEWEST_RULES:
            places, distances = _neighbours(row)
            multiples = distances / self._pitch
            starts[places[(multiples > GROUP[0]) & (multiples < GROUP[1]), 1]] = True
        return starts

    @cached_property
    def _pitch(self) -> float:
        """The distance that most neighbours have, where there are any."""
        steps = [*self.ruled, *self.free]
        shortest = float(np.quantile(steps, 0.2))
        return max(float(np.median([step for step in steps if step <= 1.4 * shortest])), 1e-6)

    @property
    def _is_even(self) -> bool:
        """Whether all digits stand at multiples of one distance."""
        steps = [*self.ruled, *self.free]
        if len(steps) < FEWEST_STEPS:
            return False
        multiples = np.divide(steps, self._pitch)
        off = np.abs(multiples - np.maximum(np.round(multiples), 1))
        is_pitch = PITCHES[0] <= self._pitch <= PITCHES[1]
        return is_pitch and float((off <= OFF_PITCH).mean()) >= ON_PITCH


def _neighbours(row: Row) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of digits with no other sign between them, int (k, 2), and how far apart.

    Distances are those of their middles, in heights; float (k,).
    """
    written = np.flatnonzero([bool(sign) for sign in row.signs])
    pairs = np.stack([written[:-1], written[1:]], axis=1)
    pairs = pairs[row.is_digit[pairs].all(axis=1)]
    middles = row.boxes[:, :2] + row.boxes[:, 2:] / 2
    apart = middles[pairs[:, 1]] - middles[pairs[:, 0]]
    return pairs, np.hypot(*apart.T) / row.height
