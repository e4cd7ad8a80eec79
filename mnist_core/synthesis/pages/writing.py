"""A line of writing: digits and signs of a text side by side, as a hand puts them on paper."""

import itertools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages.canvas import Canvas, Colour
from mnist_core.synthesis.pages.hands import (
    Hand,
    Specimens,
    draw_digit,
    draw_letter,
    draw_strokes,
    some_letter,
)
from mnist_core.synthesis.pages.signs import SIGNS

TOUCHING, OVERLAPPING = 0.7, 0.2  # shares of digits side by side in a tight hand; of those
DEEPEST = 0.12  # heights; digits that overlap do so by less
ODD_SIZES = 0.03  # share of marks that are much lower or taller than the others
GAP = 0.75  # a gap between marks of so many heights beyond the usual is wide: a space in `written`


@dataclass(frozen=True)
class Writer:
    """Somebody with a pen.

    Attributes
    ----------
    hand : how digits are written
    colour : of the ink
    strength : in [0, 1], how far the ink covers the paper
    specimens : MNIST's digits to write with; None to write all by code
    """

    hand: Hand
    colour: Colour
    strength: float
    specimens: Specimens | None = None


@dataclass(frozen=True)
class Piece:
    """A mark of a line that is not on paper yet; x and y from the line's start and top."""

    label: str
    mask: np.ndarray
    x: float
    y: float
    gap: bool = False


def compose(text: str, height: float, writer: Writer, rng: Generator) -> list[Piece]:
    """Lay out a text.

    Parameters
    ----------
    text : digits, signs (keys of SIGNS of one letter), spaces, "?" for some handwritten letter, and
        "^" before digits at the end that are small and raised
    height : of the digits in pixels

    Returns
    -------
    the pieces from left to right; the line begins at x = 0, and its digits' tops are about y = 0
    """
    hand = writer.hand
    pieces: list[Piece] = []
    x, gap, last_digit = 0.0, False, False
    phase, pace = rng.uniform(0, 6.3), rng.uniform(0.5, 2)
    shrunk, lifted = rng.uniform(0.45, 0.75), rng.uniform(0, 0.25)
    text, _, small = text.partition("^")
    for place, sign in enumerate(text + small):
        if sign == " ":
            x += height * rng.uniform(GAP + 0.15, 2.2)
            gap = bool(pieces)
            continue
        raised = place >= len(text)
        tall = (
            height * (shrunk if raised else 1.0) * float(np.exp(rng.normal(0, 0.06 * hand.spread)))
        )
        if rng.random() < ODD_SIZES:
            tall *= rng.uniform(0.6, 1.5)
        mask, label, y = _draw(sign, tall, writer, rng)
        y += hand.wave * height * np.sin(phase + pace * x / height)
        y += rng.normal(0, 0.03 * hand.spread) * height - (lifted * height if raised else 0)
        y += 0 if raised or not sign.isdigit() else height - tall
        space = max(hand.spacing + rng.normal(0, 0.05 * hand.spread), -0.2) * height
        if not (sign.isdigit() and last_digit):
            space = max(space, 0.06 * height)
        if sign in "/()[]" and pieces:
            space = rng.uniform(-0.1, 0.25) * height
        x += space if pieces else 0
        if pieces and space < 0.02 * height and not gap:
            over = rng.uniform(0, DEEPEST) * height if rng.random() < OVERLAPPING else 1.5
            over = over if rng.random() < TOUCHING else -1.5
            x = _pushed(pieces[-1], mask, x, y, over)
        pieces.append(Piece(label, mask, x, y, gap))
        x, gap, last_digit = x + mask.shape[1], False, sign.isdigit()
    return pieces


def width_of(pieces: list[Piece]) -> float:
    """Return how long a line of pieces is, in pixels."""
    return max((piece.x + piece.mask.shape[1] for piece in pieces), default=0.0)


def put(
    canvas: Canvas,
    pieces: list[Piece],
    x: float,
    y: float,
    writer: Writer,
    rng: Generator,
    *,
    line: int | None = None,
    gap: bool = False,
    struck: bool = False,
) -> None:
    """Write the pieces of a line on the paper.

    Parameters
    ----------
    x, y : where the line begins, and where the tops of its digits are
    line : the number the marks belong to; None for a new one, -1 for none
    gap : whether a wide gap stands before it in its line
    struck : strike it out: its marks are "other" then, and belong to no number
    """
    number = -1 if struck else canvas.new_line() if line is None else line
    for piece in pieces:
        label = "other" if struck else piece.label
        canvas.ink(piece.mask, x + piece.x, y + piece.y, writer.colour, writer.strength)
        belongs = number if label != "other" else -1
        gap = gap or piece.gap
        canvas.mark(label, piece.mask, x + piece.x, y + piece.y, line=belongs, gap=gap)
        gap = gap and belongs < 0  # a gap before a sign that is not written stands before the next
    _link(canvas, pieces, x, y, writer, rng)
    if struck and pieces:
        _strike(canvas, pieces, x, y, writer, rng)


def write(
    canvas: Canvas,
    text: str,
    x: float,
    y: float,
    height: float,
    writer: Writer,
    rng: Generator,
    *,
    line: int | None = None,
    gap: bool = False,
) -> float:
    """Write a text; return how long it became. See `compose` and `put`."""
    pieces = compose(text, height, writer, rng)
    put(canvas, pieces, x, y, writer, rng, line=line, gap=gap)
    return width_of(pieces)


