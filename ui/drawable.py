"""The browser side of streamlit-drawable-canvas, without its Python side, `st_canvas`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ui.shell import canvas_component


@dataclass(frozen=True)
class Tool:
    """What the pen on a canvas does: a mode of `st_canvas`, and how its lines look."""

    mode: str
    width: int  # of its lines, in pixels
    colour: str


def drawable(
    key: str,
    tool: Tool,
    start: str,
    *,
    size: tuple[int, int],
    ground: str = "",
    picture: str | None = None,
    on_change: Callable[[], None] | None = None,
) -> dict[str, Any] | None:
    """Show a canvas.

    Parameters
    ----------
    key : of the component; another one mounts it afresh
    start : what is on the canvas at first, as Fabric.js JSON; another text replaces everything
    size : width and height in pixels
    ground : CSS colour
    picture : address of a picture that lies under the drawing
    on_change : called when something was drawn

    Returns
    -------
    What is on the canvas as Fabric.js JSON; None as long as nothing was changed
    """
    width, height = size
    result = canvas_component()(
        data={
            "drawingMode": tool.mode,
            "strokeWidth": tool.width,
            "strokeColor": tool.colour,
            "fillColor": "",
            "backgroundColor": ground,
            "backgroundImageURL": picture,
            "backgroundImageFit": "stretch",
            "canvasWidth": width,
            "canvasHeight": height,
            "maxDisplayHeight": None,
            "initialDrawing": start,
            "realtimeUpdateStreamlit": True,
            "returnImageData": False,
            "disabled": False,
            "displayRadius": 3,
            "fontSize": 20,
            "label": "",
        },
        key=key,
        default={"drawing": None, "backgroundFit": None},
        on_drawing_change=on_change or _nothing,
        on_backgroundFit_change=_nothing,
        width="content",
        height="content",
    )
    return drawn(result)


def drawn(result: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is on the canvas, out of the component's result or its session state.

    Browsers can send anything; a drawing is a dict, whatever is in it.
    """
    drawing = result.get("drawing")
    raw = drawing.get("raw") if isinstance(drawing, Mapping) else None
    return dict(raw) if isinstance(raw, Mapping) else None


def _nothing() -> None:
    """Streamlit names a state only if it has a callback."""
