"""A drawn number: its digits, and the answer on the page."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from mnist_core.serving import Card
from ui.canvas import NUMBER, strokes_in
from ui.draw.digit import REJECTED, most_likely
from ui.formats import SURE, in_words, percent
from ui.model_choice import detector
from ui.pictures import picture, strip, tile
from ui.style import html
from ui.taught import taught_predictor
from ui.threshold import apply_threshold, threshold_of

if TYPE_CHECKING:  # not before a number is drawn: it takes time
    from mnist_core.pictures.postcard import Told
    from mnist_core.reading import Digit, Reading

HINT = "Draw a number in the box."
NOTHING = ("No digit found", "Nothing here looks like a digit.")
SEEN = (
    "Each digit by itself as 28 × 28 pixels, prepared like the digits it was trained on (MNIST): "
    "centred and scaled to one size. Leave a little space between digits."
)
PEN = 3  # pixels, whatever pen the person has: thin lines keep neighbours apart


def read_number(drawing: dict[str, Any] | None, card: Card | None) -> "Reading | None":
    """Read the number that a drawing on the wide canvas shows.

    Parameters
    ----------
    drawing : Fabric.js's JSON of the canvas

    Returns
    -------
    None if there is nothing on the canvas, or no model

    Raises
    ------
    ModelError : the model cannot be loaded
    PictureError : the drawing is not one of the canvas
    """
    written = strokes_in(drawing)
    if not card or not written:
        return None
    from mnist_core import reading
    from mnist_core.pictures import strokes
    from mnist_core.pictures.extent import is_too_little

    width, height = NUMBER.size
    if is_too_little(written):
        return reading.Reading((), width, height)
    ink = strokes.draw([stroke.points for stroke in written], (height, width), width=PEN)
    predict = taught_predictor(card)
    found = reading.read_ink(ink, predict, detector=detector())
    return apply_threshold(found, threshold_of(predict))


def prepare_number(card: Card | None) -> None:
    """Load what the first stroke will need, and use it once.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    stroke = {"type": "Path", "path": [["M", 90, 90], ["L", 90, 190]]}
    read_number({"objects": [stroke]}, card)


def show_number(reading: "Reading | None") -> None:
    """Show the number in large, how sure the network is, and each digit as it sees it."""
    left, right = st.columns([4, 5], gap="medium")
    words, hint = summary_of(reading)
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


def told_of_number(reading: "Reading | None", card: Card | None) -> "Told | None":
    """Return what the page says about a drawing; None if nothing is drawn."""
    from mnist_core.pictures.postcard import Told

    return Told(number_of(reading), *summary_of(reading), card.name) if reading and card else None


def show_seen_of_number() -> None:
    """Say why the digits look different from the drawing."""
    html(f'<div class="dl-figure"><p><b>What the network sees.</b> {SEEN}</p></div>')


def summary_of(reading: "Reading | None") -> tuple[str, str]:
    """Describe the least certain digit, in brief and in a sentence."""
    if not reading:
        return "", HINT
    counted = [digit for digit in reading.digits if digit.accepted]
    if not counted:
        return (
            (REJECTED, most_likely(reading.digits[0].digit))
            if len(reading.digits) == 1
            else NOTHING
        )
    least = min(counted, key=lambda digit: digit.confidence)
    hint = f"Least certain digit: {least.digit}, {percent(least.confidence)}"
    if out := len(reading.digits) - len(counted):
        do, are = ("piece does", "is") if out == 1 else ("pieces do", "are")
        hint += f". {out} {do} not look like a digit and {are} left out"
    return in_words(least.probabilities), hint


def number_of(reading: "Reading") -> str:
    """Return the number with its points, signs and slashes; who draws leaves any space between."""
    return reading.written.replace(" ", "") if reading.text else ""


def _large(reading: "Reading | None") -> str:
    """Build the number, line below line; it shrinks to fit, see style.css."""
    rows = number_of(reading).split("\n") if reading else [""]
    if not any(rows):
        return ""
    size = f"--letters:{max(map(len, rows))};--lines:{len(rows)}"
    return f'<span style="{size}">{"<br>".join(rows)}</span>'


def _tile(digit: "Digit") -> str:
    """Show a digit as the network sees it with its answer; a word names any doubt."""
    answer = f"{digit.digit}, {percent(digit.confidence)} sure"
    if not digit.accepted:
        state, sign, word = "out", "?", "left out"
    elif digit.confidence < SURE:
        state, sign, word = "doubtful", "", "doubtful"
    else:
        state = sign = word = ""
    return tile(
        picture(digit.image, f"Read as {answer}"),
        f'<div class="dl-seen-told dl-{state or "sure"}">'
        f"<span><b>{digit.digit}{sign}</b> {percent(digit.confidence)}</span><b>{word}</b></div>",
    )
