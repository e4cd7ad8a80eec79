"""Made-up handwriting: digits as pen strokes, in the many ways the world writes them.

MNIST was written in the USA. It hardly shows a one with a long upstroke, a seven with a bar or an
open four written as one stroke, and none of its digits was drawn with a pen path. `writing_styles`
holds our own design of such ways; `write_digit` picks one and writes it as some hand would.
"""

from bisect import bisect
from functools import cache
from itertools import accumulate
from math import exp, radians
from typing import NamedTuple

import numpy as np

from mnist_core.synthesis.letters import HAND, LETTERS
from mnist_core.synthesis.styles import HANDS, STYLES

STEP = 0.015  # between points while a digit is formed, of 1 for its height
SPACING = 0.02  # and of the finished digit, of 1 for its longer side


class Template(NamedTuple):
    """A style, ready to be varied: every curve is a matrix times the control points."""

    start: np.ndarray  # (k, 2) control points at one end of the style's range
    travel: np.ndarray  # (k, 2) from there to the other end
    curves: np.ndarray  # (3, n, k): spline with corners, spline without, polygon
    jitter: np.ndarray  # (k, k): white noise to noise that is alike along a stroke
    stroke_of: np.ndarray  # (k,) which stroke a control point belongs to
    splits: tuple  # (first, last + 1) point of each stroke


def write_digit(label, rng, *, style=None, variation=1.0):
    """Write one made-up digit with a pen.

    Parameters
    ----------
    label : int, 0 to 9
    rng : np.random.Generator
    style : a key of STYLES[label]; by default one is drawn by weight
    variation : float in [0, 1], how far hands stray from the table; 0 draws its forms as they are

    Returns
    -------
    list of float32 arrays (n, 2), one a stroke in writing order; x right, y down; points at most
    0.02 apart; to within half of that the digit's bounding box starts at (0, 0) and is 1 long

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


def write_letter(letter, rng):
    """Write one made-up letter with a pen, as `write_digit` writes a digit.

    Parameters
    ----------
    letter : a key of LETTERS
    rng : np.random.Generator

    Returns
    -------
    list of float32 arrays (n, 2), one a stroke; see `write_digit`

    Raises
    ------
    ValueError : a letter that is not among them
    """
    if letter not in LETTERS:
        raise ValueError(f"Expected one of {', '.join(LETTERS)}; received {letter!r}.")
    return _write(letter, None, 1.0, rng)


def _write(label, style, variation, rng):
    if style is None:
        names, limits = _lottery(label)
        style = names[bisect(limits, rng.random() * limits[-1])]
    template = _template(label, style)
    hand = HANDS.get(label, HAND)

    # most hands are neat, some are not
    sloppiness = variation * hand[0] * min(rng.gamma(3.0, 0.33), 1.8)
    points = _curve(template, sloppiness, variation, rng)
    points = _warp(points, sloppiness, rng)
    points = points @ _hand(hand, variation, rng)
    strokes = [points[first:last] for first, last in template.splits]
    if variation:
        strokes = [_pen(stroke, sloppiness, rng) for stroke in strokes]
    return _fit(strokes)


def _curve(template, sloppiness, variation, rng):
    """(n, 2) points of all strokes, with moved control points and sharper or rounder corners."""
    count = len(template.start)
    strokes = len(template.splits)
    where = rng.random((strokes, 1)) if variation else np.full((strokes, 1), 0.5)
    control = template.start + where[template.stroke_of] * template.travel
    control = control + 0.034 * sloppiness * (template.jitter @ rng.standard_normal((count, 2)))
    # the joint between strokes is missed
    control += (0.022 * sloppiness * rng.standard_normal((strokes, 2)))[template.stroke_of]
    rounder = variation * rng.random() ** 2
    straighter = variation * 0.6 * rng.random() ** 4
    mix = np.array([1 - rounder, rounder, 0]) * (1 - straighter) + [0, 0, straighter]
    return (mix @ (template.curves @ control).reshape(3, -1)).reshape(-1, 2)


def _warp(points, sloppiness, rng):
    """Bend the plane slowly, and make some parts of it larger than others."""
    points = points - 0.5
    part = np.clip(sloppiness * rng.normal(0, (0.16, 0.2)), -0.5, 0.5)
    points = points + part * (0.25 - points * points)
    waves = rng.uniform(-0.9, 0.9, (2, 2))
    phase = rng.uniform(0, 2 * np.pi, 2)
    size = 0.02 * sloppiness * rng.standard_normal((2, 2))
    return points + np.sin(2 * np.pi * (points @ waves) + phase) @ size


def _hand(hand, variation, rng):
    """(2, 2) matrix of a hand's slant, turn and width; points are rows."""
    _, turn, slant_left, slant_right, narrow, wide = hand
    angle = variation * radians(_between(-turn, rng.normal(0, 0.45 * turn), turn))
    slant = variation * _between(-slant_left, rng.normal(0.12, 0.2), slant_right)
    width = _between(narrow, exp(rng.normal(0, 0.2)), wide) ** variation
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[width, 0], [-slant, 1]]) @ np.array([[cos, sin], [-sin, cos]])


def _between(low, value, high):
    return min(max(value, low), high)


def _pen(stroke, sloppiness, rng):
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


