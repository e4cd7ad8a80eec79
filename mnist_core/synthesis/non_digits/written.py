"""Non-digits in type, several characters at once, and pieces of digits."""

import string
from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.pictures.preprocessing import ink_to_digit
from mnist_core.pictures.strokes import PEN_WIDTH, to_image
from mnist_core.synthesis import handwriting
from mnist_core.synthesis.non_digits import fonts
from mnist_core.synthesis.non_digits.drawn import LIKE_MNIST, letter, picture
from mnist_core.synthesis.non_digits.record import NonDigit

Thing = TypeVar("Thing")
KEPT = (0.2, 0.5)  # how much of a digit's ink a piece of it has


def typed(rng: Generator) -> np.ndarray:
    """Print a letter that does not look like a digit."""
    return _fitted(fonts.printed(fonts.character(rng), _some(fonts.FONTS, rng), rng), rng)


def symbol(rng: Generator) -> np.ndarray:
    """Print a punctuation mark or another sign."""
    return _fitted(fonts.printed(_some(fonts.SYMBOLS, rng), _some(fonts.FONTS, rng), rng), rng)


def word(rng: Generator) -> np.ndarray:
    """Print two to six letters, or letters and digits."""
    return _fitted(fonts.printed(_word(rng), _some(fonts.FONTS, rng), rng), rng)


def other_type(rng: Generator) -> np.ndarray:
    """Print a letter in a font that training never shows."""
    text, font = _some(fonts.LATIN, rng), _some(fonts.FONTS_HELD_OUT, rng)
    return _fitted(fonts.printed(text, font, rng), rng)


def other_symbol(rng: Generator) -> np.ndarray:
    """Print a sign that training never shows."""
    return _fitted(fonts.printed(_some(fonts.SYMBOLS_HELD_OUT, rng), "italic", rng), rng)


def other_word(rng: Generator) -> np.ndarray:
    """Print a word in a font that training never shows."""
    return _fitted(fonts.printed(_word(rng), _some(fonts.FONTS_HELD_OUT, rng), rng), rng)


def kana(rng: Generator) -> np.ndarray:
    """Print a sign of a script that training never shows."""
    return _fitted(fonts.printed(_some(fonts.KANA, rng), "uni", rng), rng)


def pair(rng: Generator) -> np.ndarray:
    """Write two to four digits or letters side by side, close enough to touch now and then."""
    found, right = [], 0.0
    for _ in range(rng.choice([2, 2, 2, 3, 4])):
        digit = rng.random() < 0.8
        paths = handwriting.write_digit(int(rng.integers(CLASSES)), rng) if digit else letter(rng)
        place = (right, rng.normal(0, 0.08))
        found += [path + place for path in paths]
        right += max(path[:, 0].max() for path in paths) + rng.uniform(-0.12, 0.25)
    return picture(found, rng)


def piece(rng: Generator) -> np.ndarray:
    """Cut a digit in two along a line, and take a part that is a non-digit by itself.

    What is left of a seven, a four or an eight may be a one or a nought, so only digits of which
    parts rarely are digits are cut.
    """
    whole = to_image(
        handwriting.write_digit(int(rng.choice([2, 3, 5, 6, 9])), rng),
        width=rng.triangular(1.4, PEN_WIDTH, 3.6),
    )
    y, x = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE]
    angle = rng.uniform(0, 2 * np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    order = np.argsort(along, axis=None)
    inked = np.cumsum(whole.ravel()[order])
    last = np.searchsorted(inked, rng.uniform(*KEPT) * inked[-1])
    part = whole * (along <= along.ravel()[order[min(last, len(order) - 1)]])
    if rng.random() < LIKE_MNIST and part.max() > 0:
        part = ink_to_digit(cv2.resize(part, None, fx=4, fy=4))
    return part


def _word(rng: Generator) -> str:
    pool = string.ascii_letters + string.digits * int(rng.integers(0, 3))
    return "".join(pool[c] for c in rng.integers(0, len(pool), rng.integers(2, 7)))


def _some(things: Sequence[Thing], rng: Generator) -> Thing:
    return things[int(rng.integers(len(things)))]


def _fitted(ink: np.ndarray, rng: Generator) -> np.ndarray:
    """Bring ink to an image: often as MNIST's digits are, else anywhere up to its edges."""
    if rng.random() < LIKE_MNIST:
        return ink_to_digit(ink)
    x, y, width, height = cv2.boundingRect((ink > 0.2).astype(np.uint8))
    scale = rng.uniform(17, 27) / max(width, height)
    size = [max(1, round(side * scale)) for side in (width, height)]
    small = cv2.resize(ink[y : y + height, x : x + width], size, interpolation=cv2.INTER_AREA)
    left, top = ((IMAGE_SIZE - side) // 2 for side in size)
    image = np.zeros((IMAGE_SIZE, IMAGE_SIZE), np.float32)
    image[top : top + size[1], left : left + size[0]] = small / max(small.max(), 1e-6)
    return image


WRITTEN = (
    NonDigit("typed", typed, frequency=3.0),
    NonDigit("symbol", symbol),
    NonDigit("word", word),
    NonDigit("pair", pair, frequency=2.0),
    NonDigit("piece", piece, frequency=0.7),
)
WRITTEN_HELD_OUT = (
    NonDigit("other_type", other_type),
    NonDigit("other_symbol", other_symbol),
    NonDigit("other_word", other_word),
    NonDigit("kana", kana),
)