def sign_mask(name: str, height: float, writer: Writer, rng: Generator) -> np.ndarray:
    """Draw one of SIGNS as float32 (h, w) in [0, 1]."""
    strokes = SIGNS[name].draw(rng)
    return draw_strokes(strokes, height, writer.hand, rng, shaped=False, own_size=True)


def _draw(sign: str, tall: float, writer: Writer, rng: Generator) -> tuple[np.ndarray, str, float]:
    """Return the mask of a digit, sign or letter, its label, and where its top comes."""
    if sign.isdigit():
        return draw_digit(int(sign), tall, writer.hand, rng, writer.specimens), sign, 0.0
    if sign == "?":
        mask = draw_letter(some_letter(rng), tall, writer.hand, rng)
        return mask, "other", tall - mask.shape[0]
    mask = sign_mask(sign, tall, writer, rng)
    place = SIGNS[sign]
    middle = rng.uniform(place.low, place.high) * tall
    return mask, place.label, middle - mask.shape[0] / 2


def _pushed(last: Piece, mask: np.ndarray, x: float, y: float, over: float) -> float:
    """Return where a mark has to begin so that its ink reaches `over` pixels into the last one's.

    Boxes of slanted digits overlap while their ink does not; so the ink of each row decides.
    """
    top = round(max(last.y, y))
    foot = round(min(last.y + last.mask.shape[0], y + mask.shape[0]))
    if foot - top < 4:
        return x
    left = last.mask[top - round(last.y) : foot - round(last.y)] > 0.3
    right = mask[top - round(y) : foot - round(y)] > 0.3
    rows = min(len(left), len(right))
    left, right = left[:rows], right[:rows]
    ends = np.where(left.any(1), left.shape[1] - left[:, ::-1].argmax(1), -99) + last.x
    starts = np.where(right.any(1), right.argmax(1), 999)
    nearest = float((starts - ends).min())  # ink to ink where the mark begins at x = 0
    return float(np.clip(-nearest - over, x - 0.25 * mask.shape[0], x + 0.8 * mask.shape[0]))


def _link(
    canvas: Canvas, pieces: list[Piece], x: float, y: float, writer: Writer, rng: Generator
) -> None:
    """Join some digits to the next by a stroke, as in a fast hand."""
    hand = writer.hand
    if hand.linked <= 0:
        return
    for left, right in itertools.pairwise(pieces):
        if not (left.label.isdigit() and right.label.isdigit()) or rng.random() > hand.linked:
            continue
        height = left.mask.shape[0]
        high = rng.uniform(0.02, 0.3) if rng.random() < 0.7 else rng.uniform(0.6, 0.95)
        row = min(int(high * height), height - 1)
        ends = np.flatnonzero(left.mask[row] > 0.3)
        other = min(int(high * right.mask.shape[0]), right.mask.shape[0] - 1)
        starts = np.flatnonzero(right.mask[other] > 0.3)
        if not len(ends) or not len(starts):
            continue
        start = np.array([left.x + ends[-1], left.y + row])
        end = np.array([right.x + starts[0], right.y + other])
        if not 2 < end[0] - start[0] < 0.8 * height:
            continue
        t = np.linspace(0, 1, 12)[:, None]
        sag = rng.uniform(-0.12, 0.12) * height
        path = start + t * (end - start) + np.sin(np.pi * t) * [0, sag]
        _stroke(canvas, path + np.array([x, y]), 0.8 * hand.pen * height, writer)


def _strike(
    canvas: Canvas, pieces: list[Piece], x: float, y: float, writer: Writer, rng: Generator
) -> None:
    """Strike a line out: once, twice, or with a scribble."""
    tops = [piece.y for piece in pieces]
    foot = max(piece.y + piece.mask.shape[0] for piece in pieces)
    wide, tall = width_of(pieces), foot - min(tops)
    kind = rng.random()
    if kind < 0.75:
        for _ in range(1 if kind < 0.5 else 2):
            heights = rng.uniform(0.3, 0.7, 2) * tall + min(tops)
            t = np.linspace(-0.08, 1.08, 20)[:, None]
            path = np.hstack([t * wide, heights[0] + t * (heights[1] - heights[0])])
            path[:, 1] += np.cumsum(rng.normal(0, 0.01 * tall, 20))
            _stroke(canvas, path + np.array([x, y]), writer.hand.pen * tall, writer)
        return
    turns = int(rng.integers(5, 12))
    t = np.linspace(0, 1, 12 * turns)[:, None]
    high = rng.uniform(0.25, 0.5) * tall
    path = np.hstack([t * wide, min(tops) + tall / 2 + high * np.sin(np.pi * turns * t)])
    _stroke(canvas, path + np.array([x, y]), writer.hand.pen * tall, writer)


def _stroke(canvas: Canvas, path: np.ndarray, thick: float, writer: Writer) -> None:
    low = np.floor(path.min(0) - thick - 1)
    size = np.ceil(np.ptp(path, axis=0) + 2 * thick + 3).astype(int)
    ink = np.zeros((int(size[1]), int(size[0])), np.uint8)
    points = np.round((path - low) * 16).astype(np.int32)
    cv2.polylines(ink, [points], False, 255, max(1, round(thick)), cv2.LINE_AA, shift=4)
    canvas.ink(ink.astype(np.float32) / 255, low[0], low[1], writer.colour, writer.strength)
