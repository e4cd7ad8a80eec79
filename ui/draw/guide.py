"""The guided round: the app asks for each digit three times, and teaches what is drawn."""

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from mnist_core.config import CLASSES
from ui.canvas import clear
from ui.formats import a_digit

TIMES = 3
ORDER = tuple(range(CLASSES)) * TIMES  # the digits that are asked for
# The button to start it lies far below the canvas on a phone.
_TO_SIGHT = """
export default ({ parentElement }) => {
  if (parentElement.dataset.seen) return;
  parentElement.dataset.seen = 'yes';
  parentElement.closest('.st-key-guide')?.scrollIntoView();
}
"""
_AT = "guide_at"  # session key: how many were asked for; None outside a round


def offer_guide() -> None:
    """Offer to start the round; while it goes on, say where."""
    if asked() is not None:
        st.caption("Above the canvas you are asked for one digit after the other.")
    else:
        st.button(
            "Write each digit three times",
            key="guide_start",
            icon=":material/stylus_note:",
            help="The app asks for 0 to 9 in turn and teaches the model each digit that you draw. "
            "It takes about a minute, and you can leave at any time.",
            on_click=_start,
        )


def asked() -> int | None:
    """Return the digit that the round asks for; None outside a round."""
    place = st.session_state.get(_AT)
    return ORDER[place] if place is not None else None


def show_asked(digit: int) -> None:
    """Say which digit to draw, and how far the round has come."""
    place = st.session_state[_AT]
    st.progress(place / len(ORDER), f"Write **{a_digit(digit)}** ({place + 1} of {len(ORDER)})")
    _to_sight()(key="guide_sight", height="content")


def go_on() -> None:
    """Ask for the next digit; after the last one the round ends."""
    place = st.session_state[_AT] + 1
    st.session_state[_AT] = place if place < len(ORDER) else None


def leave() -> None:
    """End the round; what was taught stays."""
    st.session_state[_AT] = None


def _start() -> None:
    st.session_state[_AT] = 0
    clear()


@cache
def _to_sight() -> Callable[..., Any]:
    """Return what scrolls the page, once, so that the person sees what to do, and the canvas."""
    return component("digit-lab.sight", html="<div></div>", js=_TO_SIGHT, isolate_styles=False)
