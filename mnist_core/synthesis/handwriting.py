"""Synthetic handwriting: digits as pen strokes, in the many ways the world writes them.

MNIST was written in the USA. It hardly shows a one with a long upstroke, a seven with a bar or an
open four written as one stroke, and none of its digits comes with the path of the pen. `styles`
holds our own design of such ways; `write_digit` picks one and writes it as some hand would.
"""

from bisect import bisect
from math import exp, radians

import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.forms import FORMS
from mnist_core.synthesis.letters import HAND, LETTERS
from mnist_core.synthesis.styles import HANDS, STYLES, Hand
from mnist_core.synthesis.templates import STEP, Template, style_weights, template

SPACING = 0.02  # between points of the finished digit, of 1 for its longer side


def write_digit(
    label: int, rng: Generator, *, style: str | None = None, variation: float = 1.0
) -> list[np.ndarray]:
    """Write one synthetic digit with a pen.

    Parameters
    ----------
    label : 0 to 9
    style : a key of STYLES[label]; by default one is drawn by weight
    variation : in [0, 1], how far hands stray from the table; 0 draws its forms as they are

    Returns
    -------
    float32 (n, 2), one a stroke in writing order; x right, y down; points at most 0.02 apart; to
    within half of that the digit's bounding box starts at (0, 0) and is 1 long

    Raises
    ------
    ValueError : unknown label or style, or variation outside [0, 1]
    """
    if label not in STYLES:
        raise ValueError(f"Expected a whole number from 0 to 9 as label, received {label!r}.")
    if not 0 <= variation <= 1:
        raise ValueError(f"Expected a variation from 0 to 1, received {variation!r}.")
    if style is not None and style not in STYLES[label]:
        known = ", ".join(STYLES[label])
        raise ValueError(f"The styles of {label} are {known}; received {style!r}.")
    return _write(int(label), style, variation, rng)


def write_letter(letter: str, rng: Generator) -> list[np.ndarray]:
    """Write one synthetic letter with a pen, as `write_digit` writes a digit.

    Parameters
    ----------
    letter : a key of LETTERS

    Returns
    -------
    float32 (n, 2), one a stroke; see `write_digit`

    Raises
    ------
    ValueError : a letter that is not among them
    """
    if letter not in LETTERS:
        raise ValueError(f"Expected one of {', '.join(LETTERS)}; received {letter!r}.")
    return _write(letter, None, 1.0, rng)


def draw_form(form: str, rng: Generator) -> list[np.ndarray]:
    """Draw a sign or a thing with a pen, as `write_digit` writes a digit.

    Parameters
    ----------
    form : a key of FORMS

    Returns
    -------
    float32 (n, 2), one a stroke; see `write_digit`

    Raises
    ------
    ValueError : a form that is not among them
    """
    if form not in FORMS:
        raise ValueError(f"Expected one of {', '.join(FORMS)}; received {form!r}.")
    return _write(form, None, 1.0, rng)


def _write(
    label: int | str, style: str | None, variation: float, rng: Generator
) -> list[np.ndarray]:
    if style is None:
        names, limits = style_weights(label)
        style = names[bisect(limits, rng.random() * limits[-1])]
    form = template(label, style)
    hand = HANDS[label] if isinstance(label, int) else HAND

    # Most hands are neat, some are not.
    sloppiness = variation * hand.wobble * min(rng.gamma(3.0, 0.33), 1.8)
    points = _curve(form, sloppiness, variation, rng)
    points = _warp(points, sloppiness, rng)
    points = points @ _hand(hand, variation, rng)
    strokes = [points[first:last] for first, last in form.splits]
    if variation:
        strokes = [_pen(stroke, sloppiness, rng) for stroke in strokes]
    return _fit(strokes)


def _curve(form: Template, sloppiness: float, variation: float, rng: Generator) -> np.ndarray:
    """Return points (n, 2) of all strokes, their control points moved, corners sharper or not."""
    count = len(form.start)
    strokes = len(form.splits)
    where = rng.random((strokes, 1)) if variation else np.full((strokes, 1), 0.5)
    control = form.start + where[form.stroke_of] * form.travel
    control = control + 0.034 * sloppiness * (form.jitter @ rng.standard_normal((count, 2)))
    # The joint between strokes is missed.
    control += (0.022 * sloppiness * rng.standard_normal((strokes, 2)))[form.stroke_of]
    rounder = variation * rng.random() ** 2
    straighter = variation * 0.6 * rng.random() ** 4
    mix = np.array([1 - rounder, rounder, 0]) * (1 - straighter) + [0, 0, straighter]
    return (mix @ (form.curves @ control).reshape(3, -1)).reshape(-1, 2)


