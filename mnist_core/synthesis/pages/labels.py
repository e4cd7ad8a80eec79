"""A finished page with its labels: what stands where, and what a reader should answer."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from mnist_core.boxes import turn_box
from mnist_core.synthesis.pages import camera
from mnist_core.synthesis.pages.canvas import Canvas, Written

Box = tuple[float, float, float, float]  # x, y, width, height in pixels
SEEN, CUT = 0.7, 0.15  # shares of a mark's box: from the first it counts, from the second it is cut


@dataclass(frozen=True)
class Mark:
    """A digit or sign on a page.

    Attributes
    ----------
    label : one of `config.MARKS`
    box : of its ink
    line : the number it belongs to, counted from 0; -1 for none
    """

    label: str
    box: Box
    line: int


@dataclass(frozen=True)
class Page:
    """A page made by code, with all that stands on it.

    Attributes
    ----------
    pixels : uint8 (h, w, 3), RGB
    marks : in the order of writing
    ignored : boxes of marks of which nobody can say what they are: the page's border cuts them, or
        they are printed digits without any words
    text, written : what a reader should answer: digits alone, and with what stands between
    kind : of page
    turned : degrees by which it has to be turned clockwise to be upright
    """

    pixels: np.ndarray
    marks: tuple[Mark, ...]
    ignored: tuple[Box, ...]
    text: str
    written: str
    kind: str
    turned: int = 0


def finish(canvas: Canvas, rng: Generator, height: float, kind: str, *, turns: int = 0) -> Page:
    """Take the picture and write down what it shows."""
    camera.shade(canvas.pixels, rng)
    pixels = camera.expose(canvas.pixels, height, rng)
    marks: list[tuple[Written, Box]] = []
    ignored: list[Box] = []
    tall, wide = canvas.size
    for mark in canvas.marks:
        box, seen = _clipped(mark.outline, tall, wide)
        if seen >= SEEN and mark.label:
            marks.append((mark, box))
        elif seen >= CUT:
            ignored.append(box)
    text, written = _text(marks)
    found = tuple(Mark(mark.label, box, mark.line) for mark, box in marks)
    if turns:
        pixels = np.ascontiguousarray(np.rot90(pixels, turns))
        turn = functools.partial(turn_box, degrees=-90 * turns, size=(wide, tall))
        found = tuple(Mark(mark.label, turn(mark.box), mark.line) for mark in found)
        ignored = [turn(box) for box in ignored]
    return Page(pixels, found, tuple(ignored), text, written, kind, turned=90 * turns)


def _clipped(outline: np.ndarray, tall: int, wide: int) -> tuple[Box, float]:
    """Return the part of a mark's box that the page shows, and which share of the whole that is."""
    low, high = outline.min(0) - 0.5, outline.max(0) + 0.5
    size = np.maximum(high - low, 1)
    start, end = np.maximum(low, 0), np.minimum(high, [wide, tall])
    rest = np.maximum(end - start, 0)
    x, y, width, height = map(float, (*start, *rest))
    return (x, y, width, height), float((rest / size).prod())


def _text(marks: list[tuple[Written, Box]]) -> tuple[str, str]:
    """Return the digits of all lines, and the digits with what stands between."""
    rows: dict[int, list[Written]] = {}
    for mark, _ in marks:
        if mark.line >= 0:
            rows.setdefault(mark.line, []).append(mark)
    texts, wholes = [], []
    for _, row in sorted(rows.items()):
        digits = "".join(mark.label for mark in row if mark.label.isdigit())
        if digits:
            whole = "".join((" " if mark.gap else "") + mark.label for mark in row)
            texts.append(digits)
            wholes.append(whole.strip())
    return "\n".join(texts), "\n".join(wholes)
