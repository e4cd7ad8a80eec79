"""Lines that people write between: boxes, combs, tables, circles, frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages.canvas import Canvas, Colour

Rect = tuple[float, float, float, float]  # x, y, width, height


@dataclass(frozen=True)
class Rule:
    """How a form's lines look.

    Attributes
    ----------
    colour, strength : of the print
    thick : pixels
    dashes : pixels of a dash and of the gap after it; None for whole lines
    """

    colour: Colour
    strength: float
    thick: float
    dashes: tuple[float, float] | None = None


def some_rule(height: float, rng: Generator, *, dark: bool = False) -> Rule:
    """Return lines for digits of a height: black, grey or coloured, thin to thicker than a pen.

    Parameters
    ----------
    dark : whether the page is dark, so that lines are light
    """
    kind = rng.random()
    if kind < 0.4:
        colour = np.full(3, rng.uniform(0, 0.3))
    elif kind < 0.6:
        colour = np.full(3, rng.uniform(0.3, 0.75))
    else:  # orange, red, blue, green, ...
        hue = rng.uniform(0, 180)
        pixel = np.array([[[hue, rng.uniform(90, 255), rng.uniform(110, 255)]]], np.uint8)
        colour = cv2.cvtColor(pixel, cv2.COLOR_HSV2RGB)[0, 0] / 255
    if dark:
        colour = 1 - 0.5 * np.asarray(colour)
    dashes = None
    if rng.random() < 0.12:
        dash = max(1.5, height * rng.uniform(0.03, 0.2))
        dashes = (dash, dash * rng.uniform(0.6, 1.6))
    thick = max(1.0, height * float(np.exp(rng.uniform(np.log(0.015), np.log(0.13)))))
    red, green, blue = map(float, colour)
    return Rule((red, green, blue), float(rng.uniform(0.45, 1)), thick, dashes)


def segments(canvas: Canvas, lines: np.ndarray, rule: Rule) -> None:
    """Draw straight lines (n, 4): x, y of both ends."""
    layer = np.zeros(canvas.size, np.uint8)
    thick = max(1, round(rule.thick))
    for x0, y0, x1, y1 in lines:
        for start, end in _dashes(np.array([x0, y0]), np.array([x1, y1]), rule.dashes):
            a, b = (tuple(int(v) for v in np.round(p * 16)) for p in (start, end))
            cv2.line(layer, a, b, 255, thick, cv2.LINE_AA, 4)
    canvas.cover(layer.astype(np.float32) / 255, rule.colour, rule.strength)


def boxes(canvas: Canvas, cells: Sequence[Rect], rule: Rule, rng: Generator) -> None:
    """Draw a frame around each cell; now and then with round corners or a pale ground."""
    if rng.random() < 0.15:
        layer = np.zeros(canvas.size, np.float32)
        for x, y, width, height in cells:
            layer[_rows(y, height), _rows(x, width)] = 1
        ground = 1.0 if rng.random() < 0.6 else rng.uniform(0.6, 0.9)
        canvas.cover(layer, (ground, ground, ground), rng.uniform(0.3, 0.9))
    lines = []
    for x, y, width, height in cells:
        right, foot = x + width, y + height
        lines += [(x, y, right, y), (right, y, right, foot)]
        lines += [(right, foot, x, foot), (x, foot, x, y)]
    segments(canvas, np.array(lines), rule)


def comb(canvas: Canvas, cells: Sequence[Rect], rule: Rule, rng: Generator) -> None:
    """Draw a comb: a base line with teeth between the cells, or short ticks alone."""
    tooth = rng.uniform(0.15, 1.0)
    lines = []
    for x, y, width, height in cells:
        foot = y + height
        lines += [(x, foot - tooth * height, x, foot), (x, foot, x + width, foot)]
    x, y, width, height = cells[-1]
    lines.append((x + width, y + height * (1 - tooth), x + width, y + height))
    segments(canvas, np.array(lines), rule)


def underlines(canvas: Canvas, cells: Sequence[Rect], rule: Rule) -> None:
    """Draw a line below each cell."""
    lines = [(x + 0.1 * w, y + h, x + 0.9 * w, y + h) for x, y, w, h in cells]
    segments(canvas, np.array(lines), rule)


def circles(canvas: Canvas, cells: Sequence[Rect], rule: Rule) -> None:
    """Draw a ring around each cell."""
    layer = np.zeros(canvas.size, np.uint8)
    for x, y, width, height in cells:
        middle = (round((x + width / 2) * 16), round((y + height / 2) * 16))
        axes = (round(width * 8), round(height * 8))
        thick = max(1, round(rule.thick))
        cv2.ellipse(layer, middle, axes, 0, 0, 360, 255, thick, cv2.LINE_AA, 4)
    canvas.cover(layer.astype(np.float32) / 255, rule.colour, rule.strength)


def grid(canvas: Canvas, columns: np.ndarray, rows: np.ndarray, rule: Rule, rng: Generator) -> None:
    """Draw the lines of a table at these x and y; now and then some are missing or double."""
    left, right, top, foot = columns[0], columns[-1], rows[0], rows[-1]
    keep = rng.random(2) < 0.9
    if not keep.any():
        keep[0] = True
    lines = []
    if keep[0]:
        lines += [(left, y, right, y) for y in rows]
    if keep[1]:
        lines += [(x, top, x, foot) for x in columns]
    if rng.random() < 0.15:
        lines += [(left, rows[1] + 2 * rule.thick + 1, right, rows[1] + 2 * rule.thick + 1)]
    segments(canvas, np.array(lines), rule)


def _rows(start: float, length: float) -> slice:
    return slice(max(0, round(start)), max(0, round(start + length)))


def _dashes(
    start: np.ndarray, end: np.ndarray, dashes: tuple[float, float] | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    if dashes is None:
        return [(start, end)]
    length = float(np.hypot(*(end - start)))
    if length < 1:
        return []
    along = (end - start) / length
    firsts = np.arange(0, length, max(sum(dashes), length / 400))
    return [(start + a * along, start + min(a + dashes[0], length) * along) for a in firsts]
