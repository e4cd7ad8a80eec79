"""Tabs of a page, of which the open one alone is computed; the page's address says which."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.address import write_address
from ui.session import has_just_entered
from ui.shell import went_back_or_forward

TAB = "tab"  # in the page's address: ?tab=map


def show_tabs(titles: Mapping[str, str], key: str) -> tuple[str, DeltaGenerator]:
    """Show a page's tabs, and return the name of the open one and the place of what it shows.

    Parameters
    ----------
    titles : by name, as the address has it; the first one is open at first
    key : the session key of the open one's title
    """
    state, kept = st.session_state, f"{key}_kept"
    usual, *_ = titles
    asked = st.query_params.get(TAB, "")
    if went_back_or_forward() or (has_just_entered() and asked):
        state[key] = titles.get(asked, titles[usual])
    elif key not in state:
        state[key] = state.get(kept, titles[usual])
    with st.container(key=f"{key}s"):
        places = st.tabs(list(titles.values()), key=key, on_change="rerun")
    state[kept] = state[key]
    name, place = next(
        (name, place) for name, place in zip(titles, places, strict=True) if place.open
    )
    write_address(**{TAB: "" if name == usual else name})
    return name, place


def open_tab(key: str, title: str) -> None:
    """Open a tab before the page runs again: for buttons' `on_click`."""
    st.session_state[key] = title
