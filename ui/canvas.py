"""The drawing canvas, and the drawing that outlives a visit to another page."""

import json
from functools import cache

import streamlit as st

SIZE = 280  # pixels; fits the narrowest phones
INK = "#1d2733"
GROUND = "#fbfaf6"
DRAWING = "drawing"  # session key: the canvas's JSON, or None
_START = "canvas_start"  # what the canvas shows when it is mounted, as text
_MOUNT = "canvas_mount"  # a number in the component's key; a new one mounts it afresh


def canvas(pen_width: int) -> dict | None:
    """Show the canvas and keep what is drawn on it.

    Parameters
    ----------
    pen_width : int, in pixels

    Returns
    -------
    The drawing as Fabric.js JSON, None as long as nothing was ever drawn
    """
    state = st.session_state
    if _key() not in state:
        state[_MOUNT] = state.get(_MOUNT, 0) + 1
        state[_START] = json.dumps({"objects": [], **(drawing() or {}), "background": GROUND})
    result = _component()(
        data={
            "drawingMode": "freedraw",
            "strokeWidth": pen_width,
            "strokeColor": INK,
            "fillColor": "",
            "backgroundColor": GROUND,
            "backgroundImageURL": None,
            "backgroundImageFit": "stretch",
            "canvasWidth": SIZE,
            "canvasHeight": SIZE,
            "maxDisplayHeight": None,
            "initialDrawing": state[_START],
            "realtimeUpdateStreamlit": True,
            "returnImageData": False,
            "disabled": False,
            "displayRadius": 3,
            "fontSize": 20,
            "label": "",
        },
        key=_key(),
        default={"drawing": None, "backgroundFit": None},
        on_drawing_change=_nothing,
        on_backgroundFit_change=_nothing,
        width="content",
        height="content",
    )
    if result.get("drawing"):
        state[DRAWING] = result["drawing"]["raw"]
    return drawing()


def drawing() -> dict | None:
    """The drawing on the canvas, also while another page is shown."""
    return st.session_state.get(DRAWING)


def image_of(drawing: dict | None):
    """The drawing as the network sees it, float32 (28, 28) in [0, 1]; None if it is blank."""
    if not drawing or not drawing.get("objects"):
        return None
    from mnist_core.strokes import from_canvas, to_image

    strokes = from_canvas(drawing)
    return to_image(strokes) if strokes else None


def clear() -> None:
    """Forget the drawing; the canvas is mounted afresh, with an empty history."""
    st.session_state[DRAWING] = None
    st.session_state[_MOUNT] += 1


@cache
def _component():
    """The browser side of streamlit-drawable-canvas, without its Python side, `st_canvas`.

    `st_canvas` hands Streamlit the drawing as a dict, and to look for tables in a dict Streamlit
    imports pandas: 0.4 s and 80 MB. The browser side reads a drawing from JSON text as well.
    Its styles are not isolated, so that style.css can keep its invisible toolbar off the canvas,
    where it would swallow strokes that begin in the upper right corner.
    """
    return st.components.v2.component(
        "streamlit-drawable-canvas.streamlit_drawable_canvas",
        html='<div class="canvas-root"></div>',
        css="index-*.css",
        js="index-*.js",
        isolate_styles=False,
    )


def _key() -> str:
    return f"canvas_{st.session_state.get(_MOUNT, 0)}"


def _nothing() -> None:
    """Streamlit names a state only if it has a callback."""
