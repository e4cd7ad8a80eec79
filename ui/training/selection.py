"""Which trainings the page shows: the result of one, and several side by side."""

from collections.abc import Sequence

import streamlit as st

# Session keys. Widgets have the first two: what is to be shown next waits beside them, because a
# widget's value cannot be set once it was drawn.
RESULT, COMPARED = "training_result", "training_compare"
_NEXT_RESULT, _NEXT_COMPARED = "training_result_next", "training_compare_next"
_CHOSEN = "training_compare_chosen"  # whether somebody has chosen what to compare
LIVE = "training_live"  # whether the tab Live shows curves


def show_result_next(name: str) -> None:
    """Show this training's result when the page runs next."""
    st.session_state[_NEXT_RESULT] = name


def select_result(names: Sequence[str]) -> None:
    """Let the choice of results be one that there is: what was asked for, or else the newest."""
    state = st.session_state
    wanted = state.pop(_NEXT_RESULT, None)
    held = wanted if wanted in names else state.get(RESULT)
    state[RESULT] = held if held in names else names[0]


def compare_next(names: Sequence[str]) -> None:
    """Show these trainings side by side when the page runs next; results may come later."""
    st.session_state[_NEXT_COMPARED] = list(names)


def select_compared(names: Sequence[str], usual: Sequence[str], at_most: int) -> None:
    """Let the compared trainings be some that there are: as asked for, else the usual ones."""
    state = st.session_state
    if _NEXT_COMPARED in state:
        state[COMPARED] = state.pop(_NEXT_COMPARED)
        note_comparison_chosen()
    elif not state.get(_CHOSEN):
        state[COMPARED] = list(usual)
    state[COMPARED] = [name for name in state[COMPARED] if name in names][:at_most]


def note_comparison_chosen() -> None:
    """Keep what is compared from now on, since somebody has chosen it."""
    st.session_state[_CHOSEN] = True


def rename_selected(old: str, new: str) -> None:
    """Keep a training that gets another name where it is shown."""
    show_result_next(new)
    if COMPARED in st.session_state:
        names = st.session_state[COMPARED]
        st.session_state[COMPARED] = [new if name == old else name for name in names]
