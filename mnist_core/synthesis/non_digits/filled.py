"""Non-digits that are areas of grey: silhouettes, textures, dots, and nothing at all."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.synthesis.non_digits.record import NonDigit

FINE = 4  # dots are drawn on a grid this many times finer than the image
ROWS = np.arange(IMAGE_SIZE)


def silhouette(rng: Generator) -> np.ndarray:
    """Fill a shape that is alike at left and right, such as clothes are, with a grey texture."""
    widths = _widths(rng)
    aside = np.abs(ROWS - (IMAGE_SIZE - 1) / 2 + rng.normal()) / (IMAGE_SIZE / 2)
    mask = aside[None] < widths[:, None]
    if rng.random() < 0.3:  # legs, or a handle
        start = rng.integers(IMAGE_SIZE)
        rows = start < ROWS if rng.random() < 0.5 else start >= ROWS
        mask &= ~((aside < rng.uniform(0.05, 0.4))[None] & rows[:, None])
    mask[: rng.integers(0, 10)] = mask[rng.integers(18, 29) :] = False
    if rng.random() < 0.3:
        mask = mask.T
    if rng.random() < 0.3:
        mask = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1) > rng.uniform(0.3, 0.6)
    grey = rng.uniform(0.2, 1) + rng.uniform(0, 0.8) * texture(rng)
    return np.clip(mask * grey, 0, 1).astype(np.float32)


def garment(rng: Generator) -> np.ndarray:
    """Fill the outline of a garment, a shoe or a bag, which training never shows."""
    outline = np.array(list(GARMENTS.values())[rng.integers(len(GARMENTS))], float)
    outline += rng.normal(0, 3, outline.shape)
    if rng.random() < 0.5:
        outline = np.concatenate([outline, (100, 0) + outline[::-1] * (-1, 1)])
    side = IMAGE_SIZE * FINE
    scale = rng.uniform(0.75, 1, 2) * side / 100
    fine = np.zeros((side, side), np.uint8)
    corners = outline * scale + (side - 100 * scale) / 2
    cv2.fillPoly(fine, [np.round(corners).astype(np.int32)], 255, cv2.LINE_AA)
    mask = cv2.resize(fine, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA) / 255
    grey = rng.uniform(0.2, 1) + rng.uniform(0, 0.5) * texture(rng)
    return np.clip(mask * grey, 0, 1).astype(np.float32)


def texture(rng: Generator) -> np.ndarray:
    """Fill the image with noise, clouds, waves, squares, a slope of grey, or rectangles."""
    return np.clip(_TEXTURES[rng.integers(len(_TEXTURES))](rng), 0, 1).astype(np.float32)


def dots(rng: Generator) -> np.ndarray:
    """Draw some discs and rings."""
    side = IMAGE_SIZE * FINE
    fine = np.zeros((side, side), np.uint8)
    for _ in range(rng.integers(1, 10)):
        middle = rng.integers(2 * FINE, side - 2 * FINE, 2).tolist()
        line = cv2.FILLED if rng.random() < 0.7 else FINE
        cv2.circle(fine, middle, int(rng.integers(2, 3 * FINE)), 255, line, cv2.LINE_AA)
    small = cv2.resize(fine, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255


def blank(rng: Generator) -> np.ndarray:
    """Leave the paper empty, or nearly: one grey, a little grain."""
    grey = rng.uniform(0, 1) * (rng.random() < 0.5)
    grain = rng.uniform(0, 0.2) * rng.random((IMAGE_SIZE, IMAGE_SIZE)) * (rng.random() < 0.5)
    return np.clip(grey + grain, 0, 1).astype(np.float32)


def _widths(rng: Generator) -> np.ndarray:
    """Return how wide a silhouette is in each row, in [0, 1]."""
    knots = rng.uniform(0.1, 1, rng.integers(3, 9))
    if rng.random() < 0.3:
        return np.repeat(knots, -(-IMAGE_SIZE // len(knots)))[:IMAGE_SIZE]
    return np.interp(ROWS, np.linspace(0, IMAGE_SIZE - 1, len(knots)), knots)


def _noise(rng: Generator) -> np.ndarray:
    return rng.random((IMAGE_SIZE, IMAGE_SIZE))


def _clouds(rng: Generator) -> np.ndarray:
    noise = rng.normal(size=(IMAGE_SIZE, IMAGE_SIZE))
    blurred = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.7, 6))
    grey = (blurred - blurred.min()) / np.ptp(blurred)
    return grey > rng.uniform(0.3, 0.7) if rng.random() < 0.4 else grey


def _waves(rng: Generator) -> np.ndarray:
    wave = 0.5 + 0.5 * np.sin(_slope(rng) * rng.uniform(0.15, 2) + rng.uniform(0, 6))
    return wave > 0.5 if rng.random() < 0.5 else wave


def _squares(rng: Generator) -> np.ndarray:
    side = rng.integers(2, 9)
    return (ROWS[:, None] // side + ROWS // side) % 2


def _grey_slope(rng: Generator) -> np.ndarray:
    slope = _slope(rng)
    return (slope - slope.min()) / np.ptp(slope)


def _rectangles(rng: Generator) -> np.ndarray:
    grey = np.zeros((IMAGE_SIZE, IMAGE_SIZE))
    for _ in range(rng.integers(2, 12)):
        (top, left), (height, width) = rng.integers(0, IMAGE_SIZE, 2), rng.integers(2, 16, 2)
        grey[top : top + height, left : left + width] = rng.random()
    return grey


def _slope(rng: Generator) -> np.ndarray:
    """Return how far each pixel lies along a random direction, in pixels."""
    angle = rng.uniform(0, 2 * np.pi)
    return ROWS * np.cos(angle) + ROWS[:, None] * np.sin(angle)


_TEXTURES = (_noise, _clouds, _waves, _squares, _grey_slope, _rectangles)
# The left half of an outline, or all of it, from the top; on a grid from 0 to 100.
GARMENTS = {
    "shirt": [(38, 8), (24, 12), (2, 40), (14, 50), (26, 36), (26, 94), (50, 94)],
    "pullover": [(40, 10), (22, 14), (4, 86), (16, 90), (27, 44), (27, 92), (50, 92)],
    "trousers": [(32, 4), (26, 50), (24, 96), (44, 96), (50, 30)],
    "dress": [(40, 4), (34, 8), (36, 36), (20, 96), (50, 96)],
    "bag": [(40, 10), (34, 14), (32, 36), (6, 38), (10, 90), (50, 90)],
    "boot": [(40, 6), (70, 6), (70, 50), (96, 72), (96, 92), (40, 92)],
    "shoe": [(4, 50), (24, 46), (50, 60), (94, 70), (96, 84), (4, 86)],
    "heel": [
        (4, 30),
        (20, 24),
        (50, 56),
        (90, 76),
        (96, 86),
        (60, 86),
        (24, 60),
        (14, 90),
        (6, 90),
    ],
}
FILLED_HELD_OUT = (NonDigit("garment", garment),)
FILLED = (
    NonDigit("silhouette", silhouette),
    NonDigit("texture", texture),
    NonDigit("dots", dots),
    NonDigit("blank", blank, frequency=0.5),
)
