"""Hands: how one person writes digits on a page, with MNIST's digits or with a pen of our own."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis import handwriting
from mnist_core.synthesis.letters import LETTERS

FINE = 96  # pixels that a pen's digit is drawn high before it is brought down
THINNER = 1.6  # pixels of 28: the width of the blur that is taken off to thin MNIST's strokes
STEEPEST = 0.9  # slant, as the tangent of its angle


class Specimens:
    """Handwritten digits to write with, found by their label.

    Parameters
    ----------
    images : uint8 (n, 28, 28), white on black
    labels : int (n,), 0 to 9
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = images
        order = np.argsort(labels, kind="stable")
        self.of = np.split(order, np.searchsorted(labels[order], np.arange(1, 10)))

    def draw(self, label: int, rng: Generator) -> np.ndarray:
        """Return one of the digits, uint8 (28, 28)."""
        return self.images[rng.choice(self.of[label])]


@dataclass(frozen=True)
class Hand:
    """How somebody writes on a page.

    Attributes
    ----------
    of_mnist : in [0, 1], the share of digits that are MNIST's; the others are written by code
    pen : width of the stroke as a share of the digit's height
    slant : tangent of the angle to the right
    width : of a digit, of 1 for usual
    spread : how far sizes, slants and places vary from digit to digit, 1 for usual
    spacing : between digits as a share of their height; negative where they touch
    wave : how far the line of writing wanders, as a share of the height
    pressure : how much the pen's width varies along a stroke, in [0, 1]
    texture : how much ink is missing within strokes, in [0, 1]
    linked : the share of digits that are joined to the next by a stroke
    variation : of digits written by code, see `handwriting.write_digit`; low in neat hands
    angular : how far curves become straight lines with corners, of 1 for a digit's longer side
    """

    of_mnist: float
    pen: float
    slant: float
    width: float
    spread: float
    spacing: float
    wave: float
    pressure: float
    texture: float
    linked: float
    variation: float = 1.0
    angular: float = 0.0


def some_hand(rng: Generator, *, specimens: bool, held_out: bool = False) -> Hand:
    """Return the hand of somebody.

    Parameters
    ----------
    specimens : whether there are MNIST's digits to write with
    held_out : for validation: pens that training never holds
    """
    kind = rng.random()
    share = 0.0 if not specimens or kind < 0.42 else 1.0 if kind < 0.85 else 0.5
    pen = float(np.exp(rng.uniform(np.log(0.035), np.log(0.17))))
    if held_out:
        pen = pen * 0.9 + 0.012
    tight = rng.random()
    spacing = rng.uniform(-0.12, 0.03) if tight < 0.3 else rng.uniform(0.02, 0.6) ** 1.3
    return Hand(
        of_mnist=share,
        pen=pen,
        slant=float(np.clip(rng.normal(0.1, 0.17), -0.4, 0.6)),
        width=float(np.exp(rng.normal(0, 0.14))),
        spread=float(rng.gamma(2.5, 0.4)),
        spacing=float(spacing),
        wave=float(rng.choice([0.0, 0.04, 0.1]) * rng.random()),
        pressure=float(max(0.0, rng.uniform(-0.5, 0.6))),
        texture=float(max(0.0, rng.uniform(-1.2, 0.7))),
        linked=float(max(0.0, rng.uniform(-1.5, 0.5))),
        variation=float(min(1.0, rng.uniform(0.0, 1.8))),
        angular=float(rng.uniform(0.01, 0.06)) if rng.random() < 0.12 else 0.0,
    )


def draw_digit(
    label: int, height: float, hand: Hand, rng: Generator, specimens: Specimens | None
) -> np.ndarray:
    """Write one digit as a hand does.

    Parameters
    ----------
    height : pixels of the digit's ink, about

    Returns
    -------
    float32 (h, w) in [0, 1], 1 is ink; cut to the ink
    """
    if specimens is not None and rng.random() < hand.of_mnist:
        return _stamp(specimens.draw(label, rng), height, hand, rng)
    strokes = handwriting.write_digit(label, rng, variation=hand.variation)
    if hand.angular:
        strokes = [_straightened(stroke, hand.angular) for stroke in strokes]
    return draw_strokes(strokes, height, hand, rng)


def draw_letter(letter: str, height: float, hand: Hand, rng: Generator) -> np.ndarray:
    """Write one letter as a hand does; see `draw_digit`."""
    size = height * (0.72 if letter.islower() and letter not in "dfhkt" else 1.0)
    return draw_strokes(handwriting.write_letter(letter, rng), size, hand, rng)


def some_letter(rng: Generator) -> str:
    """Return a letter that is known to `draw_letter`."""
    return _LETTERS[rng.integers(len(_LETTERS))]


