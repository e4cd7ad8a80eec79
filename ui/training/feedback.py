"""Actions of buttons: each once a click, its outcome shown for a while."""

import math
import time
from collections.abc import Callable

import streamlit as st

from mnist_core.errors import DigitLabError

NOW, RESULTS = "now", "results"  # the places of the page where buttons do something
# The page runs again every second while a training is shown: a message that was shown once would
# be gone before anybody has read it.
MESSAGE_SECONDS = 10
# The page runs after the first click of a double click, and the second one reaches the button that
# is then in its place.
DOUBLE_CLICK_SECONDS = 2
_MESSAGES, _CLICKED = "training_messages", "training_clicked"


def act(place: str, action: Callable[..., str], *arguments: object) -> None:
    """Call the action of a button before the page runs, and keep its message or its error."""
    click = (action, arguments)
    if is_second_click(click):
        return
    note_click(click)
    try:
        kind, text = "success", action(*arguments)
    except (DigitLabError, ValueError, OSError) as error:
        kind, text = "error", str(error)
    messages = {place: (kind, text, time.monotonic())} if text else {}
    st.session_state[_MESSAGES] = messages


def show_feedback(place: str) -> None:
    """Show for a while the outcome of the last action in this place."""
    messages = st.session_state.get(_MESSAGES, {})
    kind, text, moment = messages.get(place, ("", "", -math.inf))
    if time.monotonic() - moment >= MESSAGE_SECONDS:
        return
    if kind == "success":
        st.success(text, icon=":material/check_circle:")
    else:
        st.error(text, icon=":material/error:")


def is_second_click(click: object) -> bool:
    """Return whether a click is the second one of a double click."""
    last, moment = st.session_state.get(_CLICKED, (None, -math.inf))
    return last == click and time.monotonic() - moment < DOUBLE_CLICK_SECONDS


def note_click(click: object) -> None:
    """Remember a click that was acted on."""
    st.session_state[_CLICKED] = click, time.monotonic()
