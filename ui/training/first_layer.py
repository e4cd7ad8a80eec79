"""What the first layer of a network looks for while it learns, as a picture of its weights."""

import numpy as np
import streamlit as st

from mnist_core import runs
from mnist_core.networks import Task
from ui.session import workspace
from ui.style import html
from ui.weights import weights_picture

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


def _picture(weights: np.ndarray, words: str) -> str:
    alt = f"{words}: the weights of {len(weights)} units of the first layer"
    return weights_picture(weights, alt)


def _empty() -> str:
    return '<div class="dl-no-units" aria-hidden="true"></div>'
