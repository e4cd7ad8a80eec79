"""Whole pages and crops of pages: paper, layout, camera, and the labels that go with them."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages import camera, forms, numbers, papers
from mnist_core.synthesis.pages.canvas import Canvas, Colour
from mnist_core.synthesis.pages.free import doodle
from mnist_core.synthesis.pages.hands import Specimens, some_hand
from mnist_core.synthesis.pages.labels import Box, Page, finish
from mnist_core.synthesis.pages.layouts import LAYOUTS, NUMBERLESS
from mnist_core.synthesis.pages.writing import Writer, compose, put, width_of

PALEST = 0.17  # least difference between ink and paper, of 1 for black on white
DIGIT_HEIGHTS = (10.5, 60.0)  # pixels, of crops to train on
TURNED = 0.4  # share of the crops without numbers that lie on their side or upside down
WHOLE = ("edges", "tiny", "turned", "tilted", "single", "cheques")


def make_crop(
    rng: Generator,
    size: tuple[int, int],
    *,
    specimens: Specimens | None = None,
    held_out: bool = False,
) -> Page:
    """Make a crop of a page, as the detector learns from them.

    Parameters
    ----------
    size : (height, width) in pixels; small pictures are smaller than that
    specimens : digits of MNIST to write with; all are written by code without them
    held_out : for validation, with papers and pens that training never holds

    Returns
    -------
    digits are about 10 to 60 pixels high, except for those of `scatter`
    """
    names = list(LAYOUTS)
    shares = np.array([kind.frequency for kind in LAYOUTS.values()], float)
    kind = names[rng.choice(len(names), p=shares / shares.sum())]
    special = rng.random()
    height = float(np.exp(rng.uniform(*np.log(DIGIT_HEIGHTS))))
    height = min(height, 0.8 * min(size))
    if special < 0.09:
        return _cheque(rng, min(height, size[0] / 2), size, specimens, held_out=held_out)
    if special < 0.12:
        return _single(rng, min(height, min(size) / 2.1), specimens, held_out=held_out)
    # A W on its side is no 3.
    turns = int(rng.integers(4)) if kind in NUMBERLESS and rng.random() < TURNED else 0
    if turns % 2:
        size = (size[1], size[0])
    return _page(rng, kind, size, height, specimens, crop=True, held_out=held_out, turns=turns)


def make_page(
    rng: Generator,
    *,
    kind: str | None = None,
    size: tuple[int, int] | None = None,
    specimens: Specimens | None = None,
    held_out: bool = False,
) -> Page:
    """Make a whole page.

    Parameters
    ----------
    kind : one of KINDS; any if left out
    size : (height, width) in pixels; by default one is drawn, small notes to large scans

    Raises
    ------
    ValueError : an unknown kind
    """
    if kind is None:
        kind = KINDS[rng.integers(len(KINDS))]
    if kind not in KINDS:
        raise ValueError(f"Kinds of pages are {', '.join(KINDS)}; received {kind!r}.")
    height = float(np.exp(rng.uniform(np.log(20), np.log(70))))
    if kind == "single":
        return _single(rng, 2 * height, specimens, held_out=held_out)
    if kind == "cheques":
        return _cheque(rng, height, (400, 4000), specimens, held_out=held_out)
    if size is None:
        size = (int(height * rng.uniform(5, 16)), int(height * rng.uniform(9, 22)))
    if kind == "tiny":
        size = (int(rng.integers(1400, 2400)), int(rng.integers(1000, 1700)))
        height = max(size) * rng.uniform(0.0075, 0.02)
    layout = kind if kind in LAYOUTS else "lines"
    turns = int(rng.integers(1, 4)) if kind == "turned" else 0
    return _page(rng, layout, size, height, specimens, held_out=held_out, name=kind, turns=turns)


def _page(
    rng: Generator,
    kind: str,
    size: tuple[int, int],
    height: float,
    specimens: Specimens | None,
    *,
    crop: bool = False,
    held_out: bool = False,
    name: str = "",
    turns: int = 0,
) -> Page:
    canvas, writer = _begin(rng, size, height, specimens, held_out=held_out)
    if crop and rng.random() < 0.15:
        _outlines(canvas, height, rng)
    LAYOUTS[kind].layout(canvas, _region(rng, size, height, crop=crop), height, writer, rng)
    if crop and rng.random() < 0.06:
        at = rng.uniform(0, 1, 2) * size
        doodle(canvas, at[1], at[0], height * rng.uniform(0.5, 3), writer, rng)
    if name == "edges" or (crop and rng.random() < 0.09):
        camera.desk(canvas, rng)
    canvas = _tilt(canvas, rng, far=name == "tilted", steady=bool(name) and name != "tilted")
    return finish(canvas, rng, height, name or kind, turns=turns)


def _cheque(
    rng: Generator,
    height: float,
    largest: tuple[int, int],
    specimens: Specimens | None,
    *,
    held_out: bool,
) -> Page:
    """Make a picture cut close around one number, often on the patterned ground of a cheque."""
    _, writer = _begin(rng, (8, 8), height, specimens, held_out=held_out)
    make = (numbers.amount, numbers.amount, numbers.grouped, numbers.whole, numbers.round_number)
    pieces = compose(make[rng.integers(len(make))](rng), height, writer, rng)
    margins = np.maximum(rng.uniform(-0.02, 0.5, 4) * height, 1)
    foot = max(piece.y + piece.mask.shape[0] for piece in pieces)
    top = min(piece.y for piece in pieces)
    size = (
        min(largest[0], int(foot - top + margins[0] + margins[2])),
        min(largest[1], int(width_of(pieces) + margins[1] + margins[3])),
    )
    canvas, writer = _begin(
        rng, size, height, specimens, held_out=held_out, patterned=0.75, writer=writer
    )
    put(canvas, pieces, margins[1], margins[0] - top, writer, rng)
    if rng.random() < 0.12:  # the line below, or part of a frame
        rule = forms.some_rule(height, rng)
        y = size[0] - rng.uniform(0, 0.1) * height
        forms.segments(canvas, np.array([[0, y, size[1], y + rng.normal(0, 2)]]), rule)
    return finish(canvas, rng, height, "cheques")


def _single(rng: Generator, height: float, specimens: Specimens | None, *, held_out: bool) -> Page:
    """Make a picture of one digit, which may fill it."""
    margins = rng.uniform(0.0, 1.0, 2)
    size = (int(height * (1.06 + margins[0])), int(height * (0.9 + margins[1])))
    canvas, writer = _begin(rng, size, height, specimens, held_out=held_out)
    pieces = compose(str(rng.integers(10)), height, writer, rng)
    wide, tall = pieces[0].mask.shape[1], pieces[0].mask.shape[0]
    free = np.maximum([size[1] - wide, size[0] - tall], 0)
    at = free * rng.uniform(0.15, 0.85, 2)
    put(canvas, pieces, at[0], at[1] - pieces[0].y, writer, rng)
    return finish(canvas, rng, height, "single")


def _begin(
    rng: Generator,
    size: tuple[int, int],
    height: float,
    specimens: Specimens | None,
    *,
    held_out: bool,
    patterned: float = 0.4,
    writer: Writer | None = None,
) -> tuple[Canvas, Writer]:
    """Return empty paper and somebody who writes on it so that it can be seen."""
    dark = rng.random() < 0.1
    ground = papers.some_dark(rng) if dark else papers.some_light(rng)
    canvas = Canvas(papers.lay(size, ground, rng))
    if rng.random() < patterned:
        patterns = papers.HELD_OUT_PATTERNS if held_out else papers.PATTERNS
        shares = np.array([share for _, share, _ in patterns.values()])
        name = list(patterns)[rng.choice(len(patterns), p=shares)]
        draw, _, strongest = patterns[name]
        colour = _some_colour(rng, dark=dark)
        canvas.cover(draw(size, height, rng), colour, strongest * rng.uniform(0.15, 1))
    hand = some_hand(rng, specimens=specimens is not None, held_out=held_out)
    colour = _some_colour(rng, dark=dark)
    strength = float(rng.uniform(0.45, 1)) if rng.random() < 0.4 else 1.0
    difference = abs(_grey(colour) - _grey(ground)) * strength
    if difference < PALEST:
        colour = (1.0, 1.0, 1.0) if dark else (0.05, 0.05, 0.1)
        strength = min(1.0, max(PALEST / max(abs(_grey(colour) - _grey(ground)), 1e-3), strength))
    if writer is not None:
        hand = writer.hand
    return canvas, Writer(hand, colour, strength, specimens)


def _some_colour(rng: Generator, *, dark: bool) -> Colour:
    """Return the colour of some ink: black, blue, pencil, red, pink, green; light ones on dark."""
    kind = rng.random()
    if kind < 0.4:
        colour = np.full(3, rng.uniform(0, 0.3)) + rng.normal(0, 0.02, 3)
    elif kind < 0.65:
        colour = np.array([rng.uniform(0, 0.4), rng.uniform(0.05, 0.45), rng.uniform(0.35, 0.9)])
    elif kind < 0.8:
        colour = np.full(3, rng.uniform(0.25, 0.6))
    else:
        colour = rng.uniform(0, 1, 3)
        colour[rng.integers(3)] *= 0.3
    colour = np.clip(1 - colour if dark else colour, 0, 1)
    red, green, blue = map(float, colour)
    return red, green, blue


def _region(rng: Generator, size: tuple[int, int], height: float, *, crop: bool) -> Box:
    """Return the part of a page to fill; that of a crop may go beyond its border."""
    tall, wide = size
    if crop and rng.random() < 0.55:
        left, top = rng.uniform(-1.2, 0.2, 2) * height
        return left, top, wide - left + height, tall - top + height
    margin = height * (rng.uniform(0.05, 0.4) if crop else rng.uniform(0.3, 1.2))
    return margin, margin, wide - 2 * margin, tall - 2 * margin


def _outlines(canvas: Canvas, height: float, rng: Generator) -> None:
    """Draw outlines of sheets, cards and boxes of any size: corners and long lines."""
    tall, wide = canvas.size
    rule = forms.some_rule(height, rng)
    for _ in range(int(rng.integers(1, 4))):
        size = height * np.exp(rng.uniform(np.log(0.6), np.log(8), 2))
        x, y = rng.uniform(-0.5, 1, 2) * [wide, tall]
        forms.boxes(canvas, [(x, y, size[0], size[1])], rule, rng)


def _tilt(canvas: Canvas, rng: Generator, *, far: bool, steady: bool) -> Canvas:
    kind = rng.random()
    if far:
        degrees = float(rng.choice([-1, 1]) * rng.uniform(6, 30))
    elif kind < 0.45:
        return canvas
    else:
        degrees = float(rng.normal(0, 2.5)) if steady or kind < 0.85 else rng.uniform(-35, 35)
    matrix = camera.projection(canvas.size, degrees, rng)
    borders = (cv2.BORDER_REPLICATE, cv2.BORDER_REFLECT_101, cv2.BORDER_CONSTANT)
    return canvas.warp(matrix, canvas.size, border=borders[rng.choice(3, p=(0.8, 0.05, 0.15))])


def _grey(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


KINDS = (*LAYOUTS, *WHOLE)
