"""A whole number: from a drawing on the wide canvas to its digits, and these as people see them."""

import streamlit as st

from mnist_core.serving import Card
from ui.canvas import NUMBER
from ui.draw.digit import REJECTED, most_likely
from ui.formats import SURE, in_words, percent
from ui.model_choice import predictor
from ui.pictures import picture, strip, tile
from ui.style import html
from ui.threshold import judge, threshold_of

HINT = "Draw a number in the box."
NOTHING = ("No digit found", "Nothing here looks like a digit.")
SEEN = (
    "Each digit by itself on 28 × 28 pixels, made to look like the digits it learned from (MNIST): "
    "centred and scaled to one size. Leave a little room between them."
)
PEN = 3  # pixels, whatever pen the person has: the thinner, the less do neighbours touch


def read_number(drawing: dict | None, card: Card | None):
    """Read the number that a drawing on the wide canvas shows.

    Parameters
    ----------
    drawing : dict, Fabric.js's JSON of the canvas, or None
    card : Card of the model, or None

    Returns
    -------
    mnist_core.reading.Reading, or None if there is nothing on the canvas, or no model

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    if not card or not drawing or not drawing.get("objects"):
        return None
    from mnist_core import reading
    from mnist_core.pictures import strokes

    pen_paths = strokes.from_canvas(drawing)
    if not pen_paths:
        return None
    width, height = NUMBER.size
    ink = strokes.draw(pen_paths, (height, width), width=PEN)
    predict = predictor(card)
    return judge(reading.read_ink(ink, predict), threshold_of(predict))


def warm_number(card: Card | None) -> None:
    """Load what the first stroke will need, and use it once.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    stroke = {"type": "Path", "path": [["M", 90, 90], ["L", 90, 190]]}
    read_number({"objects": [stroke]}, card)


def show_number(reading) -> None:
    """The number in large, how sure the network is, and what it saw of each digit."""
    left, right = st.columns([4, 5], gap="medium")
    words, hint = told(reading)
    with left, st.container(key="draw_answer"):
        html(f'<div class="dl-drawn" role="status" aria-live="polite">{_large(reading)}</div>')
    with right:
        html(
            '<div class="dl-words dl-drawn-words" role="status" aria-live="polite">'
            f"<strong>{words}</strong><span>{hint}</span></div>"
        )
    digits = ""
    if reading and reading.digits:
        digits = strip([_tile(digit) for digit in reading.digits], "What the network sees")
    html(f'<div class="dl-drawn-digits">{digits}</div>')


def show_seen_of_number() -> None:
    """Why the digits look different from the drawing."""
    html(f'<div class="dl-figure"><p><b>What the network sees.</b> {SEEN}</p></div>')


def told(reading) -> tuple[str, str]:
    """How sure the network is of its least sure digit, in words and in more words.

    Parameters
    ----------
    reading : mnist_core.reading.Reading, or None if nothing was drawn
    """
    if not reading:
        return "", HINT
    counted = [digit for digit in reading.digits if digit.accepted]
    if not counted:
        return (REJECTED, most_likely(reading.digits[0])) if len(reading.digits) == 1 else NOTHING
    least = min(counted, key=lambda digit: digit.confidence)
    hint = f"Least sure digit: {least.digit}, {percent(least.confidence)}"
    if out := len(reading.digits) - len(counted):
        do, are = ("piece does", "is") if out == 1 else ("pieces do", "are")
        hint += f". {out} {do} not look like a digit and {are} left out"
    return in_words(least.probabilities), hint


def _large(reading) -> str:
    """The number, its lines one below the other; it shrinks to its room, see style.css."""
    if not reading or not reading.text:
        return ""
    rows = reading.text.split("\n")
    size = f"--letters:{max(map(len, rows))};--lines:{len(rows)}"
    return f'<span style="{size}">{"<br>".join(rows)}</span>'


def _tile(digit) -> str:
    """What the network saw of a digit and read in it; doubts are told by a word."""
    told = f"{digit.digit}, {percent(digit.confidence)} sure"
    if not digit.accepted:
        state, sign, word = "out", "?", "left out"
    elif digit.confidence < SURE:
        state, sign, word = "doubtful", "", "doubtful"
    else:
        state = sign = word = ""
    return tile(
        picture(digit.image, f"Read as {told}"),
        f'<div class="dl-seen-told dl-{state or "sure"}">'
        f"<span><b>{digit.digit}{sign}</b> {percent(digit.confidence)}</span><b>{word}</b></div>",
    )
