"""A picture of paper, or of a board -> how much ink there is at each pixel."""

from dataclasses import dataclass

import cv2
import numpy as np

from mnist_core.pictures.preprocessing import ridge

SMALLEST_SIDE = 128  # smaller pictures are enlarged, so that strokes are several pixels wide
SKETCH = 320  # the longest side at which a first look at the picture is taken
CROP = 64  # pictures no larger are digits cut out of a picture, evenly lit
AROUND = 0.22  # a stretch of paper, as a share of the shorter side, that ink does not fill
INK_SHARE = 0.002  # this share of the pixels, the darkest, shows how dark ink is
FAINTEST = 0.25  # of that; paler pixels are no ink
VISIBLE = 16  # of 255; a picture with paler ink is blank
NOISE = 4.0  # standard deviations of the paper's grain; weaker pixels are no ink
HALF, TENTH = 0.23, 0.075  # of the darkest ink; where half and nine tenths have more, it is grain
CLEARLY = 2.0  # so many times the contrast of the other, and only dark or only light ink is there


@dataclass(frozen=True)
class Ink:
    """Where a picture has ink.

    Attributes
    ----------
    strength : float32 (h, w), at least 0; 0 is bare paper, 1 about the darkest ink
    mask : uint8 (h, w), 1 where there is ink
    scale : pixels of the picture per pixel of these arrays
    contrast : in [0, 1], how much darker than the paper the ink is
    """

    strength: np.ndarray
    mask: np.ndarray
    scale: float
    contrast: float


def find_ink(pixels: np.ndarray, *, light: bool = False) -> Ink:
    """Find the ink in a picture, whatever the light on it.

    The paper's own brightness is what remains when strokes, which are narrow, are painted over
    with their surroundings: first by a median over a wide stretch, then, once the width of the
    strokes is known, by a morphological closing that follows the edges of shadows. How much
    darker than the paper a pixel is, is its ink.

    Parameters
    ----------
    pixels : uint8 (h, w, 3), RGB
    light : whether to look for light ink on dark ground

    Source: the closing ("bottom-hat") after F. Meyer, "Iterative image transformations for an
    automatic screening of cervical smears" (1979).
    """
    enlarged = max(1.0, min(12.0, SMALLEST_SIDE / min(pixels.shape[:2])))
    enlarged = min(enlarged, max(1.0, 1600 / max(pixels.shape[:2])))
    if enlarged > 1:
        pixels = cv2.resize(pixels, None, fx=enlarged, fy=enlarged, interpolation=cv2.INTER_CUBIC)
    if light:
        pixels = 255 - pixels
    grey = _grey(pixels)
    if max(pixels.shape) <= CROP * enlarged:
        return _ink(_even(grey), 1 / enlarged)
    width = _stroke_width(grey)
    paper = _paper(grey, round(2 * width + 3))
    strength = np.clip(1 - (grey + 16.0) / (paper + 16.0), 0, None).astype(np.float32)
    strength = cv2.GaussianBlur(strength, (0, 0), max(0.6, min(width / 6, 3.0)))
    if _darkest(paper - grey) < VISIBLE or _is_grain(strength):
        strength = np.zeros_like(strength)
    return _ink(strength, 1 / enlarged)


def _is_grain(strength: np.ndarray) -> bool:
    """Return whether there is something all over the picture, and nowhere bare paper."""
    tenth, half = np.percentile(strength[::2, ::2], [10, 50]) / max(_darkest(strength), 1e-6)
    return bool(half > HALF and tenth > TENTH)


def _even(grey: np.ndarray) -> np.ndarray:
    """Return how dark each pixel of an evenly lit picture is: 0 as most light ones, 1 as most dark.

    Source: N. Otsu, "A threshold selection method from gray-level histograms" (1979).
    """
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    dark, light = grey[grey <= level], grey[grey > level]
    if not len(light) or not len(dark) or np.median(light) - np.median(dark) < VISIBLE:
        return np.zeros(grey.shape, np.float32)
    dark, light = float(np.median(dark)), float(np.median(light))
    return np.clip((light - grey.astype(np.float32)) / max(light - dark, 1), 0, 1)


