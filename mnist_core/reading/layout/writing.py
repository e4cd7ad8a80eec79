"""Lines of digits -> what is written, and the cells of a table."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mnist_core.reading.layout.rows import Row, rows_of
from mnist_core.reading.layout.tables import find_cells
from mnist_core.reading.layout.turns import upright_box
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
    cells, written = find_cells(rows), [write(row) for row in rows]
    if cells and any(len(cell) > 1 for line in cells for cell in line):
        written = [" ".join(filter(None, line)) for line in cells]
    return replace(
        reading,
        digits=tuple(digits),
        written="\n".join(written),
        cells=tuple(map(tuple, cells)),
        remark="" if has_come else reading.remark,
    )


def write(row: Row, first: int = 0, last: int | None = None) -> str:
    """Write a line, or a part of it: digits, separators, and a space for each wide gap."""
    text, pending = "", False
    for sign, wide in zip(row.signs[first:last], row.wide[first:last], strict=True):
        pending |= bool(wide)
        if sign:
            text += " " * (pending and bool(text)) + sign
            pending = False
    return text


def _upright(box: tuple[int, int, int, int], reading: Reading) -> tuple[int, int, int, int]:
    x, y, w, h = upright_box(np.array([box]), reading.turned, (reading.height, reading.width))[0]
    return int(x), int(y), int(w), int(h)
