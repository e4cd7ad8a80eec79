"""What the detector should answer for a page whose marks are known."""

from collections.abc import Sequence

import numpy as np

from mnist_core.config import CELL, CLASSES, MARKS, UNIT
from mnist_core.synthesis.pages import Mark
from mnist_core.synthesis.pages.labels import Box

LEARNED = (11.0, 50.0)  # pixels; heights of digits that the detector answers for
IGNORED = (7.0, 72.0)  # it may answer or not for those between; beyond, it has to be silent
SPREAD, LEAST_SPREAD = 0.15, 0.5  # of a Gaussian, by the side of the box; and in cells
NEAR = 0.3  # cells where the Gaussian is higher learn the class and the box
CHANNELS = 8  # centre, its weight, class, weight of class and box, dx, dy, log width, log height


def sizes_of(marks: Sequence[Mark]) -> np.ndarray:
    """Return the size by which each mark is learned or not, in pixels.

    That is the height of a digit; of other marks the median height of the digits of its line,
    where there are any, because a point is as small as a speck; else the longer side.

    Returns
    -------
    float (n,)
    """
    heights: dict[int, list[float]] = {}
    for mark in marks:
        if _is_digit(mark) and mark.line >= 0:
            heights.setdefault(mark.line, []).append(mark.box[3])
    return np.array(
        [
            mark.box[3]
            if _is_digit(mark)
            else np.median(heights[mark.line])
            if mark.line in heights
            else max(mark.box[2:])
            for mark in marks
        ],
        float,
    )


def is_learned(sizes: np.ndarray) -> np.ndarray:
    """Return which marks of these sizes have to be found, bool (n,)."""
    return (sizes >= LEARNED[0]) & (sizes <= LEARNED[1])


def is_ignored(sizes: np.ndarray) -> np.ndarray:
    """Return which marks of these sizes may be found or not, bool (n,)."""
    return (sizes >= IGNORED[0]) & (sizes <= IGNORED[1]) & ~is_learned(sizes)


def make_targets(
    marks: Sequence[Mark], size: tuple[int, int], *, ignored: Sequence[Box] = ()
) -> np.ndarray:
    """Return what the detector should answer.

    Parameters
    ----------
    size : height and width of the page in pixels, multiples of CELL
    ignored : boxes of marks that the border cuts, so that it may answer or not

    Returns
    -------
    float32 (h / CELL, w / CELL, CHANNELS): how near a centre is, 1 in its cell; 0 where that is
    ignored, else 1; the class; the weight of class and box, whose sum is 1 for every mark; the
    box as the network gives it
    """
    rows, columns = size[0] // CELL, size[1] // CELL
    targets = np.zeros((rows, columns, CHANNELS), np.float32)
    targets[..., 1] = 1
    sizes = sizes_of(marks)
    between = [marks[number].box for number in np.flatnonzero(is_ignored(sizes)).tolist()]
    for box in (*between, *ignored):
        x, y, w, h = np.array(box) / CELL
        top, left = max(int(y), 0), max(int(x), 0)
        targets[top : max(int(y + h) + 1, 0), left : max(int(x + w) + 1, 0), 1] = 0
    owners = np.full((rows, columns), -1)
    for number in np.flatnonzero(is_learned(sizes)).tolist():
        _add(targets, owners, marks[number], number)
    _share_weights(targets, owners)
    targets[..., 1][targets[..., 3] > 0] = 1
    return targets


def _add(targets: np.ndarray, owners: np.ndarray, mark: Mark, number: int) -> None:
    """Add a mark; where it is nearer than those before, the class and the box are its own."""
    rows, columns = owners.shape
    x, y, w, h = np.array(mark.box) / CELL
    centre = np.array([x + w / 2, y + h / 2])
    column, row = np.floor(centre).astype(int)
    if not (0 <= row < rows and 0 <= column < columns):
        return
    spread = np.maximum(SPREAD * np.array([w, h]), LEAST_SPREAD)
    reach = np.ceil(3 * spread).astype(int)
    left, right = max(column - reach[0], 0), min(column + reach[0] + 1, columns)
    top, bottom = max(row - reach[1], 0), min(row + reach[1] + 1, rows)
    across, down = np.arange(left, right), np.arange(top, bottom)
    bell = np.exp(-(((down - row) / spread[1]) ** 2) / 2)[:, None] * np.exp(
        -(((across - column) / spread[0]) ** 2) / 2
    )
    part = targets[top:bottom, left:right]
    own = bell > part[..., 0]
    part[..., 0][own] = bell[own]
    near = own & (bell >= NEAR)
    part[..., 2][near] = MARKS.index(mark.label)
    part[..., 3][near] = bell[near]
    part[..., 4][near] = np.broadcast_to(centre[0] - (across + 0.5), bell.shape)[near]
    part[..., 5][near] = np.broadcast_to(centre[1] - (down + 0.5)[:, None], bell.shape)[near]
    part[..., 6:][near] = np.log(np.maximum(mark.box[2:], 1.0) / UNIT)
    owners[top:bottom, left:right][near] = number


def _share_weights(targets: np.ndarray, owners: np.ndarray) -> None:
    """Let the weights of each mark add up to 1, however many cells it has."""
    owned = owners >= 0
    if owned.any():
        totals = np.bincount(owners[owned], weights=targets[..., 3][owned])
        targets[..., 3][owned] /= totals[owners[owned]]


def _is_digit(mark: Mark) -> bool:
    return MARKS.index(mark.label) < CLASSES
