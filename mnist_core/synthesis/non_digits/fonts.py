"""Characters in type: which fonts and signs training shows, and which only measure."""

import functools
import string

import cv2
import numpy as np
from numpy.random import Generator

LIKE_DIGITS = "BGIJOQSYZbgijloqsyz"
LATIN = [c for c in string.ascii_letters if c not in LIKE_DIGITS]
SYMBOLS = list('?!@#$%&*+=<>[]{}~^"_:;§©¶¥£±×÷→↓∑√∞≈≠∂★♥✓')
SYMBOLS_HELD_OUT = list("€®¢¿¡«»µ¤†‡↑↔∏∫≤≥∆◊♠♣♦")
GREEK_AND_CYRILLIC = list("ΓΔΛΞΠΣΨΩαγδεζηλμξπψωДЖЛФЦЧШЩЪЫЭЮЯджлфцшщъыэюя")
FIRST_IDEOGRAPH, IDEOGRAPHS = 0x4E8C, 5000
KANA = [chr(code) for code in (*range(0x3042, 0x3093, 2), *range(0x30A2, 0x30F2, 2))]
MARGIN = 24  # pixels
HERSHEY_SCALE, SIZE = 2.0, 60  # of type: OpenCV's unit, and pixels
WEIGHTS = (200, 300, 400, 400, 500, 700, 900)

# OpenCV's stroke fonts by number, and its outline fonts by name.
Font = int | str
FONTS: tuple[Font, ...] = (
    *(cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_COMPLEX),
    *(cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_PLAIN, "sans", "sans", "uni", "uni"),
)
FONTS_HELD_OUT: tuple[Font, ...] = (
    *(cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, "italic", "italic"),
)


def printed(text: str, font: Font, rng: Generator) -> np.ndarray:
    """Return ink of any size, with a margin; float32 in [0, 1].

    Stroke fonts know ASCII alone: other signs are printed in an outline font.
    """
    if isinstance(font, str) or not text.isascii():
        return _outline(text, font if isinstance(font, str) else "uni", rng)
    font |= cv2.FONT_ITALIC if rng.random() < 0.2 else 0
    thickness = int(rng.integers(1, 8))
    (width, height), below = cv2.getTextSize(text, font, HERSHEY_SCALE, thickness)
    ink = np.zeros((height + below + 2 * MARGIN, width + 2 * MARGIN), np.uint8)
    start = (MARGIN, height + MARGIN)
    cv2.putText(ink, text, start, font, HERSHEY_SCALE, 255, thickness, cv2.LINE_AA)
    return ink.astype(np.float32) / 255


def character(rng: Generator) -> str:
    """Return a letter of some script that does not look like a digit."""
    kind = rng.random()
    if kind < 0.6:
        return LATIN[rng.integers(len(LATIN))]
    if kind < 0.8:
        return GREEK_AND_CYRILLIC[rng.integers(len(GREEK_AND_CYRILLIC))]
    return chr(FIRST_IDEOGRAPH + int(rng.integers(IDEOGRAPHS)))


def _outline(text: str, font: str, rng: Generator) -> np.ndarray:
    face, weight = _face(font), int(WEIGHTS[rng.integers(len(WEIGHTS))])
    left, top, width, height = cv2.getTextSize((4000, 400), text, (0, 0), face, SIZE, weight)
    ink = np.zeros((int(height) + 2 * MARGIN, int(width) + 2 * MARGIN), np.uint8)
    start = (MARGIN - int(left), MARGIN - int(top))
    cv2.putText(ink, text, start, 255, face, SIZE, weight)
    return ink.astype(np.float32) / 255


@functools.cache
def _face(font: str) -> "cv2.FontFace":
    return cv2.FontFace(font)
