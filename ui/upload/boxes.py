"""Moving, adding and removing the boxes of a picture, on a canvas."""

import json

import streamlit as st

from ui.drawable import Tool, drawable, drawn
from ui.upload.files import Upload
from ui.upload.reading import Desk
from ui.upload.result import Box, Correction, Result

SIDE = 640  # pixels of the canvas's longer side, at most
LEAST = 8  # boxes with a shorter side, in pixels of the canvas, come of a click
MOST = 300  # boxes
LINE = 3
COLOUR = "#0b5cad"
HELP = (
    "**Drag** over a digit to add a box. To change one, press the **pencil** above the picture, "
    "then the box: move it, pull its corners, or take it away with **✕**. Press a chosen box once "
    "more to type its digit. Boxes that you touch are read anew."
)
_MOUNTED = "upload_boxes_mounted"  # session key: what the canvas was mounted for, key, start
_MOUNT = "upload_boxes_mount"  # a number in the component's key; a new one mounts it afresh


def edit_boxes(result: Result, upload: Upload, desk: Desk) -> None:
    """Show the picture with boxes that can be changed; a change is kept as a correction."""
    found = tuple(digit.box for digit in desk.as_read(upload).digits)
    scale = SIDE / max(result.width, result.height)
    size = (max(1, round(result.width * scale)), max(1, round(result.height * scale)))
    key, start = _mount(upload, desk, found, scale)

    def take() -> None:
        # Streamlit may tell once more of a canvas that is no longer there.
        if st.session_state.get(_MOUNTED, ("", ""))[1] != key:
            return
        drawing = drawn(st.session_state[key]) or {}
        before = desk.correction(upload)
        desk.correct(upload, from_drawing(drawing, before, found, result, scale))

    st.caption(HELP)
    with st.container(key="upload_boxes"):
        drawable(
            key,
            Tool("labeled_rect", LINE, COLOUR),
            start,
            size=size,
            picture=desk.open(upload).preview,
            on_change=take,
        )


def mount_afresh() -> None:
    """Have the canvas show the boxes as they are by now."""
    st.session_state.pop(_MOUNTED, None)


def to_drawing(boxes: tuple[Box, ...], changed: Correction, scale: float) -> str:
    """Boxes as Fabric.js JSON, each labelled with the person's own digit, if there is one."""
    objects = [
        {
            "type": "LabeledRect",
            "label": _label(changed.own.get(box)),
            # Fabric.js counts from the outer edge of the line.
            "left": box[0] * scale - LINE / 2,
            "top": box[1] * scale - LINE / 2,
            "width": box[2] * scale,
            "height": box[3] * scale,
            "originX": "left",
            "originY": "top",
            "angle": 0,
            "stroke": COLOUR,
            "strokeWidth": LINE,
            "strokeUniform": True,
            "fill": "",
            "lockRotation": True,
            "transparentCorners": False,
            "touchCornerSize": 40,
        }
        for box in boxes
    ]
    return json.dumps({"objects": objects, "background": ""})


def from_drawing(
    drawing: dict, changed: Correction, found: tuple[Box, ...], result: Result, scale: float
) -> Correction:
    """Return the correction that boxes on a canvas come to.

    Parameters
    ----------
    drawing : dict, Fabric.js JSON
    changed : Correction before
    found : the boxes as they were read
    result : Result, for the picture's size
    scale : float, pixels of the canvas per pixel of the upright picture
    """
    labels: dict[Box, str] = {}
    things = [t for t in drawing.get("objects", []) if t.get("type") == "LabeledRect"]
    for thing in things[:MOST]:
        width, height = (thing[side] * thing.get(f"scale{axis}", 1) for side, axis in SIDES)
        if min(width, height) >= LEAST:
            x, y = (thing[side] + LINE / 2 for side in ("left", "top"))
            box = _within([side / scale for side in (x, y, width, height)], result)
            if box:
                labels[box] = thing.get("label", "").strip()
    own = {box: None for box, digit in changed.own.items() if digit is None}
    own |= {box: int(text) for box, text in labels.items() if text in NUMERALS}
    boxes = tuple(labels)
    return Correction(None if set(boxes) == set(found) else boxes, own)


def _mount(upload: Upload, desk: Desk, found: tuple[Box, ...], scale: float) -> tuple[str, str]:
    """The component's key and what it starts with, which stay while the person draws."""
    state, wanted = st.session_state, (upload.checksum, desk.single, found)
    about, key, start = state.get(_MOUNTED, (None, "", ""))
    if about != wanted or key not in state:
        state[_MOUNT] = state.get(_MOUNT, 0) + 1
        changed = desk.correction(upload)
        boxes = found if changed.boxes is None else changed.boxes
        key, start = f"upload_boxes_{state[_MOUNT]}", to_drawing(boxes, changed, scale)
        state[_MOUNTED] = wanted, key, start
    return key, start


def _within(sides: list[float], result: Result) -> Box | None:
    """The part of a box that lies in the picture, in whole pixels; None if there is none."""
    x, y, width, height = (round(side) for side in sides)
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, result.width), min(y + height, result.height)
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None


def _label(digit: int | None) -> str:
    return "" if digit is None else str(digit)


NUMERALS = tuple("0123456789")
SIDES = (("width", "X"), ("height", "Y"))
