"""Tabs of a page, of which the open one alone is computed; the page's address says which."""

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.address import write_address
from ui.components import component_of
from ui.session import has_just_entered
from ui.shell import went_back_or_forward

TAB = "tab"  # in the page's address: ?tab=map


def show_tabs(
    titles: Mapping[str, str], key: str, *, first: Callable[[], str] | None = None
) -> tuple[str, DeltaGenerator]:
    """Show a page's tabs, and return the name of the open one and the place of what it shows.

    Parameters
    ----------
    titles : by name, as the address has it
    key : the session key of the open one's title
    first : returns the name of the one that is open at first, if that is not the first one
    """
    state, kept, ahead, linked = st.session_state, f"{key}_kept", _next(key), f"{key}_linked"
    usual, *_ = titles
    asked = st.query_params.get(TAB, "")
    if has_just_entered():
        state[linked] = asked in titles
    if ahead in state:
        state[key] = state.pop(ahead)
    elif went_back_or_forward() or (has_just_entered() and asked in titles):
        state[key] = titles.get(asked, titles[usual])
    elif key not in state:
        state[key] = state.get(kept) or titles[first() if first else usual]
    with st.container(key=f"{key}s"):
        places = st.tabs(list(titles.values()), key=key, on_change="rerun")
        if state.get(linked):
            component_of(__file__, "tabs", "<i></i>")(data={"tabs": f".st-key-{key}s"})
    state[kept] = state[key]
    name, place = next(
        (name, place) for name, place in zip(titles, places, strict=True) if place.open
    )
    write_address(**{TAB: "" if name == usual else name})
    return name, place


def open_tab(key: str, title: str) -> None:
    """Open a tab before the page runs again: for buttons' `on_click`."""
    st.session_state[key] = title


def open_next(key: str, title: str) -> None:
    """Open a tab when the page runs next: once the tabs of this run are there."""
    st.session_state[_next(key)] = title


def _next(key: str) -> str:
    return f"{key}_next"
