"""Non-digits drawn with a pen: scribbles, lines, shapes, letters, doodles."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.pictures import strokes
from mnist_core.synthesis import handwriting
from mnist_core.synthesis.forms import MEASURING, SIGNS, THINGS
from mnist_core.synthesis.letters import LETTERS
from mnist_core.synthesis.non_digits.record import NonDigit

FINE = 8  # drawn on a grid this many times finer than the image
SIGN, THING = 0.4, 0.5  # shares of signs among letters, and of things among doodles
LIKE_MNIST = 0.6  # of the pictures are as large as MNIST's digits and centred as they are
GRID = [(x, y) for x in (0, 0.5, 1) for y in (0, 0.5, 1)]


def scribble(rng: Generator) -> list[np.ndarray]:
    """Draw one to three curves that go anywhere."""
    return [_wander(rng) for _ in range(rng.choice([1, 1, 2, 3]))]


def spiral(rng: Generator) -> list[np.ndarray]:
    """Draw a spiral, or loops in a row."""
    t = np.linspace(0, 1, 150)
    grows = rng.random() < 0.5
    radius = rng.uniform(0.1, 0.3) + (t if grows else 0.3)
    drift = np.outer(t, rng.normal(0, 0.1, 2) if grows else _direction(rng) * rng.uniform(2, 4))
    angle = 2 * np.pi * rng.uniform(2.5, 7) * t * rng.choice([-1, 1]) + rng.uniform(0, 2 * np.pi)
    return [_circle(angle, radius * np.array([[rng.uniform(0.6, 1)], [1]])) + drift]


def zigzag(rng: Generator) -> list[np.ndarray]:
    """Draw a line to and fro."""
    corners = rng.integers(5, 14)
    x = np.linspace(0, rng.uniform(0.6, 2), corners)
    y = (np.arange(corners) % 2) * rng.uniform(0.2, 1) + rng.normal(0, 0.08, corners)
    return _turned([_polyline(np.stack([x, y], 1))], rng)


def lines(rng: Generator) -> list[np.ndarray]:
    """Draw straight lines anywhere."""
    return [_polyline(rng.uniform(0, 1, (2, 2))) for _ in range(rng.integers(3, 8))]


def hatching(rng: Generator) -> list[np.ndarray]:
    """Draw parallel lines, or a grid."""
    bars, rungs = rng.integers(3, 8), rng.integers(0, 6)
    found = [
        _polyline(np.array([(i, 0), (i + rng.normal(0, 0.2), bars)], float)) for i in range(bars)
    ]
    found += [
        _polyline(
            np.array([(0, bars * (i + 0.5) / rungs), (bars - 1, bars * (i + 0.5) / rungs)], float)
        )
        for i in range(rungs)
    ]
    return _turned(found, rng)


def star(rng: Generator) -> list[np.ndarray]:
    """Draw a star with a line that crosses itself, or along its outline."""
    points = int(rng.integers(4, 8))
    if points % 2:
        corners = np.arange(points + 1) * 4 * np.pi / points
        return _turned([_polyline(_circle(corners, 1))], rng)
    corners = np.arange(2 * points + 1) * np.pi / points
    radius = np.where(np.arange(len(corners)) % 2, rng.uniform(0.3, 0.6), 1)
    return _turned([_polyline(_circle(corners, radius))], rng)


def doodle(rng: Generator) -> list[np.ndarray]:
    """Draw a thing, or what looks like one: a large shape, parts on and around it."""
    if rng.random() < THING:
        return handwriting.draw_form(_THINGS[rng.integers(len(_THINGS))], rng)
    found = []
    if rng.random() < 0.75:
        found.append(_shape(rng, np.zeros(2), rng.uniform(0.6, 1)))
    for _ in range(rng.integers(2, 8)):
        middle = rng.uniform(-1, 1, 2) * rng.choice([0.7, 1.2])
        size = rng.uniform(0.08, 0.7)
        part = rng.integers(4)
        if part == 0:
            found.append(_arc(rng, middle, size))
        elif part == 1:
            found.append(_polyline(np.array([middle, middle + rng.normal(0, 2 * size, 2)], float)))
        elif part == 2:
            found.append(_wander(rng) * size + middle)
        else:
            found.append(_shape(rng, middle, size))
    return found


def glyph(rng: Generator) -> list[np.ndarray]:
    """Draw a character of a script that does not exist: lines and bows between points of a grid."""
    grid = np.array(GRID)
    found, at = [], rng.integers(len(grid))
    while len(found) < rng.integers(3, 7):
        to = rng.integers(len(grid))
        if to != at:
            bow = rng.normal(0, 0.3, 2) * (rng.random() < 0.5)
            found.append(_smooth(np.array([grid[at], (grid[at] + grid[to]) / 2 + bow, grid[to]])))
        at = to if rng.random() < 0.6 else rng.integers(len(grid))
    return found


def letter(rng: Generator) -> list[np.ndarray]:
    """Write a letter that does not look like a digit, or another sign."""
    if rng.random() < SIGN:
        return handwriting.draw_form(_SIGNS[rng.integers(len(_SIGNS))], rng)
    return handwriting.write_letter(_LETTERS[rng.integers(len(_LETTERS))], rng)


def thing(rng: Generator) -> list[np.ndarray]:
    """Draw one of the things that training never shows."""
    return handwriting.draw_form(MEASURING[rng.integers(len(MEASURING))], rng)


def picture(paths: list[np.ndarray], rng: Generator) -> np.ndarray:
    """Draw strokes as an image: often like MNIST's digits, else anywhere up to its edges.

    Parameters
    ----------
    paths : points (n, 2) of each stroke, in any unit, y down

    Returns
    -------
    float32 (28, 28) in [0, 1], white on black
    """
    if rng.random() < LIKE_MNIST:
        return strokes.to_image(paths, width=rng.triangular(1.2, strokes.PEN_WIDTH, 3.8))
    points = np.concatenate(paths)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    scale = rng.uniform(17, 26) / max(float(extent.max()), 1e-6)
    margin = (IMAGE_SIZE - extent * scale) / 2
    moved = [((path - low) * scale + margin) * FINE for path in paths]
    size = (IMAGE_SIZE * FINE, IMAGE_SIZE * FINE)
    fine = strokes.draw(moved, size, width=rng.uniform(1, 3.2) * FINE)
    return cv2.resize(fine, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)


def _wander(rng: Generator) -> np.ndarray:
    """Return a smooth curve through random points, or along a random walk."""
    count = rng.integers(4, 12)
    if rng.random() < 0.5:
        return _smooth(np.cumsum(rng.normal(0, 0.3, (count, 2)), axis=0))
    return _smooth(rng.uniform(0, 1, (count, 2)))


def _shape(rng: Generator, middle: np.ndarray, size: float) -> np.ndarray:
    """Return a ring or a polygon."""
    if rng.random() < 0.5:
        radius = size * np.array([[1], [rng.uniform(0.4, 1.2)]])
        return _circle(np.linspace(0, 2 * np.pi, 40), radius) + middle
    corners = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 9)))
    if rng.random() < 0.5:
        corners = np.linspace(0, 2 * np.pi, len(corners), endpoint=False) + rng.uniform(0, 6)
    outline = _circle(np.append(corners, corners[0]), size)
    return _polyline(outline * (1, rng.uniform(0.5, 1.2)) + middle)


def _arc(rng: Generator, middle: np.ndarray, size: float) -> np.ndarray:
    start = rng.uniform(0, 2 * np.pi)
    angles = np.linspace(start, start + rng.uniform(0.6, 5), 30)
    return _circle(angles, size * rng.uniform(0.5, 1, (2, 1))) + middle


def _circle(angles: np.ndarray, radius: float | np.ndarray) -> np.ndarray:
    """Return points (n, 2) at these angles; `radius` is a number, (n,), or (2, 1) for x and y."""
    return (radius * np.stack([np.cos(angles), np.sin(angles)])).T


def _polyline(corners: np.ndarray) -> np.ndarray:
    """Return points along straight lines between corners (k, 2)."""
    at = np.linspace(0, len(corners) - 1, 12 * len(corners))
    return np.stack([np.interp(at, range(len(corners)), side) for side in corners.T], 1)


def _smooth(points: np.ndarray) -> np.ndarray:
    """Return a curve through points (k, 2): Catmull and Rom's spline."""
    at = np.linspace(0, len(points) - 1.001, 12 * len(points))
    first = at.astype(int)
    t = (at - first)[:, None]
    padded = np.pad(points, ((1, 1), (0, 0)), mode="edge")
    a, b, c, d = (padded[first + i] for i in range(4))
    return b + t / 2 * ((c - a) + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - a - 3 * c + d)))


def _turned(paths: list[np.ndarray], rng: Generator) -> list[np.ndarray]:
    x, y = _direction(rng)
    return [path @ np.array([[x, y], [-y, x]]) for path in paths]


def _direction(rng: Generator) -> np.ndarray:
    angle = rng.uniform(0, 2 * np.pi)
    return np.array([np.cos(angle), np.sin(angle)])


def _record(write: Callable[[Generator], list[np.ndarray]], *, frequency: float = 1.0) -> NonDigit:
    """Return the record of a kind that is written as strokes."""
    return NonDigit(write.__name__, lambda rng: picture(write(rng), rng), frequency)


_LETTERS, _SIGNS = list(LETTERS), list(SIGNS)
_THINGS = [name for name in THINGS if name not in MEASURING]
DRAWN_HELD_OUT = (_record(thing),)
DRAWN = (
    _record(scribble, frequency=2.0),
    _record(spiral),
    _record(zigzag),
    _record(lines),
    _record(hatching, frequency=0.5),
    _record(star, frequency=0.5),
    _record(doodle, frequency=2.0),
    _record(glyph, frequency=2.0),
    _record(letter, frequency=3.0),
)
