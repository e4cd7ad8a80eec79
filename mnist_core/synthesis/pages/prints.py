"""Print on a page: labels of forms, headings, running text, printed numbers."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.synthesis.pages.canvas import Canvas, Colour

_TEXT = (
    "Name Date Total Amount No. Code Postcode City Street Signature Account Sum Price "
    "Tel. Fax Class Marks Question Answer Grade Student Number Year Month Day Please "
    "write clearly in the boxes below Invoice Order Customer Quantity Item Tax Balance "
    "Page of and the to for from paid by Bank Branch Reference Office use only Box Phone "
    "Mobile Weight Size Score Result Test Room Seat Ticket Station Time Value Unit each "
    "per kg cm EUR USD GBP Thank you come again "
)
WORDS = _TEXT.split()
FACES = ("sans", "serif", "italic", "uni")
HERSHEY = (cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_COMPLEX)
NOTED = 9  # pixels; letters and digits that are printed lower are texture, not marks


def some_words(rng: Generator, count: int, *, numbers: float = 0.15) -> str:
    """Return printed words, some of them numbers."""
    words = [
        str(rng.integers(1, 10 ** int(rng.integers(1, 6))))
        if rng.random() < numbers
        else WORDS[rng.integers(len(WORDS))]
        for _ in range(count)
    ]
    text = " ".join(words)
    return text.upper() if rng.random() < 0.15 else text


def print_text(
    canvas: Canvas,
    text: str,
    x: float,
    y: float,
    height: float,
    colour: Colour,
    rng: Generator,
    *,
    strength: float = 1.0,
    line: int = -1,
) -> float:
    """Print a text; its letters and digits are "other" marks where they are large enough.

    Printed digits without letters are ignored: neat handwriting looks the same.

    Parameters
    ----------
    x, y : where it begins, and where the tops of its capitals are
    height : of capitals in pixels
    line : a single digit that is to be read belongs to it, however small it is; else -1

    Returns
    -------
    its length in pixels
    """
    face = cv2.FontFace(FACES[rng.integers(len(FACES))])
    size = max(4, round(height / 0.72))
    weight = int(rng.choice([300, 400, 400, 500, 700, 900]))
    stretch = float(rng.uniform(0.8, 1.25))
    old = rng.random() < 0.15
    left, ascent, wide, tall = _measure(text, face, size, weight)
    mask = np.zeros((tall + 4, wide + 4), np.uint8)
    if old:
        font, scale = HERSHEY[rng.integers(2)], height / 22
        (wide, _), below = cv2.getTextSize(text, font, scale, 1)
        mask = np.zeros((round(height) + below + 6, wide + 4), np.uint8)
        cv2.putText(mask, text, (2, round(height) + 3), font, scale, 255, 1, cv2.LINE_AA)
    else:
        cv2.putText(mask, text, (2 - left, 2 - ascent), 255, face, size, weight)
    mask = cv2.resize(mask, (max(2, round(mask.shape[1] * stretch)), mask.shape[0]))
    if line >= 0:
        y -= int(np.flatnonzero(mask.any(axis=1))[0])
    ink = mask.astype(np.float32) / 255
    canvas.ink(ink, x, y, colour, strength)
    if line >= 0:
        canvas.mark(text, ink, x, y, line=line)
    elif height >= NOTED:
        label = "other" if any(map(str.isalpha, text)) else ""
        _note(canvas, label, mask, x, y, height)
    return float(mask.shape[1])


def print_lines(
    canvas: Canvas, box: tuple[float, float, float, float], rng: Generator, height: float
) -> None:
    """Fill a box (x, y, width, height) with running text."""
    x, y, width, tall = box
    colour = _some_ink(rng)
    strength = rng.uniform(0.6, 1)
    for row in np.arange(y, y + tall - height, height * rng.uniform(1.5, 2.2)):
        at = x
        while at < x + width - 2 * height:
            words = some_words(rng, int(rng.integers(1, 4)))
            at += print_text(canvas, words, at, row, height, colour, rng, strength=strength)
            at += height * 0.5
            if rng.random() < 0.1:
                break


def _measure(text: str, face: "cv2.FontFace", size: int, weight: int) -> tuple[int, int, int, int]:
    left, top, wide, tall = cv2.getTextSize((4000, 400), text, (0, 0), face, size, weight)
    return int(left), int(top), int(wide), int(tall)


def _note(canvas: Canvas, label: str, mask: np.ndarray, x: float, y: float, height: float) -> None:
    """Note each printed sign that stands apart as a mark."""
    count, _, stats, _ = cv2.connectedComponentsWithStats((mask > 100).astype(np.uint8))
    for left, top, wide, tall, _ in stats[1:count]:
        if tall >= 0.5 * height:
            part = mask[top : top + tall, left : left + wide].astype(np.float32) / 255
            canvas.mark(label, part, x + left, y + top)


def _some_ink(rng: Generator) -> Colour:
    dark = rng.uniform(0, 0.4)
    red, green, blue = np.clip(dark + rng.normal(0, 0.08, 3), 0, 1)
    return float(red), float(green), float(blue)
