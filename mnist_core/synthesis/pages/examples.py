"""Six pages to try the reader on, written and drawn by code alone: nothing is cut from MNIST."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages import camera, forms, papers, prints
from mnist_core.synthesis.pages.canvas import Canvas, Colour
from mnist_core.synthesis.pages.hands import Hand
from mnist_core.synthesis.pages.labels import Page, finish
from mnist_core.synthesis.pages.writing import Writer, compose, put, width_of, write

HEIGHT = 46.0  # pixels of the digits
BLUE: Colour = (0.1, 0.18, 0.5)
BLACK: Colour = (0.09, 0.09, 0.11)
PRINT: Colour = (0.25, 0.27, 0.3)
HAND = Hand(
    of_mnist=0.0,
    pen=0.085,
    slant=0.12,
    width=1.0,
    spread=0.45,
    spacing=0.16,
    wave=0.02,
    pressure=0.25,
    texture=0.1,
    linked=0.0,
    variation=0.5,
)


@dataclass(frozen=True)
class Example:
    """A page to draw.

    Attributes
    ----------
    size : height and width in pixels
    draw : puts ink on the paper
    seed : of the hand, the paper and the camera; chosen by looking
    ink, paper : their colours
    pattern : of the paper, a key of `papers.PATTERNS`; "" for none
    """

    size: tuple[int, int]
    draw: Callable[[Canvas, Writer, Generator], None]
    seed: int
    ink: Colour = BLUE
    paper: Colour = (0.96, 0.95, 0.92)
    pattern: str = ""


def draw_example(name: str, seed: int | None = None) -> Page:
    """Draw one of the pages; the same seed gives the same pixels.

    Parameters
    ----------
    name : a key of EXAMPLES
    seed : another than the one that was chosen
    """
    example = EXAMPLES[name]
    rng = np.random.default_rng(example.seed if seed is None else seed)
    canvas = Canvas(papers.lay(example.size, example.paper, rng))
    if example.pattern:
        draw, _, _ = papers.PATTERNS[example.pattern]
        canvas.cover(draw(example.size, HEIGHT, rng), (0.45, 0.6, 0.8), 0.45)
    example.draw(canvas, Writer(HAND, example.ink, 0.95), rng)
    matrix = camera.projection(canvas.size, float(rng.normal(0, 1)), rng, bend=0.02)
    canvas = canvas.warp(matrix, canvas.size, border=cv2.BORDER_REPLICATE)
    return finish(canvas, rng, HEIGHT, name)


def _touching(canvas: Canvas, writer: Writer, rng: Generator) -> None:
    """Write a number whose zeros touch."""
    tight = replace(writer, hand=replace(writer.hand, spacing=-0.05, linked=0.3))
    _centred(canvas, "7000000", 1.9 * HEIGHT, tight, rng)


def _date(canvas: Canvas, writer: Writer, rng: Generator) -> None:
    _centred(canvas, "24/12/2026", 1.3 * HEIGHT, writer, rng)


def _form(canvas: Canvas, writer: Writer, rng: Generator) -> None:
    """Print labels with boxes after each, and write a digit into every box."""
    rule = forms.Rule((0.85, 0.45, 0.25), 0.9, 2)
    rows = (("Postcode", "90210"), ("Member", "384617"), ("Amount", "1250"))
    for index, (label, text) in enumerate(rows):
        top = (0.6 + 2.0 * index) * HEIGHT
        prints.print_text(canvas, label, 0.7 * HEIGHT, top + 0.5 * HEIGHT, 22, PRINT, rng)
        wide, high = 1.12 * HEIGHT, 1.45 * HEIGHT
        cells = [(5 * HEIGHT + i * wide, top, wide, high) for i in range(len(text))]
        lines = [
            line
            for x, y, w, h in cells
            for line in ((x, y, x + w, y), (x, y + h, x + w, y + h), (x, y, x, y + h))
        ]
        end = cells[-1][0] + wide
        forms.segments(canvas, np.array([*lines, (end, top, end, top + high)]), rule)
        number = canvas.new_line()
        for digit, (x, y, w, h) in zip(text, cells, strict=True):
            _in_cell(canvas, digit, (x, y, w, h), writer, rng, line=number)


def _marks(canvas: Canvas, writer: Writer, rng: Generator) -> None:
    """Rule a table with printed names, and write marks into its cells."""
    rows = (("Ada", "17 20 9"), ("Ben", "14 8 16"), ("Cleo", "19 13 20"), ("Dan", "6 15 11"))
    wide, high, left, top = 2.6 * HEIGHT, 1.6 * HEIGHT, 3.4 * HEIGHT, 0.6 * HEIGHT
    start, foot = 0.5 * HEIGHT, top + len(rows) * high
    xs = [start, *(left + i * wide for i in range(4))]
    across = [(start, top + i * high, xs[-1], top + i * high) for i in range(len(rows) + 1)]
    down = [(x, top, x, foot) for x in xs]
    forms.segments(canvas, np.array([*across, *down]), forms.Rule((0.3, 0.3, 0.35), 0.8, 2))
    for index, (name, text) in enumerate(rows):
        y = top + index * high
        prints.print_text(canvas, name, 0.8 * HEIGHT, y + 0.55 * HEIGHT, 24, PRINT, rng)
        number = canvas.new_line()
        for column, mark in enumerate(text.split()):
            cell = (left + column * wide, y, wide, high)
            _in_cell(canvas, mark, cell, writer, rng, line=number, gap=column > 0)


def _shadow(canvas: Canvas, writer: Writer, rng: Generator) -> None:
    """Write lines of numbers, and let a shadow fall across them."""
    for index, text in enumerate(("318", "4096", "27", "1765")):
        write(canvas, text, 1.6 * HEIGHT, (0.7 + 1.7 * index) * HEIGHT, HEIGHT, writer, rng)
    tall, wide = canvas.size
    layer = np.zeros(canvas.size, np.uint8)
    corners = np.array([(0.36 * wide, 0), (wide, 0), (wide, tall), (0.12 * wide, tall)], np.int32)
    cv2.fillPoly(layer, [corners], 255)
    soft = cv2.GaussianBlur(layer, (0, 0), 7).astype(np.float32) / 255
    canvas.pixels *= (1 - 0.5 * soft)[..., None]


def _letters(canvas: Canvas, writer: Writer, rng: Generator) -> None:
    """Write words and numbers in turn."""
    for index, text in enumerate(("???? 4208", "?? 365", "????? 97")):
        y = (0.7 + 1.8 * index) * HEIGHT
        write(canvas, text, 0.8 * HEIGHT, y, HEIGHT, writer, rng)


def _centred(canvas: Canvas, text: str, height: float, writer: Writer, rng: Generator) -> None:
    pieces = compose(text, height, writer, rng)
    tall, wide = canvas.size
    put(canvas, pieces, (wide - width_of(pieces)) / 2, (tall - height) / 2, writer, rng)


def _in_cell(
    canvas: Canvas,
    text: str,
    cell: forms.Rect,
    writer: Writer,
    rng: Generator,
    *,
    line: int,
    gap: bool = False,
) -> None:
    """Write a text about the middle of a cell."""
    x, y, wide, high = cell
    pieces = compose(text, HEIGHT, writer, rng)
    at = x + (wide - width_of(pieces)) / 2 + rng.normal(0, 0.03) * HEIGHT
    top = y + (high - HEIGHT) / 2 + rng.normal(0, 0.04) * HEIGHT
    put(canvas, pieces, at, top, writer, rng, line=line, gap=gap)


EXAMPLES = {
    "touching": Example((220, 700), _touching, 0, ink=BLACK),
    "form": Example((320, 620), _form, 19),
    "marks": Example((370, 540), _marks, 0, paper=(0.97, 0.97, 0.97)),
    "shadow": Example((380, 460), _shadow, 11, pattern="squared"),
    "date": Example((220, 620), _date, 2, pattern="ruled"),
    "letters": Example((310, 560), _letters, 5, ink=BLACK),
}
