"""Whether the digits of a page stand in rows and columns, and in which cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.reading.layout.rows import Row

APART = 0.25  # heights; between columns no line has anything for so long
GAP, MORE = 0.55, 0.25  # heights; the mean gap of the lines there, and how much above the usual
RULED = 0.5  # rules for each line, where a column ends
SAME_RULE = 1.0  # heights; places of one rule, or of a rule and the gap around it, are nearer
FILLED = 0.6  # share of the cells that have something in them
IN_LINE = 0.75  # heights; starts, middles or ends of a column's cells spread by less


@dataclass(frozen=True)
class Table:
    """The cells of a table.

    Attributes
    ----------
    first : number of the line that is its first row
    cells : texts, a list for each row
    """

    first: int
    cells: list[list[str]]


@dataclass(frozen=True)
class _Sign:
    """A digit or separator, where it stands once lines are level."""

    row: int
    left: float
    right: float
    text: str


def find_table(rows: Sequence[Row]) -> Table | None:
    """Find the table that the lines form, or all lines but the first or the last.

    Returns
    -------
    None if there are no two columns and two rows that stand in line
    """
    tilt = _tilt(rows)
    for first, last in ((0, len(rows)), (1, len(rows)), (0, len(rows) - 1)):
        if last - first >= 2 and (cells := _cells(rows[first:last], tilt)):
            return Table(first, cells)
    return None


def _cells(rows: Sequence[Row], tilt: float) -> list[list[str]]:
    height = float(np.median([row.height for row in rows]))
    signs = [sign for number, row in enumerate(rows) for sign in _signs(row, number, tilt)]
    usual = float(np.median([row.usual_gap for row in rows]))
    ruled = _ruled_borders(rows, tilt, height)
    borders = ruled + [
        border
        for border in _borders(signs, height, max(GAP, min(usual, GAP) + MORE))
        if not ruled or np.abs(np.subtract(ruled, border)).min() > SAME_RULE * height
    ]
    borders.sort()
    columns: list[list[_Sign]] = [[] for _ in range(len(borders) + 1)]
    for sign in signs:
        columns[int(np.searchsorted(borders, (sign.left + sign.right) / 2))].append(sign)
    cells = [["" for _ in columns] for _ in rows]
    for place, column in enumerate(columns):
        for sign in column:
            cells[sign.row][place] += sign.text
    filled = np.array([[bool(text) for text in row] for row in cells])
    if len(columns) < 2 or filled.mean() < FILLED or filled.sum(axis=0).min() < 2:
        return []
    return cells if all(_in_line(column, height) for column in columns) else []


def _signs(row: Row, number: int, tilt: float) -> list[_Sign]:
    shifts = tilt * (row.boxes[:, 1] + row.boxes[:, 3] / 2)
    lefts, rights = row.boxes[:, 0] + shifts, row.boxes[:, 0] + row.boxes[:, 2] + shifts
    return [
        _Sign(number, float(left), float(right), text)
        for left, right, text in zip(lefts, rights, row.signs, strict=True)
        if text
    ]


def _ruled_borders(rows: Sequence[Row], tilt: float, height: float) -> list[float]:
    """Return where upright rules stand below each other in enough of the lines."""
    places = sorted(float(x + tilt * y) for row in rows for x, y in row.rules)
    groups: list[list[float]] = []
    for place in places:
        if groups and place - groups[-1][0] <= SAME_RULE * height:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [float(np.median(group)) for group in groups if len(group) >= RULED * len(rows)]


def _borders(signs: Sequence[_Sign], height: float, gap: float) -> list[float]:
    """Return where columns end: no line has anything there, and most have a wide gap."""
    borders = []
    end = np.inf
    for sign in sorted(signs, key=lambda sign: sign.left):
        if sign.left - end >= APART * height:
            border = (sign.left + end) / 2
            gaps = _gaps(signs, border)
            if gaps and float(np.mean(gaps)) >= gap * height:
                borders.append(border)
        end = max(end, sign.right) if np.isfinite(end) else sign.right
    return borders


def _gaps(signs: Sequence[_Sign], border: float) -> list[float]:
    """Return how wide the gap around a border is in each line that has something on both sides."""
    gaps = []
    for row in {sign.row for sign in signs}:
        before = [s.right for s in signs if s.row == row and s.right <= border]
        after = [s.left for s in signs if s.row == row and s.left >= border]
        if before and after:
            gaps.append(min(after) - max(before))
    return gaps


def _in_line(column: Sequence[_Sign], height: float) -> bool:
    """Return whether the cells of a column begin, end or have their middles below each other."""
    edges = []
    for row in {sign.row for sign in column}:
        own = [sign for sign in column if sign.row == row]
        left, right = min(sign.left for sign in own), max(sign.right for sign in own)
        edges.append((left, (left + right) / 2, right))
    return bool(np.std(edges, axis=0).min() <= IN_LINE * height)


def _tilt(rows: Sequence[Row]) -> float:
    """Return the tangent of the slope of most lines."""
    slopes = []
    for row in rows:
        own = row.boxes[row.is_digit]
        middles = own[:, :2] + own[:, 2:] / 2
        across = float(np.ptp(middles[:, 0]))
        if across > 3 * row.height:
            ends = middles[[middles[:, 0].argmin(), middles[:, 0].argmax()], 1]
            slopes.append(float(ends[1] - ends[0]) / across)
    return float(np.median(slopes)) if slopes else 0.0
