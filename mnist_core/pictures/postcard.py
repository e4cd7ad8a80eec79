"""A picture to share: a drawing, what a model reads in it, how sure it is, and the model's name."""

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.pictures.strokes import Stroke, draw_with_pens

if TYPE_CHECKING:  # not before a picture is wanted
    from PIL import Image, ImageDraw

SIZE = (1200, 630)  # pixels; what most places show of a shared picture
MARGIN = 60
GAP = 50
WIDE = 2.0  # a drawing so many times as wide as high has its answer below it
SMALLEST = 8  # pixels of a letter
LETTERS = 42  # of a line of the sentence
PAPER, GROUND, INK, ACCENT, LINE = "#ffffff", "#fbfaf6", "#1d2733", "#0b5cad", "#cfd8e2"


@dataclass(frozen=True)
class Told:
    """What is said about a drawing.

    Attributes
    ----------
    answer : the digits, line below line; empty if there are none
    words : how sure the model is, in a few words
    detail : the same in a sentence
    model : the model's name
    """

    answer: str
    words: str
    detail: str
    model: str


def postcard(strokes: Sequence[Stroke], sheet: tuple[int, int], told: Told) -> bytes:
    """Draw a picture to share.

    Parameters
    ----------
    strokes : in pixels of the sheet
    sheet : width and height of what was drawn on

    Returns
    -------
    a PNG file of SIZE
    """
    from PIL import Image, ImageDraw

    card = Image.new("RGB", SIZE, PAPER)
    pen = ImageDraw.Draw(card)
    width, height = SIZE[0] - 2 * MARGIN, SIZE[1] - 2 * MARGIN
    is_wide = sheet[0] > WIDE * sheet[1]
    scale = (0.68 if is_wide else 1.0) * height / sheet[1]
    drawn = _drawing(strokes, sheet, scale)
    card.paste(drawn, (MARGIN, MARGIN))
    edge, bottom = MARGIN + drawn.width, MARGIN + drawn.height
    pen.rectangle((MARGIN - 1, MARGIN - 1, edge, bottom), outline=LINE, width=2)
    if is_wide:
        box = (MARGIN, bottom + 15, MARGIN + width // 2 - GAP, MARGIN + height)
        words = (MARGIN + width // 2, bottom + 10)
    else:
        box = (edge + GAP, MARGIN, MARGIN + width, MARGIN + height // 2)
        words = (edge + GAP, MARGIN + height // 2 + 30)
    _write(pen, told.answer or "?", box, largest=300, fill=ACCENT)
    left, top = words
    right = MARGIN + width
    detail = textwrap.fill(told.detail, LETTERS)
    _write(pen, told.words, (left, top, right, top + 50), largest=44)
    _write(pen, detail, (left, top + 56, right, top + 126), largest=28)
    model = f"{told.model} · Digit Lab"
    _write(pen, model, (left, top + 134, right, top + 170), largest=28)
    file = io.BytesIO()
    card.save(file, "PNG")
    return file.getvalue()


def _drawing(strokes: Sequence[Stroke], sheet: tuple[int, int], scale: float) -> "Image.Image":
    """Draw the strokes as the canvas shows them, enlarged."""
    from PIL import Image

    width, height = (round(side * scale) for side in sheet)
    scaled = [Stroke(stroke.points * scale, stroke.pen * scale) for stroke in strokes]
    ink = draw_with_pens(scaled, (height, width))
    mask = Image.fromarray((255 * ink).round().astype(np.uint8))
    card = Image.new("RGB", mask.size, GROUND)
    card.paste(INK, (0, 0), mask)
    return card


def _write(
    pen: "ImageDraw.ImageDraw",
    text: str,
    box: tuple[int, int, int, int],
    *,
    largest: int,
    fill: str = INK,
) -> None:
    """Write a text into a box, from its left upper corner, as large as there is room."""
    from PIL import ImageFont

    left, top, right, bottom = box
    size, font = largest, ImageFont.load_default(largest)
    while size > SMALLEST:
        _, _, width, height = pen.multiline_textbbox((0, 0), text, font=font)
        if width <= right - left and height <= bottom - top:
            break
        size = size * 9 // 10
        font = ImageFont.load_default(size)
    pen.multiline_text((left, top), text, font=font, fill=fill)
