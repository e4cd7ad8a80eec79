"""Papers: what a page is written on, before anything is written."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages.canvas import Colour

Size = tuple[int, int]


def smooth_noise(size: Size, grain: float, rng: Generator) -> np.ndarray:
    """Return noise whose hills are about so many pixels wide; float32 (h, w) in [0, 1]."""
    height, width = size
    small = (int(height / grain) + 2, int(width / grain) + 2)
    return cv2.resize(rng.random(small, np.float32), (width, height), interpolation=cv2.INTER_CUBIC)


def some_light(rng: Generator) -> Colour:
    """Return the colour of some paper: white, grey, cream or a pale colour."""
    grey = rng.uniform(0.55, 1.0) if rng.random() < 0.7 else 1.0
    tint = rng.normal(0, 0.03 if rng.random() < 0.7 else 0.1, 3)
    red, green, blue = np.clip(grey + tint, 0.4, 1)
    return float(red), float(green), float(blue)


def some_dark(rng: Generator) -> Colour:
    """Return the colour of a blackboard or of another dark ground."""
    red, green, blue = np.clip(rng.uniform(0, 0.35) + rng.normal(0, 0.06, 3), 0, 0.5)
    return float(red), float(green), float(blue)


def lay(size: Size, colour: Colour, rng: Generator) -> np.ndarray:
    """Return plain paper, float32 (h, w, 3): even, rough, stained or unevenly lit."""
    paper = np.empty((*size, 3), np.float32)
    paper[:] = colour
    kind = rng.random()
    if kind < 0.3:
        return paper
    shade = np.ones(size, np.float32)
    if kind < 0.75:
        y, x = np.mgrid[-0.5 : 0.5 : size[0] * 1j, -0.5 : 0.5 : size[1] * 1j].astype(np.float32)
        direction = rng.normal(0, 0.22, 2)
        shade += (direction[0] * y + direction[1] * x).astype(np.float32)
    if kind > 0.55:
        shade += rng.uniform(0, 0.25) * (smooth_noise(size, rng.uniform(20, 150), rng) - 0.5)
    if rng.random() < 0.4:
        shade += rng.uniform(0, 0.12) * (smooth_noise(size, rng.uniform(1.5, 5), rng) - 0.5)
    return paper * shade[..., None]


def ruled(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw the lines of a notebook, float32 (h, w), 1 where a line is."""
    layer = np.zeros(size, np.uint8)
    step = height * rng.uniform(1.1, 2.6)
    _parallels(layer, step, rng, upright=False, thick=_thin(height, rng))
    if rng.random() < 0.3:
        x = int(rng.uniform(0, size[1]))
        cv2.line(layer, (x, 0), (x, size[0]), 255, _thin(height, rng), cv2.LINE_AA)
    return layer.astype(np.float32) / 255


