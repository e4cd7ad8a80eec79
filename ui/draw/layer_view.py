"""The browser side of "Look inside": the path through the layers, and the maps of one of them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

import streamlit as st

from ui.components import component_of

KEY = "inside_view"
_HTML = """
<ol class="dl-path" aria-label="The path from picture to answer"></ol>
<div class="dl-inside">
<p class="dl-note"></p>
<div class="dl-maps" role="slider" tabindex="0" aria-valuemin="1"><img alt=""><i></i></div>
<div class="dl-map"></div>
</div>
"""


@dataclass(frozen=True)
class Step:
    """A step of the path from picture to answer.

    Attributes
    ----------
    name, short : in full, and for the little room below its picture
    size : of what it gives, in at most two lines
    picture : its address; empty for the answer
    layer : its place among the layers; None if it is none
    answer : the digit, which stands in the place of a picture
    """

    name: str
    short: str
    size: tuple[str, ...]
    picture: str = ""
    layer: int | None = None
    answer: str = ""


@dataclass(frozen=True)
class Grid:
    """All maps of a layer in one picture, row by row, and which one is chosen.

    Attributes
    ----------
    name, words : of the whole for screen readers, and of the chosen map
    picture : its address
    """

    name: str
    picture: str
    count: int
    columns: int
    chosen: int
    words: str


@dataclass(frozen=True)
class View:
    """What is shown.

    Attributes
    ----------
    layer : the place of the layer whose maps are shown
    hint : what a bright square means
    details : of the chosen map, as HTML of our own
    """

    steps: list[Step]
    layer: int
    grid: Grid
    hint: str
    details: str


def show_view(view: View, on_choice: Callable[[int, int | None], None]) -> None:
    """Show the path, the maps of a layer, and one of them in detail.

    Parameters
    ----------
    on_choice : called with the layer and the map that were chosen; None for the layer's usual map
    """
    component_of(__file__, "layers", _HTML)(
        data={"view": json.dumps(asdict(view))},  # not lists: for them Streamlit imports pandas
        key=KEY,
        on_chosen_change=lambda: take_choice(st.session_state.get(KEY), on_choice),
    )


def take_choice(state: object, on_choice: Callable[[int, int | None], None]) -> None:
    """Hand on what was chosen, out of the component's session state; browsers can send anything."""
    chosen = getattr(state, "chosen", None)
    if isinstance(chosen, Mapping):
        layer, place = chosen.get("layer"), chosen.get("map")
        if type(layer) is int and type(place) in (int, type(None)):
            on_choice(layer, place)
