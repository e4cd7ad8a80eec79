"""Pen strokes: read from the canvas, drawn as ink, or drawn as a model reads them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from mnist_core.config import MAX_POINTS, MAX_STROKES
from mnist_core.errors import PictureError
from mnist_core.pictures.drawing import REFUSALS
from mnist_core.pictures.preprocessing import BOX, FINE, place

SPECK = 0.05
PEN_WIDTH = 2.3  # of 28, the median of MNIST's digits
SUBPIXEL = 4  # OpenCV draws on a grid of 1/16 pixel
FARTHEST = 1e5  # pixels from the canvas's corner that a point may be


class Stroke(NamedTuple):
    """One movement of the pen.

    Attributes
    ----------
    points : float32 (n, 2), x to the right and y down, in pixels of the canvas
    pen : its width on the canvas, in pixels
    """

    points: np.ndarray
    pen: float


def from_canvas(drawing: dict[str, Any] | None) -> list[np.ndarray]:
    """Read the pen's paths out of what the drawing canvas reports: the points of `strokes_of`.

    Returns
    -------
    float32 arrays (n, 2), one per stroke : x to the right and y down, in pixels of the canvas

    Raises
    ------
    PictureError : see `strokes_of`
    """
    return [stroke.points for stroke in strokes_of(drawing)]


def strokes_of(drawing: dict[str, Any] | None) -> list[Stroke]:
    """Read the pen's strokes out of what the drawing canvas reports.

    Parameters
    ----------
    drawing : Fabric.js's JSON of the canvas; objects other than free-hand paths are skipped. Or
        {"refused": a key of `drawing.REFUSALS`}, where it was not parsed

    Raises
    ------
    PictureError : not a drawing of the canvas (browsers can send anything), more than MAX_STROKES
        strokes or MAX_POINTS points, or refused before it was parsed
    """
    try:
        if refused := (drawing or {}).get("refused"):
            raise PictureError(REFUSALS[refused])
        objects = (drawing or {}).get("objects") or []
        items = [item for item in objects if str(item.get("type")).lower() == "path"]
        points = sum(len(item.get("path") or []) for item in items)
        if len(items) <= MAX_STROKES and points <= MAX_POINTS:
            with np.errstate(all="ignore"):  # numbers too large for float32 become infinite
                strokes = [_stroke(item) for item in items]
            return [stroke for stroke in strokes if len(stroke.points)]
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
        raise PictureError(
            "This is not a drawing of the canvas: clear it and draw again."
        ) from error
    raise PictureError(
        f"A drawing has at most {MAX_STROKES:,} strokes and {MAX_POINTS:,} points, received "
        f"{len(items):,} and {points:,}. Clear it and draw again."
    )


def to_canvas(strokes: Sequence[Stroke], colour: str) -> dict[str, Any]:
    """Return the drawing that the canvas shows for these strokes, as Fabric.js's JSON."""
    return {"objects": [_item(stroke, colour) for stroke in strokes]}


