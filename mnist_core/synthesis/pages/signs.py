"""Signs that stand between, before and after digits, as pen strokes; 1 is the digits' height."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

Strokes = list[np.ndarray]


@dataclass(frozen=True)
class Sign:
    """A sign that people write beside digits.

    Attributes
    ----------
    label : what the detector calls it, one of `config.MARKS`
    draw : returns its strokes (n, 2), y down, in heights of the digits
    low, high : where its middle may be; 0 is the top of the digits, 1 their foot
    """

    label: str
    draw: Callable[[Generator], Strokes]
    low: float
    high: float


def _line(*points: tuple[float, float], rng: Generator, wobble: float = 0.03) -> np.ndarray:
    """Return points (n, 2) along a bent line through the given ones."""
    corners = np.array(points, float) + rng.normal(0, wobble, (len(points), 2))
    at = np.linspace(0, len(points) - 1, 8 * (len(points) - 1) + 1)
    where = np.arange(len(points))
    return np.stack([np.interp(at, where, corners[:, axis]) for axis in (0, 1)], 1)


def _ring(rng: Generator, width: float, height: float, turns: float = 1.05) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi * turns, 30) + rng.uniform(0, 6.3)
    return np.stack([np.cos(angle) * width / 2, np.sin(angle) * height / 2], 1)


def point(rng: Generator) -> Strokes:
    """Draw a point: a dot, or a short dash of the pen."""
    size = rng.uniform(0.0, 0.09)
    return [_line((0, 0), (size, rng.uniform(-0.5, 0.5) * size), rng=rng, wobble=0.01)]


def comma(rng: Generator) -> Strokes:
    """Draw a comma: short, to the lower left, straight or hooked."""
    length, lean = rng.uniform(0.16, 0.42), rng.uniform(0.0, 0.6)
    bend = rng.uniform(-0.02, 0.08)
    foot = (-lean * length, length)
    return [_line((0, 0), (bend - lean * length / 2, length / 2), foot, rng=rng, wobble=0.012)]


def dash(rng: Generator) -> Strokes:
    """Draw a minus sign or a hyphen."""
    length = rng.uniform(0.22, 0.8)
    return [_line((0, 0), (length / 2, 0), (length, rng.normal(0, 0.04)), rng=rng, wobble=0.02)]


def slash(rng: Generator) -> Strokes:
    """Draw a slash, from a bit shorter to much taller than the digits."""
    height, lean = rng.uniform(0.9, 1.5), rng.uniform(0.15, 0.75)
    return [_line((lean * height, 0), (lean * height / 2, height / 2), (0, height), rng=rng)]


def plus(rng: Generator) -> Strokes:
    """Draw a plus sign."""
    size = rng.uniform(0.4, 0.75)
    middle = size / 2
    return [
        _line((0, middle), (size, middle), rng=rng),
        _line((middle, 0), (middle, size * rng.uniform(0.8, 1.2)), rng=rng),
    ]


def equals(rng: Generator) -> Strokes:
    """Draw an equals sign."""
    length, gap = rng.uniform(0.3, 0.7), rng.uniform(0.15, 0.3)
    return [_line((0, y), (length, y), rng=rng) for y in (0, gap)]


def colon(rng: Generator) -> Strokes:
    """Draw a colon."""
    gap = rng.uniform(0.25, 0.6)
    return [point(rng)[0] + [0, y] for y in (0, gap)]


def times(rng: Generator) -> Strokes:
    """Draw a cross, as the sign of multiplication."""
    size = rng.uniform(0.3, 0.6)
    return [_line((0, 0), (size, size), rng=rng), _line((size, 0), (0, size), rng=rng)]


def star(rng: Generator) -> Strokes:
    """Draw a star of three lines."""
    turns = rng.uniform(0, 1) + np.arange(3) * np.pi / 3
    size = rng.uniform(0.2, 0.4)
    ends = size * np.stack([np.cos(turns), np.sin(turns)], 1)
    return [_line(tuple(-end), tuple(end), rng=rng) for end in ends]


def hash_sign(rng: Generator) -> Strokes:
    """Draw a hash."""
    lean = rng.uniform(0, 0.2)
    upright = [_line((x + lean, 0), (x, 1), rng=rng) for x in (0.25, 0.55)]
    return upright + [_line((0, y), (0.85, y - 0.04), rng=rng) for y in (0.35, 0.65)]


def dollar(rng: Generator) -> Strokes:
    """Draw a dollar sign."""
    bow = [(0.5, 0.2), (0.25, 0.1), (0.05, 0.3), (0.3, 0.48), (0.52, 0.68), (0.3, 0.9), (0.0, 0.8)]
    bars = [0.28] if rng.random() < 0.6 else [0.22, 0.36]
    return [
        _line(*bow, rng=rng),
        *(_line((x, -0.1), (x, 1.1), rng=rng, wobble=0.02) for x in bars),
    ]


def euro(rng: Generator) -> Strokes:
    """Draw a euro sign."""
    angle = np.linspace(-0.8, -2 * np.pi + 0.8, 24)
    bow = np.stack([0.4 * np.cos(angle) + 0.4, 0.5 * np.sin(angle) + 0.5], 1)
    return [bow, *(_line((-0.1, y), (0.5, y), rng=rng) for y in (0.42, 0.6))]


def bracket(rng: Generator) -> Strokes:
    """Draw a round bracket before a number: a bow, more or less bent."""
    deep, height = rng.uniform(0.1, 0.3), rng.uniform(0.9, 1.4)
    angle = np.linspace(-1, 1, 16) * rng.uniform(0.9, 1.5)
    bow = np.stack([1 - np.cos(angle), (np.sin(angle) + 1) / 2], 1)
    bow *= [deep / bow[0, 0], height]
    return [bow + rng.normal(0, 0.01, (16, 2))]


def square_bracket(rng: Generator) -> Strokes:
    """Draw a square bracket before a number."""
    wide, height = rng.uniform(0.1, 0.3), rng.uniform(0.9, 1.4)
    return [_line((wide, 0), (0, 0), (0, height), (wide, height), rng=rng)]


def closing(draw: Callable[[Generator], Strokes]) -> Callable[[Generator], Strokes]:
    """Return what draws the bracket behind a number."""
    return lambda rng: [stroke * [-1, 1] for stroke in draw(rng)]


def percent(rng: Generator) -> Strokes:
    """Draw a per cent sign: rings, or mere dots, to either side of a slash."""
    wide = rng.uniform(0.5, 0.9)
    size = rng.uniform(0.3, 0.45) * wide if rng.random() < 0.85 else 0.04
    low, high = rng.uniform(0.1, 0.3), rng.uniform(0.7, 0.95)
    rings = [
        _ring(rng, size, size * rng.uniform(0.8, 1.5)) + middle
        for middle in ([0.2 * wide, low], [0.85 * wide, high])
    ]
    return [_line((wide, 0), (0.06, 1), rng=rng), *rings]


def tick(rng: Generator) -> Strokes:
    """Draw a tick, as teachers do."""
    size = rng.uniform(0.7, 1.4)
    long = rng.uniform(0.7, 1.3)
    return [_line((0, 0.6 * size), (0.22 * size, size), (long * size, 0), rng=rng)]


def cross(rng: Generator) -> Strokes:
    """Draw a large cross that marks a box."""
    size = rng.uniform(0.6, 1.1)
    return [_line((0, 0), (size, size), rng=rng), _line((size, 0), (0, size), rng=rng)]


def heart(rng: Generator) -> Strokes:
    """Draw a heart."""
    t = np.linspace(0, 2 * np.pi, 40)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    size = rng.uniform(0.8, 1.2)
    return [np.stack([x / 34 * size, y / 30 * size], 1) + rng.normal(0, 0.01, (40, 2))]


def arrow(rng: Generator) -> Strokes:
    """Draw an arrow."""
    length = rng.uniform(0.6, 1.5)
    return [
        _line((0, 0), (length, 0), rng=rng),
        _line((length - 0.25, -0.2), (length, 0), (length - 0.25, 0.2), rng=rng),
    ]


def scribble(rng: Generator) -> Strokes:
    """Draw a scribble that goes to and fro."""
    turns = int(rng.integers(4, 9))
    width = rng.uniform(0.5, 1.6)
    points = [(width * i / turns, rng.uniform(0, 1)) for i in range(turns + 1)]
    return [_line(*points, rng=rng, wobble=0.05)]


SIGNS = {
    ".": Sign(".", point, 0.9, 1.02),
    ",": Sign(",", comma, 0.92, 1.2),
    "-": Sign("-", dash, 0.38, 0.64),
    "/": Sign("/", slash, 0.42, 0.58),
    "+": Sign("+", plus, 0.4, 0.62),
    "=": Sign("other", equals, 0.4, 0.65),
    ":": Sign("other", colon, 0.45, 0.7),
    "x": Sign("other", times, 0.5, 0.75),
    "*": Sign("other", star, 0.2, 0.6),
    "#": Sign("other", hash_sign, 0.45, 0.55),
    "$": Sign("other", dollar, 0.45, 0.55),
    "€": Sign("other", euro, 0.45, 0.55),
    "(": Sign("other", bracket, 0.45, 0.55),
    ")": Sign("other", closing(bracket), 0.45, 0.55),
    "[": Sign("other", square_bracket, 0.45, 0.55),
    "]": Sign("other", closing(square_bracket), 0.45, 0.55),
    "%": Sign("other", percent, 0.45, 0.55),
    "tick": Sign("other", tick, 0.3, 0.6),
    "cross": Sign("other", cross, 0.4, 0.6),
    "heart": Sign("other", heart, 0.4, 0.6),
    "arrow": Sign("other", arrow, 0.4, 0.6),
    "scribble": Sign("other", scribble, 0.4, 0.6),
}
DOODLES = ("tick", "cross", "heart", "arrow", "scribble", "*", "%", "(", ")", "[", "]", "x")
