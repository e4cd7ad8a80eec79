"""Layouts that people fill in: boxes, tables, sudokus, forms, marks of an exam."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages import forms, numbers, prints
from mnist_core.synthesis.pages.canvas import Canvas
from mnist_core.synthesis.pages.forms import Rect
from mnist_core.synthesis.pages.free import doodle
from mnist_core.synthesis.pages.writing import Writer, compose, put, width_of, write


def boxes(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write digits into the boxes of a form, one each: apart, joined, combs, dotted, rings."""
    x, y, width, tall = box
    rule = forms.some_rule(height, rng, dark=canvas.pixels.mean() < 0.4)
    wide, high = height * rng.uniform(0.75, 1.6), height * rng.uniform(1.08, 1.8)
    apart = 0.0 if rng.random() < 0.45 else height * rng.uniform(0.05, 0.7)
    draw = _FRAMES[rng.choice(len(_FRAMES), p=(0.62, 0.2, 0.1, 0.08))]
    filled = 1.0 if rng.random() < 0.6 else rng.uniform(0.2, 0.9)
    labelled = rng.random() < 0.3
    for top in np.arange(y, y + tall - high, high * rng.uniform(1.15, 2.2)):
        at = x + rng.uniform(0, 0.5) * height
        if labelled:
            words = prints.some_words(rng, 1, numbers=0)
            size = height * rng.uniform(0.35, 0.7)
            ink = (0.1, 0.1, 0.1)
            at += prints.print_text(canvas, words, at, top + 0.3 * high, size, ink, rng) + size
        most = int((x + width - at) / (wide + apart))
        if most < 1:
            continue
        count = min(most, int(rng.integers(1, 12)))
        cells = [(at + i * (wide + apart), top, wide, high) for i in range(count)]
        draw(canvas, cells, rule, rng)
        line = canvas.new_line()
        for cell in cells:
            if rng.random() < filled:
                _in_cell(canvas, str(rng.integers(10)), cell, height, writer, rng, line=line)