def squared(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw the squares of an exercise book."""
    layer = np.zeros(size, np.uint8)
    step, thick = height * rng.uniform(0.5, 1.8), _thin(height, rng)
    _parallels(layer, step, rng, upright=False, thick=thick)
    _parallels(layer, step, rng, upright=True, thick=thick)
    return layer.astype(np.float32) / 255


def dotted(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw a grid of dots."""
    layer = np.zeros(size, np.float32)
    step = max(4, round(height * rng.uniform(0.4, 1.5)))
    dot = max(1, round(step * rng.uniform(0.04, 0.2)))
    y, x = rng.integers(0, step, 2)
    for i in range(dot):
        for j in range(dot):
            layer[y + i :: step, x + j :: step] = 1
    return layer


def guilloche(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw families of waves, as on cheques and banknotes."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    layer = np.zeros(size, np.float32)
    for _ in range(rng.integers(1, 4)):
        step = height * rng.uniform(0.12, 0.5)
        swing, long = rng.uniform(0.2, 2.5) * step, height * rng.uniform(0.5, 4)
        angle = rng.uniform(0, np.pi)
        along = np.cos(angle) * x + np.sin(angle) * y
        across = np.cos(angle) * y - np.sin(angle) * x
        if rng.random() < 0.4:
            middle = rng.uniform(0, 1, 2) * size
            across = np.hypot(y - middle[0], x - middle[1])
        wave = np.sin((across + swing * np.sin(2 * np.pi * along / long)) * (2 * np.pi / step))
        sharp = rng.uniform(1.5, 6)
        layer = np.maximum(layer, np.clip((wave - 1) * sharp + 1, 0, 1))
    return layer


def raster(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw a fine raster of dots or crosses, as printed grounds have it."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    step = max(2.5, height * rng.uniform(0.08, 0.3))
    angle = rng.uniform(0, np.pi / 2)
    u = (np.cos(angle) * x + np.sin(angle) * y) * (2 * np.pi / step)
    v = (np.cos(angle) * y - np.sin(angle) * x) * (2 * np.pi / step)
    both = np.cos(u) * np.cos(v) if rng.random() < 0.5 else np.cos(u) + np.cos(v) - 1
    return np.clip(both * rng.uniform(1, 3), 0, 1)


def fibres(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw short threads and specks."""
    layer = np.zeros(size, np.uint8)
    for _ in range(rng.integers(3, 60)):
        start = rng.uniform(0, 1, 2) * size[::-1]
        end = start + rng.normal(0, 0.25 * height, 2) * (rng.random() < 0.6)
        a, b = (tuple(map(int, point)) for point in (start, end))
        cv2.line(layer, a, b, int(rng.integers(80, 256)), 1, cv2.LINE_AA)
    return layer.astype(np.float32) / 255


def folds(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw the soft lines of folded or crumpled paper."""
    layer = np.zeros(size, np.float32)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    for _ in range(rng.integers(1, 4)):
        angle = rng.uniform(0, np.pi)
        across = np.cos(angle) * x + np.sin(angle) * y
        at = rng.uniform(across.min(), across.max())
        layer += np.exp(-np.abs(across - at) / (height * rng.uniform(0.05, 0.5)))
    return np.clip(layer, 0, 1)


def hatched(size: Size, height: float, rng: Generator) -> np.ndarray:
    """Draw slanting lines side by side."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    angle, step = rng.uniform(0.3, 1.2), height * rng.uniform(0.2, 0.9)
    wave = np.cos((np.cos(angle) * x + np.sin(angle) * y) * (2 * np.pi / step))
    return np.clip((wave - 0.8) * 5, 0, 1)


def weave(size: Size, _: float, rng: Generator) -> np.ndarray:
    """Draw the threads of rough cloth or card."""
    threads = [
        cv2.resize(rng.random(shape, np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)
        for shape in ((max(2, size[0] // 2), 4), (4, max(2, size[1] // 2)))
    ]
    return np.clip((threads[0] + threads[1] - 0.6) * rng.uniform(0.5, 1), 0, 1)


def _parallels(
    layer: np.ndarray, step: float, rng: Generator, *, upright: bool, thick: int
) -> None:
    height, width = layer.shape
    tilt = rng.normal(0, 0.01)
    for at in np.arange(rng.uniform(0, step), width if upright else height, max(step, 4)):
        if upright:
            ends = ((at, 0), (at + tilt * height, height))
        else:
            ends = ((0, at), (width, at + tilt * width))
        a, b = ((round(x * 16), round(y * 16)) for x, y in ends)
        cv2.line(layer, a, b, 255, thick, cv2.LINE_AA, 4)


def _thin(height: float, rng: Generator) -> int:
    return max(1, round(height * rng.uniform(0.01, 0.08)))


# A pattern, how often it is chosen, and how strong it is printed at most.
PATTERNS: dict[str, tuple[Callable[[Size, float, Generator], np.ndarray], float, float]] = {
    "ruled": (ruled, 0.25, 0.8),
    "squared": (squared, 0.2, 0.7),
    "dotted": (dotted, 0.07, 0.7),
    "guilloche": (guilloche, 0.22, 0.45),
    "raster": (raster, 0.1, 0.4),
    "fibres": (fibres, 0.1, 0.6),
    "folds": (folds, 0.06, 0.35),
}
# For validation alone; training never sees them.
HELD_OUT_PATTERNS: dict[str, tuple[Callable[[Size, float, Generator], np.ndarray], float, float]]
HELD_OUT_PATTERNS = {"hatched": (hatched, 0.5, 0.4), "weave": (weave, 0.5, 0.35)}
