"""The three tabs of the training page, of which one is open."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core import runs
from ui.session import workspace

TABS = SET_UP, LIVE, RESULTS = "Set up", "Live", "Results"
TAB = "training_tab"  # the session key of the open one
_NEXT, _KEPT = "training_tab_next", "training_tab_kept"  # to be opened next; across pages


def show_tabs() -> list[tuple[DeltaGenerator, bool]]:
    """Show the tabs, at first open that of a training that is running, else that of the settings.

    Returns
    -------
    each tab, and whether it is open
    """
    state = st.session_state
    if _NEXT in state:
        state[TAB] = state.pop(_NEXT)
    elif TAB not in state:
        state[TAB] = state.get(_KEPT) or (LIVE if _is_one_alive() else SET_UP)
    tabs = st.tabs(TABS, key=TAB, on_change="rerun")
    state[_KEPT] = state[TAB]
    return [(tab, bool(tab.open)) for tab in tabs]


def open_next(tab: str) -> None:
    """Open this tab when the page runs next."""
    st.session_state[_NEXT] = tab


def _is_one_alive() -> bool:
    return any(status.alive for status in runs.list_runs(workspace=workspace()))
