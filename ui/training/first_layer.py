"""What the first layer of a network looks for while it learns, as a picture of its weights."""

import numpy as np
import streamlit as st

from mnist_core import runs
from mnist_core.networks import Task
from ui.pictures import source
from ui.session import workspace
from ui.style import html

COLUMNS = 6  # units side by side
PIXELS = 28  # of a unit's side at least
GAP = 2
FOR, AGAINST = (64, 160, 255), (255, 150, 20)  # as on the map of reasons, see style.css
WORDS = (
    "Each square shows the weights of one unit or filter: <b>blue</b> where ink makes it respond "
    "more strongly, <b>orange</b> where ink holds it back. They start as random noise; training "
    "turns them into strokes and edges."
)
NOT_YET = "Appears as soon as the network begins to learn."


def show_first_layer(name: str, task: Task) -> None:
    """Show the weights of a network that is being trained, as it began and as it is now.

    Raises
    ------
    RunError : there is no such training any more
    """
    if task != "classification":
        return
    st.header("What the first layer looks for")
    found = runs.first_layer(name, workspace=workspace())
    parts = {"Now": "now", "When training began": "before"}
    pictures = "".join(
        f"<figure>{_picture(found[part], words) if found else _empty()}"
        f"<figcaption>{words}</figcaption></figure>"
        for words, part in parts.items()
    )
    html(
        f'<div class="dl-units">{pictures}</div>'
        f'<p class="dl-note">{WORDS if found else NOT_YET}</p>'
    )


def grid(weights: np.ndarray) -> np.ndarray:
    """Draw units side by side, each on its own scale.

    Parameters
    ----------
    weights : float (n, h, w)

    Returns
    -------
    uint8 (h, w, 4), blue, green, red and opacity: the larger the weight, the more opaque
    """
    zoom = max(1, PIXELS // max(weights.shape[1:]))
    tiles = weights.repeat(zoom, axis=1).repeat(zoom, axis=2)
    high, wide = (side + GAP for side in tiles.shape[1:])
    rows = -(-len(tiles) // COLUMNS)
    drawn = np.zeros((rows * high - GAP, COLUMNS * wide - GAP, 4), np.uint8)
    for place, tile in enumerate(tiles):
        top, left = place // COLUMNS * high, place % COLUMNS * wide
        here = drawn[top : top + tile.shape[0], left : left + tile.shape[1]]
        here[..., :3] = np.where(tile[..., None] > 0, FOR[::-1], AGAINST[::-1])
        here[..., 3] = 255 * np.abs(tile) / max(float(np.abs(tile).max()), 1e-9)
    return drawn


def _picture(weights: np.ndarray, words: str) -> str:
    import cv2

    _, encoded = cv2.imencode(".png", grid(weights))
    alt = f"{words}: the weights of {len(weights)} units of the first layer"
    return f'<img alt="{alt}" src="{source(encoded.tobytes())}">'


def _empty() -> str:
    return '<div class="dl-no-units" aria-hidden="true"></div>'