def table(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write numbers into the cells of a table, with ruled lines or without."""
    x, y, width, tall = box
    wide, high = height * rng.uniform(1.4, 5), height * rng.uniform(1.25, 2.5)
    columns = x + wide * np.arange(max(1, min(int(width / wide), int(rng.integers(2, 9)))) + 1)
    rows = y + high * np.arange(max(1, min(int(tall / high), int(rng.integers(2, 12)))) + 1)
    if rng.random() < 0.85:
        rule = forms.some_rule(height, rng, dark=canvas.pixels.mean() < 0.4)
        forms.grid(canvas, columns, rows, rule, rng)
    longest = max(1, int((wide - 0.3 * height) / (0.8 * height)))
    headed, filled = rng.random(2) < 0.2, rng.uniform(0.5, 1.0)
    for top in rows[:-1]:
        line, first = canvas.new_line(), True
        for left in columns[:-1]:
            cell = (left, top, wide, high)
            if (headed[0] and top == rows[0]) or (headed[1] and left == columns[0]):
                size = height * rng.uniform(0.4, 0.8)
                words, ink = prints.some_words(rng, 1, numbers=0.5), (0.1, 0.1, 0.12)
                prints.print_text(canvas, words[: longest + 1], left + 3, top + 3, size, ink, rng)
            elif rng.random() < filled:
                count = min(longest, int(rng.integers(1, 5)))
                text = "".join(map(str, rng.integers(0, 10, count)))
                if count > 2 and rng.random() < 0.15:
                    text = text[: count - 1] + "." + text[-1]
                _in_cell(canvas, text, cell, height, writer, rng, line=line, gap=not first)
                first = False


def sudoku(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Fill a square grid with single digits; those that are printed are to be read as well."""
    x, y, width, tall = box
    cell = height * rng.uniform(1.2, 2.0)
    count = min(9, int(min(width, tall) / cell))
    if count < 2:
        return boxes(canvas, box, height, writer, rng)
    places = np.arange(count + 1) * cell
    rule = forms.some_rule(height, rng, dark=canvas.pixels.mean() < 0.4)
    forms.grid(canvas, x + places, y + places, rule, rng)
    thick = replace(rule, thick=rule.thick * 2.5)
    forms.boxes(
        canvas,
        [
            (x + i * 3 * cell, y + j * 3 * cell, 3 * cell, 3 * cell)
            for i in range(count // 3)
            for j in range(count // 3)
        ]
        or [(x, y, count * cell, count * cell)],
        thick,
        rng,
    )
    printed, filled = rng.choice([0.0, 0.3, 0.5]), rng.uniform(0.3, 1.0)
    for top in places[:-1]:
        line = canvas.new_line()
        for left in places[:-1]:
            where = (x + left, y + top, cell, cell)
            kind = rng.random()
            if kind < printed:
                sign, size = str(rng.integers(1, 10)), height * 0.9
                ink = (0.05, 0.05, 0.05)
                middle = (where[0] + 0.3 * cell, where[1] + 0.5 * (cell - size))
                prints.print_text(canvas, sign, *middle, size, ink, rng, line=line)
            elif rng.random() < filled:
                _in_cell(canvas, str(rng.integers(1, 10)), where, height, writer, rng, line=line)


def form(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Print labels with a line or a box after each, and write numbers there."""
    x, y, width, tall = box
    leading = height * rng.uniform(1.6, 2.8)
    rule = forms.some_rule(height, rng)
    size = height * rng.uniform(0.3, 0.85)
    framed = rng.random() < 0.4
    ink = tuple(rng.uniform(0, 0.35, 3))
    for top in np.arange(y, y + tall - 1.2 * height, leading):
        words = prints.some_words(rng, int(rng.integers(1, 4)), numbers=0.1)
        start = x + prints.print_text(canvas, words, x, top + height - size, size, ink, rng) + size
        long = max(3 * height, rng.uniform(0.3, 0.9) * (x + width - start))
        cell = (start, top - 0.15 * height, long, 1.35 * height)
        if framed:
            forms.boxes(canvas, [cell], rule, rng)
        else:
            forms.underlines(canvas, [cell], rule)
        if rng.random() < 0.85:
            text = numbers.some_number(rng)
            write(canvas, text, start + rng.uniform(0.2, 1) * height, top, height, writer, rng)


def exam(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write marks beside printed questions, in rings or not, with ticks and crosses."""
    x, y, _, tall = box
    rule = forms.Rule(writer.colour, writer.strength, writer.hand.pen * height)
    for top in np.arange(y + 0.4 * height, y + tall - 1.3 * height, height * rng.uniform(1.8, 3.2)):
        at = x
        if rng.random() < 0.6:
            words = prints.some_words(rng, int(rng.integers(1, 5)))
            size = height * rng.uniform(0.3, 0.7)
            at += prints.print_text(canvas, words, x, top + 0.3 * height, size, (0, 0, 0), rng)
        at += height * rng.uniform(0.5, 2)
        text = numbers.fraction(rng) if rng.random() < 0.4 else str(rng.integers(0, 30))
        pieces = compose(text, height, writer, rng)
        wide = width_of(pieces)
        put(canvas, pieces, at, top, writer, rng)
        if rng.random() < 0.4:
            ring = (at - 0.4 * height, top - 0.35 * height, wide + 0.8 * height, 1.7 * height)
            forms.circles(canvas, [ring], rule)
        if rng.random() < 0.4:
            doodle(canvas, at + wide + height * rng.uniform(0.8, 2), top, height, writer, rng)


def _in_cell(
    canvas: Canvas,
    text: str,
    cell: Rect,
    height: float,
    writer: Writer,
    rng: Generator,
    *,
    line: int,
    gap: bool = False,
) -> None:
    """Write a text into a cell, about its middle; it may stray over the cell's lines."""
    x, y, wide, high = cell
    pieces = compose(text, height * rng.uniform(0.85, 1.0), writer, rng)
    long = width_of(pieces)
    free = max(wide - long, 0)
    at = x + (wide - long) / 2 + rng.normal(0, 0.12) * (free + 0.1 * height)
    top = y + (high - height) / 2 + rng.normal(0, 0.09) * (high - 0.8 * height)
    put(canvas, pieces, at, top, writer, rng, line=line, gap=gap)


def _underlined(canvas: Canvas, cells: Sequence[Rect], rule: forms.Rule, _: Generator) -> None:
    forms.underlines(canvas, cells, rule)


def _ringed(canvas: Canvas, cells: Sequence[Rect], rule: forms.Rule, _: Generator) -> None:
    forms.circles(canvas, cells, rule)


_FRAMES = (forms.boxes, forms.comb, _underlined, _ringed)
