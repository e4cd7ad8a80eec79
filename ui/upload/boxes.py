"""Moving, adding and removing the boxes of a picture, on a canvas."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import streamlit as st

from mnist_core.reading import Box
from ui.drawable import Tool, drawable, drawn
from ui.upload.corrections import NUMERALS, Correction
from ui.upload.files import Upload, UploadKey
from ui.upload.reader import UploadReader
from ui.upload.result import Result

SIDE = 640  # pixels of the canvas's longer side, at most
MIN_SIDE = 8  # pixels of the canvas; boxes with a shorter side come from a click
MAX_BOXES = 300  # boxes
FARTHEST = 1e6  # pixels of the canvas; a number beyond is not a box's
LINE = 3
COLOUR = "#0b5cad"
HELP = (
    "**Drag** over a digit to add a box. To change a box, press the **pencil** above the picture "
    "and select the box: move it, drag its corners, or delete it with **✕**. Press a selected box "
    "again to type its digit. Boxes that you change are read again."
)
_CANVAS = "upload_boxes_canvas"  # session key: a Canvas
_COUNT = "upload_boxes_count"  # session key: a number in the component's key; a new one restarts it


@dataclass(frozen=True)
class Canvas:
    """The canvas that is shown.

    Attributes
    ----------
    about : which picture it shows, how it was read, and the boxes found
    correction : what its boxes come to
    key : of the component
    start : Fabric.js's JSON, which stays while the person draws
    """

    about: tuple[UploadKey, bool, tuple[Box, ...]]
    correction: Correction
    key: str
    start: str


def edit_boxes(result: Result, upload: Upload, reader: UploadReader) -> None:
    """Show the picture with boxes that can be changed; a change is kept as a correction."""
    found = tuple(digit.box for digit in reader.as_read(upload).digits)
    scale = SIDE / max(result.width, result.height)
    size = (max(1, round(result.width * scale)), max(1, round(result.height * scale)))
    canvas = _canvas(upload, reader, found, scale)

    def take() -> None:
        # Streamlit may report once more on a canvas that is no longer there.
        shown = st.session_state.get(_CANVAS)
        if shown is None or shown.key != canvas.key:
            return
        drawing = drawn(st.session_state[canvas.key]) or {}
        correction = from_drawing(drawing, reader.correction(upload), found, result, scale)
        reader.correct(upload, correction)
        st.session_state[_CANVAS] = replace(shown, correction=correction)

    st.caption(HELP)
    with st.container(key="upload_boxes"):
        drawable(
            canvas.key,
            Tool("labeled_rect", LINE, COLOUR),
            canvas.start,
            size=size,
            picture=reader.open(upload).preview,
            on_change=take,
        )


def to_drawing(boxes: Sequence[Box], correction: Correction, scale: float) -> str:
    """Return boxes as Fabric.js's JSON, each labelled with the person's digit, if there is one.

    Parameters
    ----------
    scale : pixels of the canvas per pixel of the upright picture
    """
    objects = [
        {
            "type": "LabeledRect",
            "label": _label(correction.own.get(box)),
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
    drawing: dict[str, Any],
    before: Correction,
    found: Sequence[Box],
    result: Result,
    scale: float,
) -> Correction:
    """Return the correction that the boxes on a canvas amount to.

    Parameters
    ----------
    drawing : Fabric.js's JSON
    before : the correction so far
    found : the boxes as they were read
    result : for the picture's size
    scale : pixels of the canvas per pixel of the upright picture
    """
    labels: dict[Box, str] = {}
    for x, y, width, height, label in islice(_rectangles(drawing), MAX_BOXES):
        if min(width, height) >= MIN_SIDE:
            box = _within([side / scale for side in (x, y, width, height)], result)
            if box:
                labels[box] = label
    own = {box: None for box, digit in before.own.items() if digit is None}
    own |= {box: int(text) for box, text in labels.items() if text in NUMERALS}
    boxes = tuple(labels)
    return Correction(None if set(boxes) == set(found) else boxes, own)


def _rectangles(drawing: dict[str, Any]) -> Iterator[tuple[float, float, float, float, str]]:
    """Yield x, y, width, height and label of the boxes on a canvas; what is none is left out.

    Browsers can send anything.
    """
    objects = drawing.get("objects")
    for thing in objects if isinstance(objects, list) else []:
        with suppress(AttributeError, LookupError, TypeError, ValueError, OverflowError):
            if thing.get("type") != "LabeledRect":
                continue
            width, height = (
                float(thing[side]) * float(thing.get(f"scale{axis}", 1)) for side, axis in SIDES
            )
            x, y = (float(thing[side]) + LINE / 2 for side in ("left", "top"))
            if all(abs(number) <= FARTHEST for number in (x, y, width, height)):  # none is NaN
                yield x, y, width, height, str(thing.get("label", "")).strip()


def _canvas(upload: Upload, reader: UploadReader, found: tuple[Box, ...], scale: float) -> Canvas:
    """Return the canvas to show: a new one if the boxes were changed by other means than it."""
    state, about = st.session_state, (upload.key, reader.single, found)
    correction = reader.correction(upload)
    canvas = state.get(_CANVAS)
    if (
        canvas is None
        or canvas.key not in state
        or (canvas.about, canvas.correction) != (about, correction)
    ):
        state[_COUNT] = state.get(_COUNT, 0) + 1
        boxes = found if correction.boxes is None else correction.boxes
        start = to_drawing(boxes, correction, scale)
        canvas = Canvas(about, correction, f"upload_boxes_{state[_COUNT]}", start)
        state[_CANVAS] = canvas
    return canvas


def _within(sides: list[float], result: Result) -> Box | None:
    """Return the part of a box inside the picture, in whole pixels; None if there is none."""
    x, y, width, height = (round(side) for side in sides)
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + width, result.width), min(y + height, result.height)
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None


def _label(digit: int | None) -> str:
    return "" if digit is None else str(digit)


SIDES = (("width", "X"), ("height", "Y"))