def _end(last, sloppiness, rng):
    """(m, 2) points that follow the last ones: going on too far, or hooked, or nothing."""
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


def _fit(strokes):
    low = np.min([stroke.min(0) for stroke in strokes], 0)
    high = np.max([stroke.max(0) for stroke in strokes], 0)
    scale = 1 / (high - low).max()
    return [_spaced((stroke - low) * scale) for stroke in strokes]


def _spaced(stroke):
    """The same path with points evenly apart."""
    steps = np.diff(stroke, axis=0)
    along = np.concatenate([[0], np.sqrt((steps * steps).sum(1)).cumsum()])
    at = np.linspace(0, along[-1], int(along[-1] / SPACING) + 2)
    spaced = np.empty((len(at), 2), np.float32)
    spaced[:, 0] = np.interp(at, along, stroke[:, 0])
    spaced[:, 1] = np.interp(at, along, stroke[:, 1])
    return spaced


@cache
def _lottery(label):
    ways = _ways(label)
    weights = [weight for weight, *_ in ways.values()]
    return list(ways), list(accumulate(weights))


def _ways(label):
    return STYLES[label] if label in STYLES else LETTERS[label]


@cache
def _template(label, style):
    _, *strokes = _ways(label)[style]
    parsed = [_parse(stroke) for stroke in strokes]
    start, end, corners = (np.concatenate(part) for part in zip(*parsed, strict=True))
    sizes = [len(first) for first, _, _ in parsed]
    stroke_of = np.repeat(np.arange(len(sizes)), sizes)

    total = len(start)
    curves, splits, place = [], [], 0
    for index in range(len(sizes)):
        mine = np.flatnonzero(stroke_of == index)
        middle = (start[mine] + end[mine]) / 2
        rows = _curves(middle, corners[mine], np.eye(total)[mine])
        splits.append((place, place + rows.shape[1]))
        place += rows.shape[1]
        curves.append(rows)

    along = np.concatenate([np.zeros(1), np.hypot(*np.diff((start + end) / 2, axis=0).T)]).cumsum()
    alike = np.exp(-((along[:, None] - along) ** 2) / (2 * 0.25**2))
    alike *= stroke_of[:, None] == stroke_of
    # short strokes bend less: a bar stays a bar
    length = np.array([np.hypot(*np.ptp(first, axis=0)) for first, _, _ in parsed])[stroke_of]
    jitter = np.linalg.cholesky(0.8 * alike + 0.2 * np.eye(total))
    jitter *= np.clip(1.2 * length, 0.4, 1)[:, None]
    curves = np.concatenate(curves, 1)
    return Template(start, end - start, curves, jitter, stroke_of, tuple(splits))


def _parse(stroke):
    """'20,30 40,5~60,5!' to start (k, 2), end (k, 2) in [0, 1] and which points are corners."""
    words = stroke.split()
    ranges = [word.rstrip("!").split("~") for word in words]
    pair = [[point.split(",") for point in (ends[0], ends[-1])] for ends in ranges]
    points = np.array(pair, float) / 100
    return points[:, 0], points[:, 1], np.array([word.endswith("!") for word in words])


def _curves(middle, corners, unit):
    """(3, n, total) matrices of one stroke: spline with corners, spline without, polygon."""
    chords = np.maximum(np.hypot(*np.diff(middle, axis=0).T), 1e-3)
    knots = np.concatenate([[0], np.sqrt(chords)]).cumsum()
    counts = np.ceil(1.1 * chords / STEP).astype(int)
    at = [
        np.linspace(a, b, n, endpoint=False)
        for a, b, n in zip(knots[:-1], knots[1:], counts, strict=True)
    ]
    at = np.concatenate([*at, knots[-1:]])
    segment = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(chords) - 1)
    step = np.diff(knots)
    part = ((at - knots[segment]) / step[segment])[:, None]
    before, after = unit[segment], unit[segment + 1]
    polygon = before * (1 - part) + after * part

    slopes = np.diff(unit, axis=0) / step[:, None]
    splines = []
    for stops in (corners, np.zeros_like(corners)):
        leaving, arriving = _tangents(slopes, step, stops)
        rise, fall = part * (1 - part) ** 2, -(part**2) * (1 - part)
        blend = part**2 * (3 - 2 * part)
        length = step[segment][:, None]
        splines.append(
            before * (1 - blend)
            + after * blend
            + length * (rise * leaving[segment] + fall * arriving[segment])
        )
    return np.stack([*splines, polygon])


def _tangents(slopes, step, corners):
    """Catmull-Rom tangents at both ends of every segment; a corner parts its two sides."""
    leaving, arriving = slopes.copy(), slopes.copy()
    for joint in np.flatnonzero(~corners[1:-1]):
        left, right = step[joint], step[joint + 1]
        shared = (right * slopes[joint] + left * slopes[joint + 1]) / (left + right)
        arriving[joint] = leaving[joint + 1] = shared
    ends = np.concatenate([[True], corners[1:-1], [True]])
    for segment in range(len(slopes)):
        if ends[segment] and not ends[segment + 1]:
            leaving[segment] = 1.5 * slopes[segment] - 0.5 * arriving[segment]
        if ends[segment + 1] and not ends[segment]:
            arriving[segment] = 1.5 * slopes[segment] - 0.5 * leaving[segment]
    return leaving, arriving
