"""A digit that the app writes by itself: on the canvas at one click, and shown stroke by stroke."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.random import Generator

from mnist_core.config import CLASSES
from ui.canvas import DIGIT, GROUND, INK, mounted, put
from ui.draw.guide import asked
from ui.style import html

if TYPE_CHECKING:
    from mnist_core.pictures.strokes import Stroke

SIZE, PEN = 190, 18  # pixels on the canvas: of the digit's longer side, of the pen
VARIATION = 0.6  # of 1; a neat hand
SPEED = 350  # pixels a second
PAUSE = 0.15  # seconds before a stroke
_PLAYED = "draw_played"  # session key: the strokes, and the number of the canvas they are on
_LABEL = "draw_played_label"  # session key: the digit that was written last


def offer_to_play() -> None:
    """Offer to write a digit."""
    st.button(
        "Write one",
        key="draw_play",
        icon=":material/play_arrow:",
        disabled=asked() is not None,
        on_click=_play,
    )


def show_played() -> None:
    """Show over the canvas how the digit was written, once; people may draw on it meanwhile."""
    strokes, at = st.session_state.get(_PLAYED, ((), None))
    if strokes and at in (None, mounted()):
        st.session_state[_PLAYED] = strokes, mounted()
        html(film(strokes, mounted()))


def some_strokes(rng: Generator, label: int) -> "list[Stroke]":
    """Return the strokes of a digit in the middle of the canvas."""
    from mnist_core.pictures.strokes import Stroke
    from mnist_core.synthesis.handwriting import write_digit

    written = write_digit(label, rng, variation=VARIATION)
    points = np.concatenate(written)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    aside = np.array(DIGIT.size) / 2 - SIZE * middle
    return [Stroke((SIZE * one + aside).astype(np.float32), PEN) for one in written]


def film(strokes: "Sequence[Stroke]", number: int) -> str:
    """Build a picture in which the strokes appear one after the other, and which then vanishes.

    Until then the answer is hidden, but to people who have asked for less motion: they see no film.

    Parameters
    ----------
    number : of the film; the same for the same one
    """
    start, paths = 0.0, []
    for stroke in strokes:
        start += PAUSE
        length = float(np.linalg.norm(np.diff(stroke.points, axis=0), axis=1).sum())
        seconds = length / SPEED
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in stroke.points)
        paths.append(
            f'<path d="M{path}" stroke="{INK}" stroke-width="{stroke.pen:g}" '
            f'style="--long:{length:.0f}px;animation-delay:{start:.2f}s;'
            f'animation-duration:{seconds:.2f}s"/>'
        )
        start += seconds
    width, height = DIGIT.size
    late = f"dl-late-{number}"
    return (
        f"<style>@keyframes {late} {{ from {{ visibility: hidden; }} }}"
        "@media (prefers-reduced-motion: no-preference) "
        f"{{ .stApp {{ --dl-late: {late} 0s {start:.2f}s backwards; }} }}</style>"
        f'<div class="dl-film" style="animation-delay:{start + PAUSE:.2f}s;background:{GROUND}"'
        ' aria-hidden="true">'
        f'<svg viewBox="0 0 {width} {height}">{"".join(paths)}</svg></div>'
    )


def _play() -> None:
    """Write a digit, another one each time."""
    rng, state = np.random.default_rng(), st.session_state
    label = int(rng.choice([digit for digit in range(CLASSES) if digit != state.get(_LABEL)]))
    strokes = some_strokes(rng, label)
    put(strokes, DIGIT)
    state[_LABEL], state[_PLAYED] = label, (strokes, None)
