"""Layouts of free writing: lines, columns, notes on print; and pages without any number."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages import forms, numbers, prints
from mnist_core.synthesis.pages.canvas import Canvas
from mnist_core.synthesis.pages.forms import Rect
from mnist_core.synthesis.pages.papers import smooth_noise
from mnist_core.synthesis.pages.signs import DOODLES
from mnist_core.synthesis.pages.writing import (
    Writer,
    compose,
    put,
    sign_mask,
    width_of,
    write,
)


def lines(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write lines of numbers, one or several in a line, now and then with words between."""
    x, y, width, tall = box
    leading = height * rng.uniform(1.25, 2.6)
    indent = rng.uniform(0, 0.25) * width
    struck, words = rng.random() < 0.18, rng.random() < 0.2
    for top in np.arange(y, y + tall - 0.9 * height, leading):
        line, at, place = canvas.new_line(), x + indent + rng.uniform(0, 0.6) * height, 0
        while place == 0 or rng.random() < 0.45:
            text = numbers.some_number(rng)
            if words and rng.random() < 0.4:
                text = "?" * int(rng.integers(1, 6))
            pieces = compose(text, height, writer, rng)
            if at + width_of(pieces) > x + width and place:
                break
            out = struck and rng.random() < 0.4
            put(canvas, pieces, at, top, writer, rng, line=line, gap=place > 0, struck=out)
            at += width_of(pieces) + height * rng.uniform(1.0, 3.0)
            place += 1
            if at > x + width:
                break


def chains(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write numbers whose digits touch, overlap and are joined, above all zeros."""
    hand = replace(
        writer.hand,
        spacing=float(rng.uniform(-0.15, 0.06)),
        linked=float(rng.choice([0.0, 0.3, 0.9])),
    )
    kinds = (numbers.round_number, numbers.repeated, numbers.whole, numbers.amount)
    x, y, width, tall = box
    for top in np.arange(y, y + tall - 0.9 * height, height * rng.uniform(1.3, 2.2)):
        text = kinds[rng.integers(len(kinds))](rng)
        at = x + rng.uniform(0, 0.3) * width
        write(canvas, text, at, top, height, replace(writer, hand=hand), rng)


def columns(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write numbers below each other, with a line and a sum under them."""
    x, y, width, tall = box
    leading = height * rng.uniform(1.2, 1.9)
    rows = np.arange(y, y + tall - 0.9 * height, leading)
    at = x + width * rng.uniform(0.3, 1.0)
    signs = rng.choice(["", "", "+", "-", "x"])
    for index, top in enumerate(rows):
        last = index == len(rows) - 1
        text = "".join(map(str, rng.integers(0, 10, int(rng.integers(1, 6)))))
        if signs and not last and (index or rng.random() < 0.3):
            text = f"{signs}{' ' if rng.random() < 0.3 else ''}{text}"
        pieces = compose(text, height, writer, rng)
        put(canvas, pieces, at - width_of(pieces), top, writer, rng)
        if last and rng.random() < 0.7:
            rule = forms.Rule(writer.colour, writer.strength, writer.hand.pen * height)
            end = top - 0.2 * height
            ends = np.array([[at - 4 * height, end, at + 0.3 * height, end + rng.normal(0, 2)]])
            forms.segments(canvas, ends, rule)


def receipt(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Print running text, and write a few numbers into its gaps."""
    x, y, width, tall = box
    size = height * rng.uniform(0.25, 1.0)
    split = rng.uniform(0.2, 0.8) * tall
    prints.print_lines(canvas, (x, y, width, split), rng, size)
    for top in np.arange(y + split + 0.4 * height, y + tall - height, 1.6 * height):
        if rng.random() < 0.7:
            at = x + rng.uniform(0, 0.6) * width
            write(canvas, numbers.some_number(rng), at, top, height, writer, rng)


def scatter(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write single digits here and there, each a line of its own."""
    x, y, width, tall = box
    step = height * rng.uniform(1.7, 3.2)
    for top in np.arange(y, y + tall - height, step):
        for left in np.arange(x, x + width - 0.7 * height, step):
            if rng.random() < 0.75:
                at = np.array([left, top]) + rng.uniform(0, 0.25, 2) * step
                own = height * float(np.exp(rng.normal(0, 0.15)))
                write(canvas, str(rng.integers(10)), at[0], at[1], own, writer, rng)


def letters(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Write words without any digit."""
    x, y, width, tall = box
    for top in np.arange(y, y + tall - height, height * rng.uniform(1.3, 2.4)):
        at = x
        while at < x + width:
            text = "?" * int(rng.integers(1, 9))
            at += write(canvas, text, at, top, height, writer, rng, line=-1) + height


def printed(canvas: Canvas, box: Rect, height: float, _: Writer, rng: Generator) -> None:
    """Print running text without any handwriting."""
    prints.print_lines(canvas, box, rng, height * rng.uniform(0.4, 1.1))


def doodles(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Draw signs, outlines and scribbles without any digit."""
    x, y, width, tall = box
    for _ in range(int(rng.integers(2, 14))):
        at = np.array([x, y]) + rng.uniform(0, 1, 2) * [width, tall]
        doodle(canvas, at[0], at[1], height * rng.uniform(0.5, 3), writer, rng)


def scene(canvas: Canvas, _: Rect, height: float, __: Writer, rng: Generator) -> None:
    """Paint things as a photograph without writing shows them: areas, edges, textures."""
    tall, wide = canvas.size
    for _index in range(int(rng.integers(3, 25))):
        layer = np.zeros((tall, wide), np.uint8)
        middle = rng.uniform(0, 1, 2) * [wide, tall]
        size = height * float(np.exp(rng.uniform(np.log(0.3), np.log(12))))
        angle = np.sort(rng.uniform(0, 2 * np.pi, int(rng.integers(3, 9))))
        radius = size * rng.uniform(0.3, 1, len(angle))
        points = middle + np.stack([np.cos(angle) * radius, np.sin(angle) * radius], 1)
        kind = rng.random()
        if kind < 0.45:
            cv2.fillPoly(layer, [points.astype(np.int32)], 255, cv2.LINE_AA)
        elif kind < 0.75:
            axes = (int(size / 2) + 1, int(size * rng.uniform(0.1, 0.5)) + 1)
            place = (int(middle[0]), int(middle[1]))
            cv2.ellipse(layer, place, axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
        else:
            thick = max(1, int(size * rng.uniform(0.02, 0.2)))
            cv2.polylines(layer, [points.astype(np.int32)], False, 255, thick, cv2.LINE_AA)
        if rng.random() < 0.5:
            layer = cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.5, 0.3 * height))
        mask = layer.astype(np.float32) / 255
        if rng.random() < 0.4:
            mask *= smooth_noise((tall, wide), rng.uniform(1.5, height), rng)
        red, green, blue = rng.uniform(0, 1, 3)
        canvas.cover(mask, (float(red), float(green), float(blue)), rng.uniform(0.2, 1))


def blank(canvas: Canvas, box: Rect, height: float, writer: Writer, rng: Generator) -> None:
    """Leave the paper as it is."""


def doodle(
    canvas: Canvas, x: float, y: float, height: float, writer: Writer, rng: Generator
) -> None:
    """Draw one sign that is no digit."""
    mask = sign_mask(DOODLES[rng.integers(len(DOODLES))], height, writer, rng)
    canvas.ink(mask, x, y, writer.colour, writer.strength)
    canvas.mark("other", mask, x, y)
