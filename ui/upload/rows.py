"""The rows of the table of pictures: a click on a name opens its picture."""

from collections.abc import Callable

import streamlit as st

from ui.components import component_of

KEY = "upload_rows"


def open_by_row(count: int, on_open: Callable[[int], None]) -> None:
    """Listen to clicks on the names in the table, which are links to `#picture-1` and so on.

    Parameters
    ----------
    count : of the pictures
    on_open : called with the place of the one that was clicked, from 0
    """
    component_of(__file__, "rows", "<i></i>")(
        data={},
        key=KEY,
        on_opened_change=lambda: take_row(st.session_state.get(KEY), count, on_open),
    )


def take_row(state: object, count: int, on_open: Callable[[int], None]) -> None:
    """Hand on the place of a row, out of the component's state; browsers can send anything."""
    place = getattr(state, "opened", None)
    if type(place) is int and 0 <= place < count:
        on_open(place)
