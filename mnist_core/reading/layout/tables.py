"""Whether the digits of a page stand in rows and columns, and in which cells."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.reading.layout.rows import Row

CELL_GAPS = (0.75, 0.4)  # heights; wider gaps may part cells: of numbers, then of single digits
FILLED = 0.6  # share of the cells that have something in them
IN_LINE = 0.75  # heights; starts, middles or ends of a column's cells spread by less


@dataclass(frozen=True)
class _Cell:
    """A part of a line: its marks from `first` until before `last`, and where it stands."""

    row: int
    first: int
    last: int
    left: float
    right: float
    text: str


def find_cells(rows: Sequence[Row]) -> list[list[str]]:
    """Find the table that the lines form.

    Returns
    -------
    the cells of each row, "" where one is empty; an empty list if there are no two columns and
    two rows that stand in line
    """
    if len(rows) < 2:
        return []
    for gap in CELL_GAPS:
        found = _table(rows, gap)
        if found and (gap == CELL_GAPS[0] or all(len(text) <= 1 for row in found for text in row)):
            return found
    return []


def _table(rows: Sequence[Row], gap: float) -> list[list[str]]:
    tilt = _tilt(rows)
    cells = [cell for number, row in enumerate(rows) for cell in _cells(row, number, gap, tilt)]
    height = float(np.median([row.height for row in rows]))
    columns = _columns(cells)
    if len(columns) < 2 or len(columns) * len(rows) * FILLED > len(cells):
        return []
    for column in columns:
        if len(column) < 2 or len({cell.row for cell in column}) < len(column):
            return []
        edges = np.array([(cell.left, (cell.left + cell.right) / 2, cell.right) for cell in column])
        if edges.std(axis=0).min() > IN_LINE * height:
            return []
    table = [[""] * len(columns) for _ in rows]
    for place, column in enumerate(columns):
        for cell in column:
            table[cell.row][place] = cell.text
    return table


def _cells(row: Row, number: int, gap: float, tilt: float) -> list[_Cell]:
    """Part a line where its gaps are wide."""
    usual = min(row.usual_gap, 0.35)
    starts = [0, *(np.flatnonzero(row.gaps > usual + gap) + 1).tolist(), len(row.signs)]
    cells = []
    for first, last in itertools.pairwise(starts):
        text = "".join(row.signs[first:last])
        if any(sign.isdigit() for sign in text):
            own = row.boxes[first:last][[bool(sign) for sign in row.signs[first:last]]]
            shift = tilt * float((own[:, 1] + own[:, 3] / 2).mean())
            left, right = float(own[:, 0].min()), float((own[:, 0] + own[:, 2]).max())
            cells.append(_Cell(number, first, last, left + shift, right + shift, text))
    return cells


def _columns(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    """Gather cells that overlap across the page."""
    columns: list[list[_Cell]] = []
    end = -np.inf
    for cell in sorted(cells, key=lambda cell: cell.left):
        if cell.left >= end:
            columns.append([])
        columns[-1].append(cell)
        end = max(end, cell.right)
    return columns


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