def _ink(strength: np.ndarray, scale: float) -> Ink:
    darkest = _darkest(strength)
    grain = 1.4826 * float(np.median(strength)) + 1e-6
    level = min(max(FAINTEST * darkest, NOISE * grain), darkest / 2)
    mask = _connected(strength, level, darkest / 2)
    return Ink(strength / max(darkest, 1e-6), mask, scale, darkest)


def _grey(pixels: np.ndarray) -> np.ndarray:
    """Mix the colours so that the ink stands out: blue ink is darkest in the red channel."""
    sketch = _sketch(pixels)
    channels = cv2.split(sketch)
    contrasts = np.array([_darkest(_shadow(c)) for c in channels]) + 1e-3
    weights = contrasts**2 / (contrasts**2).sum()
    return np.clip(pixels @ weights.astype(np.float32), 0, 255).astype(np.uint8)


def _sketch(pixels: np.ndarray) -> np.ndarray:
    factor = SKETCH / max(pixels.shape[:2])
    if factor >= 1:
        return pixels
    size = [max(1, round(side * factor)) for side in pixels.shape[1::-1]]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)


def _shadow(grey: np.ndarray) -> np.ndarray:
    """How much darker each pixel of a sketch is than the median around it, from 0 to 1."""
    around = max(3, round(AROUND * 2 * min(grey.shape)) | 1)
    paper = cv2.medianBlur(grey, min(around, 255))
    return np.clip(paper.astype(np.float32) - grey, 0, None) / 255


def _darkest(strength: np.ndarray) -> float:
    """Return how strong the strongest ink is, but for outliers."""
    rank = max(min(30, strength.size // 50), round(INK_SHARE * strength.size))
    return float(np.partition(strength, -rank, axis=None)[-rank]) if rank else float(strength.max())


def _stroke_width(grey: np.ndarray) -> float:
    """Return how wide most ink strokes are, in pixels."""
    sketch = _sketch(grey)
    shadow = _shadow(sketch)
    distances = ridge(shadow > 0.5 * _darkest(shadow))
    if not len(distances):
        return 3.0
    width = 2 * float(np.percentile(distances, 90))
    return width * max(grey.shape) / max(sketch.shape)


def _paper(grey: np.ndarray, width: int) -> np.ndarray:
    """Return the paper's brightness under strokes that are narrower than `width` pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (width | 1, width | 1))
    smooth = cv2.GaussianBlur(grey, (0, 0), 1)
    closed = cv2.morphologyEx(smooth, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE)
    return cv2.blur(closed, (width | 1, width | 1)).astype(np.float32)


def _connected(strength: np.ndarray, weak: float, strong: float) -> np.ndarray:
    """Return the weak ink that is connected to strong ink, as uint8 (h, w)."""
    mask = (strength > weak).astype(np.uint8)
    labels = np.asarray(cv2.connectedComponents(mask, connectivity=8)[1], np.int32)
    kept = np.zeros(labels.max() + 1, np.uint8)
    kept[np.unique(labels[strength > strong])] = 1
    kept[0] = 0
    return kept[labels]


def polarities(pixels: np.ndarray) -> tuple[bool, ...]:
    """Return which of dark and light ink a picture may have: (False,), (True,) or both.

    Parameters
    ----------
    pixels : uint8 (h, w, 3), RGB

    Returns
    -------
    as `find_ink` takes them: whether the ink is light; the likelier first
    """
    grey = cv2.cvtColor(_sketch(pixels), cv2.COLOR_RGB2GRAY)
    dark, light = (_darkest(_shadow(g)) for g in (grey, 255 - grey))
    if max(dark, light) > CLEARLY * min(dark, light):
        return (light > dark,)
    return (False, True) if dark >= light else (True, False)


def edge_share(mask: np.ndarray) -> float:
    """Return which share of the outermost pixels is ink: near 1 where paper was taken for it.

    Parameters
    ----------
    mask : uint8 (h, w), 1 where there is ink
    """
    return float(np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).mean())
