"""Lines of digits -> what is written, and the cells of a table."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mnist_core.boxes import turn_box
from mnist_core.reading.layout.rows import Row, rows_of
from mnist_core.reading.layout.spacing import Spacing
from mnist_core.reading.layout.tables import find_table
from mnist_core.reading.result import Digit, Reading


def with_digits(reading: Reading, digits: Sequence[Digit]) -> Reading:
    """Return a reading with other digits, and all that follows from them written again.

    Parameters
    ----------
    digits : line by line, from left to right, with boxes in pixels of the picture as it was given

    Returns
    -------
    the reading; a remark on a picture without digits goes once there are some
    """
    has_come = not reading.text and any(digit.accepted for digit in digits)
    rows = rows_of(
        [replace(digit, box=_upright(digit.box, reading)) for digit in digits],
        [replace(mark, box=_upright(mark.box, reading)) for mark in reading.marks],
    )
    spacing = Spacing.of(rows)
    if not spacing.in_columns:  # rules of boxes and of squared paper stand within numbers
        rows = [replace(row, ruled=np.zeros_like(row.ruled), rules=row.rules[:0]) for row in rows]
    written = [
        write(row, spacing.groups(row) if spacing.in_boxes else row.wide | row.ruled)
        for row in rows
    ]
    table = find_table(rows)
    if table:
        lines = [("" if spacing.in_boxes else " ").join(filter(None, line)) for line in table.cells]
        written[table.first : table.first + len(lines)] = lines
    return replace(
        reading,
        digits=tuple(digits),
        written="\n".join(written),
        cells=tuple(map(tuple, table.cells)) if table else (),
        remark="" if has_come else reading.remark,
    )


def write(row: Row, spaces: np.ndarray) -> str:
    """Write a line: digits, separators and spaces.

    Parameters
    ----------
    spaces : bool (n,), whether there is one before each sign
    """
    text, pending = "", False
    for sign, space in zip(row.signs, spaces, strict=True):
        pending |= bool(space)
        if sign:
            text += " " * (pending and bool(text)) + sign
            pending = False
    return text


def _upright(box: tuple[int, int, int, int], reading: Reading) -> tuple[int, int, int, int]:
    return turn_box(box, reading.turned, (reading.width, reading.height))