def draw_strokes(
    strokes: list[np.ndarray],
    height: float,
    hand: Hand,
    rng: Generator,
    *,
    shaped: bool = True,
    own_size: bool = False,
) -> np.ndarray:
    """Draw strokes with a hand's pen.

    Parameters
    ----------
    strokes : (n, 2) each, y down
    height : pixels that the strokes become high, pen included
    shaped : whether the hand's slant and width apply
    own_size : whether the strokes are in heights already, so that 1 becomes `height`; for signs
        that are lower than digits

    Returns
    -------
    float32 (h, w) in [0, 1], 1 is ink; cut to the ink
    """
    points = np.concatenate(strokes).astype(float)
    if shaped:
        points = points @ _shape(hand, rng)
    low, high = points.min(0), points.max(0)
    factor = max(1.0, FINE / max(height, 8.0)) if height < FINE else 1.0
    pen = max(hand.pen * height, 0.9) * float(np.exp(rng.normal(0, 0.05 * hand.spread)))
    tall = max(float(high[1] - low[1]), 0.25 * float(high[0] - low[0]), 1e-3)
    scale = 1.0 if own_size else max(height - pen, 2.0) / tall
    scale = scale * (height - pen if own_size else 1.0) * factor
    thick = pen * factor
    edge = thick / 2 + factor + 1
    points = (points - low) * scale + edge
    size = np.ceil((high - low) * scale + 2 * edge).astype(int)
    ink = np.zeros((int(size[1]), int(size[0])), np.uint8)
    splits = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    for path in np.split(points, splits):
        _draw(ink, path, thick, hand.pressure, rng)
    small = (max(1, round(ink.shape[1] / factor)), max(1, round(ink.shape[0] / factor)))
    mask = cv2.resize(ink, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return cut(_worn(mask, hand, rng))


def cut(mask: np.ndarray) -> np.ndarray:
    """Return the part of a mask that holds ink; a single empty pixel if none does."""
    left, top, width, height = cv2.boundingRect((mask > 0.25).astype(np.uint8))
    return mask[top : top + height, left : left + width] if width else mask[:1, :1]


def _straightened(stroke: np.ndarray, most: float) -> np.ndarray:
    """Return the corners of a path that is nowhere farther than `most` from a stroke."""
    return cv2.approxPolyDP(stroke[:, None].astype(np.float32), most, False)[:, 0]


def _draw(ink: np.ndarray, path: np.ndarray, thick: float, pressure: float, rng: Generator) -> None:
    """Draw one stroke, thicker and thinner along its way."""
    fixed = np.round(path * 16).astype(np.int32)
    if len(fixed) < 2:
        fixed = np.repeat(fixed, 2, axis=0)
    pieces = 1 if pressure < 0.05 else max(2, len(fixed) // 6)
    noise = np.convolve(rng.normal(0, 1, pieces + 2), [0.3, 0.5, 0.3], "valid")
    levels = 1 + 0.6 * pressure * noise
    ends = np.linspace(0, len(fixed) - 1, pieces + 1).astype(int)
    for level, first, last in zip(levels, ends[:-1], ends[1:], strict=True):
        width = max(1, round(thick * min(max(level, 0.45), 1.7) - 0.4))
        cv2.polylines(ink, [fixed[first : last + 1]], False, 255, width, cv2.LINE_AA, shift=4)


def _stamp(image: np.ndarray, height: float, hand: Hand, rng: Generator) -> np.ndarray:
    """Draw one of MNIST's digits at another size, with another pen."""
    source = image.astype(np.float32) / 255
    thin = rng.uniform(-0.2, 0.9) if hand.pen > 0.08 else rng.uniform(0.5, 1.0)
    if thin > 0:
        ridges = source - 0.85 * thin * cv2.GaussianBlur(source, (0, 0), THINNER)
        source = np.maximum(ridges, 0) / max(float(ridges.max()), 1e-3)
    _, top, _, tall = cv2.boundingRect((image > 80).astype(np.uint8))
    scale = height / max(tall, 8)
    linear = (_shape(hand, rng).T * scale).astype(np.float32)
    corners = linear @ np.array([[-14, 14, -14, 14], [-14, -14, 14, 14]], np.float32)
    size = np.ceil(np.ptp(corners, axis=1)).astype(int) + 2
    shift = size / 2 - linear @ np.array([13.5, top + tall / 2 - 0.5])
    matrix = np.column_stack([linear, shift]).astype(np.float32)
    flags = cv2.INTER_CUBIC if scale > 0.6 else cv2.INTER_AREA
    mask = cv2.warpAffine(source, matrix, (int(size[0]), int(size[1])), flags=flags)
    level = rng.uniform(0.25, 0.5)
    soft = min(max(0.75 / scale, 0.2), 1.0)
    return cut(_worn(np.clip((mask - level) / soft + 0.5, 0, 1), hand, rng))


def _shape(hand: Hand, rng: Generator) -> np.ndarray:
    """Return the (2, 2) matrix of a digit's slant, turn and width; points are rows."""
    slant = hand.slant + rng.normal(0, 0.06 * hand.spread)
    slant = min(max(slant, -STEEPEST), STEEPEST)
    angle = np.radians(min(max(rng.normal(0, 2.5 * hand.spread), -12), 12))
    width = hand.width * np.exp(rng.normal(0, 0.07 * hand.spread))
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[width, 0], [-slant, 1]]) @ np.array([[cos, sin], [-sin, cos]])


def _worn(mask: np.ndarray, hand: Hand, rng: Generator) -> np.ndarray:
    """Take ink off, as a dry pen, a pencil or rough paper does."""
    if hand.texture < 0.05:
        return mask
    height, width = mask.shape
    fine = rng.random((height, width), np.float32)
    coarse = cv2.resize(rng.random((height // 6 + 2, width // 6 + 2), np.float32), (width, height))
    return mask * (1 - hand.texture * (0.45 * fine + 0.75 * np.maximum(coarse - 0.35, 0)))


_LETTERS = tuple(LETTERS)
