"""The camera or scanner: tilt, light, shadows, blur, noise, compression."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages.canvas import Canvas
from mnist_core.synthesis.pages.papers import smooth_noise

Size = tuple[int, int]
ENLARGED = (
    0.4  # share of the pictures that are enlarged, noise and all, as readers do with small ones
)
LEAST_HEIGHT = 8.0  # pixels of digits before that
HIDDEN = 0.3  # marks of whose outline a larger share is covered are hidden


def projection(size: Size, degrees: float, rng: Generator, *, bend: float = 0.04) -> np.ndarray:
    """Return the (3, 3) matrix that turns a page about its middle and tilts it a little.

    Parameters
    ----------
    degrees : clockwise
    bend : how far a corner moves at most, as a share of the page's shorter side
    """
    height, width = size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    middle = np.array([width, height], np.float32) / 2
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    moved = (corners - middle) @ turn + middle
    moved = moved + rng.uniform(-bend, bend, (4, 2)) * min(size)
    return cv2.getPerspectiveTransform(corners, moved.astype(np.float32))


def shade(pixels: np.ndarray, rng: Generator) -> None:
    """Let light fall unevenly on a page, float32 (h, w, 3), in place: vignettes and shadows."""
    size = pixels.shape[:2]
    kind = rng.random()
    if kind < 0.45:
        return
    if kind < 0.7:
        hills = smooth_noise(size, rng.uniform(0.4, 1.5) * max(size), rng)
        light = 1 - rng.uniform(0.1, 0.5) * hills
    else:
        layer = np.zeros(size, np.uint8)
        points = rng.uniform(-0.3, 1.3, (int(rng.integers(3, 6)), 2)) * size[::-1]
        cv2.fillPoly(layer, [points.astype(np.int32)], 255)
        soft = rng.uniform(0.5, 25)
        layer = cv2.GaussianBlur(layer, (0, 0), soft)
        light = 1 - rng.uniform(0.1, 0.55) * (layer.astype(np.float32) / 255)
    pixels *= light[..., None]


def expose(pixels: np.ndarray, height: float, rng: Generator) -> np.ndarray:
    """Take a picture of a page.

    Some are taken by a camera of fewer pixels and enlarged: so is what is read at a larger scale.

    Parameters
    ----------
    pixels : float32 (h, w, 3) in [0, 1]
    height : of the digits in pixels; blur is never so wide that they cannot be read

    Returns
    -------
    uint8 (h, w, 3)
    """
    rows, columns = pixels.shape[:2]
    factor = rng.uniform(1.2, 2.6) if rng.random() < ENLARGED else 1.0
    factor = min(factor, height / LEAST_HEIGHT)
    if factor < 1.1:
        return _snapshot(pixels, height, rng)
    small = (max(2, round(columns / factor)), max(2, round(rows / factor)))
    taken = _snapshot(cv2.resize(pixels, small, interpolation=cv2.INTER_AREA), height / factor, rng)
    ways = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_NEAREST)
    return cv2.resize(taken, (columns, rows), interpolation=ways[rng.choice(3, p=(0.6, 0.3, 0.1))])


def _snapshot(pixels: np.ndarray, height: float, rng: Generator) -> np.ndarray:
    """Take a picture by a camera with as many pixels as the page; see `expose`."""
    kind = rng.random()
    if kind < 0.5:
        pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, min(0.05 * height + 0.3, 2.2)))
    elif kind < 0.58 and height > 14:
        pixels = cv2.filter2D(pixels, -1, _motion(rng.uniform(2, 0.14 * height + 1), rng))
    contrast = rng.uniform(0.55, 1.0) if rng.random() < 0.45 else 1.0
    base = rng.uniform(0, 1 - contrast)
    pixels = np.clip(pixels, 0, 1) * contrast + base
    if rng.random() < 0.4:
        pixels = pixels ** rng.uniform(0.6, 1.6)
    two_tone = rng.random() < 0.06
    if rng.random() < 0.5 and not two_tone:
        noise = min(rng.gamma(1.5, 0.015), 0.07)
        shape = pixels.shape if rng.random() < 0.5 else (*pixels.shape[:2], 1)
        pixels = pixels + noise * rng.standard_normal(shape, np.float32)
    if rng.random() < 0.04:
        flips = rng.random(pixels.shape[:2]) < rng.uniform(0.001, 0.02)
        pixels[flips] = rng.integers(0, 2, (int(flips.sum()), 1))
    out = (np.clip(pixels, 0, 1) * 255 + 0.5).astype(np.uint8)
    if two_tone:
        out = _two_tone(out)
    if rng.random() < 0.5:
        quality = int(rng.integers(25, 96))
        _, coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR))
    return out


def desk(canvas: Canvas, rng: Generator) -> None:
    """Lay the edge of a desk, a hand or a scanner's lid over one to four sides of the page.

    Marks that it hides are no longer on the page.
    """
    height, width = canvas.size
    layer = np.zeros((height, width), np.uint8)
    for side in rng.permutation(4)[: int(rng.choice([1, 1, 2, 3, 4]))]:
        a, b = rng.uniform(0.0, 0.12, 2) * (width if side % 2 else height)
        shapes = (
            [(0, 0), (width, 0), (width, a), (0, b)],
            [(width, 0), (width, height), (width - a, height), (width - b, 0)],
            [(0, height), (width, height), (width, height - a), (0, height - b)],
            [(0, 0), (0, height), (a, height), (b, 0)],
        )
        cv2.fillPoly(layer, [np.array(shapes[side], np.int32)], 255)
    if rng.random() < 0.5:
        layer = cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.5, 3))
    canvas.marks = [mark for mark in canvas.marks if _covered(layer, mark.outline) <= HIDDEN]
    red, green, blue = np.clip(rng.uniform(0, 0.5) + rng.normal(0, 0.08, 3), 0, 1)
    canvas.cover(layer.astype(np.float32) / 255, (float(red), float(green), float(blue)))


def _covered(layer: np.ndarray, outline: np.ndarray) -> float:
    """Return which share of a mark's outline a layer covers."""
    height, width = layer.shape
    places = outline.astype(int)
    places = places[((places >= 0) & (places < [width, height])).all(1)]
    return float((layer[places[:, 1], places[:, 0]] > 100).mean()) if len(places) else 0.0


def _motion(length: float, rng: Generator) -> np.ndarray:
    size = int(length) // 2 * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    angle = rng.uniform(0, np.pi)
    end = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    a, b = (tuple(int(v) for v in np.round((size // 2 + s * end) * 16)) for s in (-1, 1))
    cv2.line(kernel, a, b, 1.0, 1, cv2.LINE_AA, 4)
    return kernel / kernel.sum()


def _two_tone(pixels: np.ndarray) -> np.ndarray:
    """Return the page in black and white alone, as a scanner of documents may give it."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    block = max(3, min(pixels.shape[:2]) // 6 * 2 + 1)
    tones = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, block, 12
    )
    return cv2.cvtColor(tones, cv2.COLOR_GRAY2RGB)
