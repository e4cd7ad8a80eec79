"""The drawing canvases, whose drawings survive a visit to another page."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.drawable import Tool, drawable

if TYPE_CHECKING:
    from mnist_core.pictures.strokes import Stroke

INK = "#1d2733"
GROUND = "#fbfaf6"
_SHOWN = "canvas_shown"  # session key: the sheet that is mounted
_START = "canvas_start"  # what the canvas shows when it is mounted, as text
_MOUNT = "canvas_mount"  # a number in the component's key; a new one mounts it afresh


@dataclass(frozen=True)
class Sheet:
    """What is drawn on: one canvas at a time is shown, each keeps its own drawing."""

    drawing: str  # session key: the canvas's JSON, or None
    size: tuple[int, int]  # width and height in pixels; style.css fits it to the page
    title: str  # in the choice of what to draw
    parameter: str  # in links: ?digit=...


DIGIT = Sheet("drawing", (280, 280), "One digit", "digit")
NUMBER = Sheet("number_drawing", (700, 300), "A whole number", "number")
SHEETS = {sheet.title: sheet for sheet in (DIGIT, NUMBER)}
CHOICE = "draw_number"  # the key of the choice of what to draw; its value is a sheet's title


def show_canvas(
    sheet: Sheet, above: DeltaGenerator, below: DeltaGenerator
) -> dict[str, Any] | None:
    """Show a canvas with its button in one place and its pen in another; return the drawing."""
    pen_width = below.slider(
        "Pen width",
        min_value=6,
        max_value=32,
        value=18,
        step=2,
        key="pen_width",
        help="Affects only the display: the network sees all lines equally thick.",
        persist_state="session",
    )
    with above:
        st.button(
            "Clear", key="draw_clear", icon=":material/ink_eraser:", on_click=clear, args=(sheet,)
        )
        with st.container(key="draw_canvas"):
            return _mount(pen_width, sheet)


def _mount(pen_width: int, sheet: Sheet = DIGIT) -> dict[str, Any] | None:
    """Show a canvas and keep what is drawn on it.

    Parameters
    ----------
    pen_width : in pixels

    Returns
    -------
    The drawing as Fabric.js JSON; None as long as nothing was ever drawn
    """
    state = st.session_state
    if _key() not in state or state.get(_SHOWN) != sheet:
        state[_SHOWN], state[_MOUNT] = sheet, state.get(_MOUNT, 0) + 1
        kept = drawing(sheet) or {}
        state[_START] = json.dumps({"objects": [], **kept, "background": GROUND})
    pen = Tool("freedraw", pen_width, INK)
    drawn = drawable(_key(), pen, state[_START], size=sheet.size, ground=GROUND)
    if drawn:
        state[sheet.drawing] = drawn
    return drawing(sheet)


def drawing(sheet: Sheet = DIGIT) -> dict[str, Any] | None:
    """Return the drawing on a sheet, also while another sheet or page is shown."""
    return st.session_state.get(sheet.drawing)


def strokes_in(drawing: dict[str, Any] | None) -> "list[Stroke]":
    """Return the strokes of a drawing; none if it is blank.

    Raises
    ------
    PictureError : the drawing is not one of the canvas
    """
    if not drawing or not (drawing.get("objects") or drawing.get("refused")):
        return []
    from mnist_core.pictures.strokes import strokes_of

    return strokes_of(drawing)


def image_of(drawing: dict[str, Any] | None) -> np.ndarray | None:
    """Return the drawing as the network sees it, float32 (28, 28) in [0, 1]; None if blank."""
    strokes = strokes_in(drawing)
    return as_seen(strokes) if strokes else None


def as_seen(strokes: "Sequence[Stroke]") -> np.ndarray:
    """Return strokes, at least one, as the network sees them: float32 (28, 28) in [0, 1]."""
    from mnist_core.pictures.strokes import to_image

    return to_image([stroke.points for stroke in strokes])


def clear(sheet: Sheet = DIGIT) -> None:
    """Forget the drawing; the canvas is mounted afresh, with an empty history."""
    st.session_state[sheet.drawing] = None
    st.session_state[_MOUNT] += 1


def put(strokes: "Sequence[Stroke]", sheet: Sheet) -> None:
    """Turn to a sheet and show a drawing there; the canvas has an empty history."""
    from mnist_core.pictures.strokes import to_canvas

    state = st.session_state
    state[sheet.drawing] = to_canvas(strokes, INK)
    state[CHOICE] = sheet.title
    state[_MOUNT] = state.get(_MOUNT, 0) + 1


def mounted() -> int:
    """Return the number of the canvas that is mounted; each drawing put there has its own."""
    return st.session_state.get(_MOUNT, 0)


def _key() -> str:
    return f"canvas_{mounted()}"
