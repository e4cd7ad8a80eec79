"""Templates of digits and letters: the styles' notation, parsed into matrices once.

A style is a few strokes of control points (`styles` and `letters` hold them). Every curve through
them is linear in the control points, so a template keeps one matrix a curve, and each written digit
costs a few products.
"""

from functools import cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from mnist_core.synthesis.forms import FORMS
from mnist_core.synthesis.letters import LETTERS
from mnist_core.synthesis.styles import STYLES, Styles

STEP = 0.015  # between points while a digit is formed, of 1 for its height
_DRAWN = LETTERS | FORMS


class Template(NamedTuple):
    """A style, ready to be varied: every curve is a matrix times the control points."""

    start: np.ndarray  # (k, 2) control points at one end of the style's range
    travel: np.ndarray  # (k, 2) from there to the other end
    curves: np.ndarray  # (3, n, k): spline with corners, spline without, polygon
    jitter: np.ndarray  # (k, k): white noise to noise that is alike along a stroke
    stroke_of: np.ndarray  # (k,) which stroke a control point belongs to
    splits: tuple[tuple[int, int], ...]  # (first, last + 1) point of each stroke


@cache
def style_weights(label: int | str) -> tuple[list[str], list[float]]:
    """Return the names of a digit's or letter's styles, and the running sum of their weights."""
    ways = _ways(label)
    weights = [weight for weight, *_ in ways.values()]
    return list(ways), list(accumulate(weights))


def _ways(label: int | str) -> Styles:
    return STYLES[label] if isinstance(label, int) else _DRAWN[label]


@cache
def template(label: int | str, style: str) -> Template:
    """Return the template of a digit's or letter's style."""
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


def _parse(stroke: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Turn '20,30 40,5~60,5!' into start and end (k, 2) in [0, 1], and which points are corners."""
    words = stroke.split()
    ranges = [word.rstrip("!").split("~") for word in words]
    pair = [[point.split(",") for point in (ends[0], ends[-1])] for ends in ranges]
    points = np.array(pair, float) / 100
    return points[:, 0], points[:, 1], np.array([word.endswith("!") for word in words])


def _curves(middle: np.ndarray, corners: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Return (3, n, total) matrices of one stroke: spline with corners, spline without, polygon."""
    chords = np.maximum(np.hypot(*np.diff(middle, axis=0).T), 1e-3)
    knots = np.concatenate([[0], np.sqrt(chords)]).cumsum()
    counts = np.ceil(1.1 * chords / STEP).astype(int)
    parts = [
        np.linspace(a, b, n, endpoint=False)
        for a, b, n in zip(knots[:-1], knots[1:], counts, strict=True)
    ]
    at = np.concatenate([*parts, knots[-1:]])
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


def _tangents(
    slopes: np.ndarray, step: np.ndarray, corners: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return Catmull-Rom tangents at both ends of every segment; a corner parts its sides."""
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