def without_specks(strokes: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Leave out strokes that are mere dots beside the others, as a slipping finger makes them.

    Parameters
    ----------
    strokes : arrays (n, 2) of points

    Returns
    -------
    the strokes whose box is at least `SPECK` times as long as the longest one's; all if they are
        all dots
    """
    extents = [np.ptp(stroke, axis=0).max() for stroke in strokes]
    return [
        stroke
        for stroke, extent in zip(strokes, extents, strict=True)
        if extent >= SPECK * max(extents)
    ]


def draw(strokes: Sequence[np.ndarray], size: tuple[int, int], *, width: float) -> np.ndarray:
    """Draw strokes as ink.

    Parameters
    ----------
    strokes : arrays (n, 2) of points, in pixels
    size : (height, width) of the picture
    width : of the pen in pixels; drawn to within 1 pixel

    Returns
    -------
    float32 array (height, width) in [0, 1]; 1 is ink
    """
    ink = np.zeros(size, np.uint8)
    # OpenCV draws lines of thickness 2, 4, 6, ... about 1.4 pixels wider, and no widths between.
    pen = max(1, 2 * round((width - 1.4) / 2))
    for stroke in strokes:
        points = np.round(np.asarray(stroke) * 2**SUBPIXEL).astype(np.int32)
        points = points if len(points) > 1 else np.repeat(points, 2, axis=0)  # a dot
        cv2.polylines(ink, [points], False, 255, pen, cv2.LINE_AA, shift=SUBPIXEL)
    return ink.astype(np.float32) / 255


def draw_with_pens(strokes: Sequence[Stroke], size: tuple[int, int]) -> np.ndarray:
    """Draw strokes as ink, each with its own pen; see `draw`."""
    ink = np.zeros(size, np.float32)
    for pen in {stroke.pen for stroke in strokes}:
        paths = [stroke.points for stroke in strokes if stroke.pen == pen]
        ink = np.maximum(ink, draw(paths, size, width=min(pen, max(size))))
    return ink


def to_image(strokes: Sequence[np.ndarray], *, width: float = PEN_WIDTH) -> np.ndarray:
    """Draw strokes as MNIST's digits look, whatever pen, place and size they had.

    Dots beside longer strokes are left out.

    Parameters
    ----------
    strokes : arrays (n, 2) of points, in any unit, y down
    width : of the pen in pixels of the 28x28 image

    Returns
    -------
    float32 array (28, 28) in [0, 1], white on black

    Raises
    ------
    ValueError : no points, or points that are not numbers

    Examples
    --------
    >>> one = np.array([[50, 10], [50, 90]])
    >>> image = to_image([one])
    >>> image.shape, int(image.argmax(axis=1).max())
    ((28, 28), 14)
    """
    if not strokes or not all(len(stroke) for stroke in strokes):
        raise ValueError("There is nothing to draw: expected at least one stroke with a point.")
    if not all(np.isfinite(stroke).all() for stroke in strokes):
        raise ValueError("Expected points that are numbers, received NaN or infinity.")
    strokes = without_specks(strokes)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    longest = max(float((high - low).max()), 1e-6)
    scale = (BOX - width) / longest * FINE
    margin = (width / 2 + 1) * FINE
    moved = [(stroke - low) * scale + margin for stroke in strokes]
    size = np.ceil((high - low) * scale + 2 * margin).astype(int)
    return place(draw(moved, (size[1], size[0]), width=width * FINE))


def _item(stroke: Stroke, colour: str) -> dict[str, Any]:
    """Return one stroke as Fabric's pencil stores it, but with straight lines between points."""
    points = np.asarray(stroke.points, float)
    low, high = points.min(axis=0), points.max(axis=0)
    (left, top), (width, height) = ((low + high) / 2).tolist(), (high - low).tolist()
    first, *rest = points.tolist()
    return {
        "type": "Path",
        "path": [["M", *first], *(["L", *point] for point in rest or [first])],
        "left": left,
        "top": top,
        "originX": "center",
        "originY": "center",
        "width": width,
        "height": height,
        "stroke": colour,
        "strokeWidth": stroke.pen,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
        "fill": None,
    }


def _stroke(item: dict[str, Any]) -> Stroke:
    """Return one Fabric path where it lies on the canvas.

    Raises
    ------
    ValueError : a point or the pen that is not a number, or farther or wider than FARTHEST
    """
    points = _flatten(item.get("path") or [])
    if not len(points):
        return Stroke(points, 0.0)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    scale = np.array([item.get("scaleX", 1), item.get("scaleY", 1)], float)
    flip = np.array([-1 if item.get("flipX") else 1, -1 if item.get("flipY") else 1])
    angle = np.deg2rad(item.get("angle", 0))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    # Fabric keeps where the object's origin is; its box includes the pen's width.
    pen = item.get("strokeWidth", 0)
    box = (np.array([item.get("width", 0), item.get("height", 0)]) + pen) * scale
    origin = np.array([_ORIGIN[item.get("originX", "left")], _ORIGIN[item.get("originY", "top")]])
    centre = np.array([item.get("left", 0), item.get("top", 0)]) + turn @ ((0.5 - origin) * box)
    placed = ((points - middle) * scale * flip @ turn.T + centre).astype(np.float32)
    if not (np.abs(placed) <= FARTHEST).all():  # neither is NaN
        raise ValueError("a point is far from the canvas, or not a number")
    drawn = float(pen * np.sqrt(np.abs(scale.prod())))  # Fabric scales the pen with the stroke
    if not 0 <= drawn <= FARTHEST:
        raise ValueError("the pen's width is not one")
    return Stroke(placed, drawn)


def _flatten(commands: Sequence[Sequence[Any]]) -> np.ndarray:
    """Turn Fabric's path commands (M, L, Q, C) into points along them."""
    points = []
    for command, *numbers in commands:
        ends = np.reshape(np.asarray(numbers, float), (-1, 2))
        if command in ("M", "L"):
            points.append(ends)
        elif command in ("Q", "C"):
            points.append(_bezier(np.vstack([points[-1][-1:], ends])))
    return np.concatenate(points).astype(np.float32) if points else np.empty((0, 2), np.float32)


def _bezier(controls: np.ndarray, *, steps: int = 6) -> np.ndarray:
    """Return points on a Bezier curve, its start left out (de Casteljau's construction)."""
    t = np.linspace(0, 1, steps + 1)[1:, None, None]
    level = controls[None]
    while level.shape[1] > 1:
        level = level[:, :-1] + t * (level[:, 1:] - level[:, :-1])
    return level[:, 0]


_ORIGIN = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}