def _warp(points: np.ndarray, sloppiness: float, rng: Generator) -> np.ndarray:
    """Bend the plane slowly, and make some parts of it larger than others."""
    points = points - 0.5
    part = np.clip(sloppiness * rng.normal(0, (0.16, 0.2)), -0.5, 0.5)
    points = points + part * (0.25 - points * points)
    waves = rng.uniform(-0.9, 0.9, (2, 2))
    phase = rng.uniform(0, 2 * np.pi, 2)
    size = 0.02 * sloppiness * rng.standard_normal((2, 2))
    return points + np.sin(2 * np.pi * (points @ waves) + phase) @ size


def _hand(hand: Hand, variation: float, rng: Generator) -> np.ndarray:
    """Return the (2, 2) matrix of a hand's slant, turn and width; points are rows."""
    angle = variation * radians(_between(-hand.turn, rng.normal(0, 0.45 * hand.turn), hand.turn))
    slant = variation * _between(-hand.slant_left, rng.normal(0.12, 0.2), hand.slant_right)
    width = _between(hand.narrowest, exp(rng.normal(0, 0.2)), hand.widest) ** variation
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[width, 0], [-slant, 1]]) @ np.array([[cos, sin], [-sin, cos]])


def _between(low: float, value: float, high: float) -> float:
    return min(max(value, low), high)


def _pen(stroke: np.ndarray, sloppiness: float, rng: Generator) -> np.ndarray:
    """Put the pen down and up a bit off, and shake."""
    if rng.random() < 0.5:
        shake = rng.normal(0, 0.009 * sloppiness * rng.random(), (len(stroke) // 4 + 3, 2))
        at = np.linspace(0, len(shake) - 1.001, len(stroke))
        below = at.astype(int)
        part = (at - below)[:, None]
        stroke = stroke + (shake[below] * (1 - part) + shake[below + 1] * part)
    down = _end(stroke[:5][::-1], sloppiness, rng)
    up = _end(stroke[-5:], sloppiness, rng)
    return np.concatenate([down[::-1], stroke, up])


def _end(last: np.ndarray, sloppiness: float, rng: Generator) -> np.ndarray:
    """Return points (m, 2) that follow the last ones: going on too far, or hooked, or nothing."""
    kind = rng.random()
    if kind > 0.45:
        return last[:0]
    along = last[-1] - last[0]
    along = along / (np.hypot(*along) + 1e-9)
    length = sloppiness * 0.05 * rng.random()
    turn = 0.3 if kind > 0.2 else 2.2
    angle = rng.uniform(-turn, turn)
    cos, sin = np.cos(angle), np.sin(angle)
    along = np.array([cos * along[0] - sin * along[1], sin * along[0] + cos * along[1]])
    steps = np.arange(1, 2 + int(length / STEP))[:, None]
    return last[-1] + steps * (length / len(steps)) * along


def _fit(strokes: list[np.ndarray]) -> list[np.ndarray]:
    low = np.min([stroke.min(0) for stroke in strokes], 0)
    high = np.max([stroke.max(0) for stroke in strokes], 0)
    scale = 1 / (high - low).max()
    return [_spaced((stroke - low) * scale) for stroke in strokes]


def _spaced(stroke: np.ndarray) -> np.ndarray:
    """Return the same path with points evenly apart."""
    steps = np.diff(stroke, axis=0)
    along = np.concatenate([[0], np.sqrt((steps * steps).sum(1)).cumsum()])
    at = np.linspace(0, along[-1], int(along[-1] / SPACING) + 2)
    spaced = np.empty((len(at), 2), np.float32)
    spaced[:, 0] = np.interp(at, along, stroke[:, 0])
    spaced[:, 1] = np.interp(at, along, stroke[:, 1])
    return spaced
