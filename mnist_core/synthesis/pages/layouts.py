"""Layouts: what stands where on a page. Each fills a part of the page with writing or print."""

from collections.abc import Callable
from dataclasses import dataclass

from numpy.random import Generator

from mnist_core.synthesis.pages import filled_in, free
from mnist_core.synthesis.pages.canvas import Canvas
from mnist_core.synthesis.pages.forms import Rect
from mnist_core.synthesis.pages.writing import Writer

Layout = Callable[[Canvas, Rect, float, Writer, Generator], None]


@dataclass(frozen=True)
class Kind:
    """A layout, and how often training sees it, in parts of all."""

    layout: Layout
    frequency: float


LAYOUTS = {
    "lines": Kind(free.lines, 26),
    "chains": Kind(free.chains, 10),
    "boxes": Kind(filled_in.boxes, 16),
    "tables": Kind(filled_in.table, 11),
    "sudoku": Kind(filled_in.sudoku, 3),
    "columns": Kind(free.columns, 5),
    "forms": Kind(filled_in.form, 6),
    "receipts": Kind(free.receipt, 4),
    "exams": Kind(filled_in.exam, 4),
    "scatter": Kind(free.scatter, 4),
    "letters": Kind(free.letters, 4),
    "print": Kind(free.printed, 5),
    "doodles": Kind(free.doodles, 3),
    "scenes": Kind(free.scene, 3),
    "blank": Kind(free.blank, 2),
}
NUMBERLESS = ("letters", "print", "doodles", "scenes", "blank")
