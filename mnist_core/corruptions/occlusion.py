"""Occlusion: something lies over the digit, or a part of it is lost."""

from statistics import NormalDist

import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions.records import Corruption
from mnist_core.corruptions.shape import X, Y, blur, cover, sides, spread, turned_axes

VERTICES = 18


def stripe(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Lay a straight band over the image, or one along each of two opposite sides.

    In half of the images they are white, grey or black and cover a width of 3 pixels in all at
    severity 0.5, and 6 at 1. In the others they show the negative, 7 pixels wide at 0.5, 14 at 1.
    """
    n = len(images)
    upright = rng.integers(0, 2, n) * np.pi / 2
    _, across = turned_axes(np.where(rng.random(n) < 0.5, upright, rng.uniform(0, np.pi, n)))
    negative, both = spread(rng.random(n) < 0.5), spread(rng.random(n) < 0.5)
    half = np.where(negative, 7, 3) * spread(severity)
    inside = half - np.abs(across - spread(rng.uniform(-9, 9, n)))
    outside = np.abs(across) - (IMAGE_SIZE / 2 - half)
    mask = np.clip(np.where(both, outside, inside) + 0.5, 0, 1) * np.minimum(1, 2 * half)
    colour = np.where(negative, 1 - images, spread(_colours(n, rng)))
    return cover(images, mask, colour)


def dotted_line(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Draw a dotted line across the image.

    It is 1.5 pixels thick at severity 0.5, and 3 at 1.
    """
    n = len(images)
    along, across = turned_axes(rng.uniform(-np.pi, np.pi, n))
    thick = 3 * spread(severity)
    line = np.clip(thick / 2 + 0.5 - np.abs(across - spread(rng.uniform(-7, 7, n))), 0, 1)
    step = spread(rng.uniform(2.5, 6, n))
    dots = np.clip((np.cos(2 * np.pi * (along / step + spread(rng.random(n)))) + 0.3) * 3, 0, 1)
    return cover(images, line * dots * np.minimum(1, thick), 1)


def zigzag(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Draw a zigzag line across the image.

    It is 1.5 pixels thick at severity 0.5, and 3 at 1.
    """
    n = len(images)
    along, across = turned_axes(rng.uniform(-np.pi, np.pi, n))
    swing = rng.uniform(0.5, 9, (n, VERTICES)) * np.where(np.arange(VERTICES) % 2, 1, -1)
    length = spread(rng.uniform(2.5, 12, n))  # pixels from one turn to the next
    place = np.clip((along + 20) / length, 0, VERTICES - 1.001)
    before = place.astype(int)
    rows = np.arange(n)[:, None, None]
    left, right = swing[rows, before], swing[rows, before + 1]
    centre = left + (place - before) * (right - left) + spread(rng.uniform(-4, 4, n))
    slant = np.hypot(1, (right - left) / length)
    thick = 3 * spread(severity)
    line = np.clip(thick / 2 + 0.5 - np.abs(across - centre) / slant, 0, 1)
    return cover(images, (line * np.minimum(1, thick)).astype(np.float32), 1)


def spatter(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Spatter drops over the image: clear water that shines, or mud that covers.

    They cover about 15% of the image at severity 0.5, and 30% at 1.
    """
    n = len(images)
    grain = rng.standard_normal(images.shape, np.float32)
    drops = blur(grain, rng.uniform(0.8, 2.2, n))
    drops /= drops.std(axis=(1, 2), keepdims=True)
    edge = spread(np.interp(0.3 * severity, _COVERED, _LEVELS))
    mask = np.clip((drops - edge) * 3, 0, 1) * np.minimum(1, 8 * spread(severity))
    water = spread(rng.random(n) < 0.6)
    colour = np.where(water, spread(rng.uniform(0.6, 1, n)), spread(rng.uniform(0, 0.4, n)))
    return cover(images, mask, colour)


def missing_block(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Lose a square of the image; it is left in one grey.

    Its side is 6 pixels at severity 0.5, and 12 at 1.
    """
    n = len(images)
    x, y = (spread(rng.uniform(-8, 8, n)) for _ in range(2))
    half = 6 * spread(severity)
    mask = np.clip(half + 0.5 - np.maximum(np.abs(X - x), np.abs(Y - y)), 0, 1)
    return cover(images, mask * np.minimum(1, 2 * half), spread(_colours(n, rng)))


def _colours(n: int, rng: Generator) -> np.ndarray:
    """Draw black or white for half of n images, any grey for the rest."""
    return np.where(sides(n, rng) > 0, rng.integers(0, 2, n), rng.random(n))


_COVERED = np.linspace(0.001, 0.3, 60)
_LEVELS = [NormalDist().inv_cdf(1 - share) for share in _COVERED]

OCCLUSION = (
    Corruption(stripe, frequency=2.0),
    Corruption(dotted_line, frequency=1.5),
    Corruption(zigzag, readable=0.8, frequency=3.0),
    Corruption(spatter, readable=0.8, frequency=2.0),
    Corruption(missing_block, readable=0.7),
)
