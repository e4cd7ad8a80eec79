"""The picture that is shown in full: which one, what was read in it, and its corrections."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from ui.own_digit import bring
from ui.style import html
from ui.threshold import choose_strictness
from ui.upload.boxes import edit_boxes, mount_afresh
from ui.upload.digits import edit_digits
from ui.upload.files import Upload
from ui.upload.picture import show_number, show_picture
from ui.upload.reading import Desk
from ui.upload.result import Correction, Result
from ui.why import show_why

SHOWN = "upload_shown"  # the select box's key; its value is a place in the list of uploads
EDIT = "upload_edit_boxes"
HINT = (
    '<div class="dl-hint"><p><b>Nothing here yet.</b> Photograph or scan handwritten digits, one '
    "or whole numbers, in one line or several. What is read best:</p><ul>"
    "<li>dark pen on light paper, or chalk on a board; ruled and squared paper will do</li>"
    "<li>straight from above, sharp, without your hand's shadow</li>"
    "<li>digits that stand apart, with some room around them</li></ul>"
    "<p>Every digit tells how sure the network is. What is wrong you can correct, and take "
    "everything with you as a table.</p></div>"
)


def show_hint() -> None:
    """What to do as long as there is no picture."""
    html(HINT)


def choose_shown(uploads: Sequence[Upload]) -> int:
    """Let the person choose the picture to look at; return its place in the list."""
    state = st.session_state
    if state.get(SHOWN) not in range(len(uploads)):
        state[SHOWN] = 0
    if len(uploads) == 1:
        return 0
    with st.container(horizontal=True, vertical_alignment="center", key="upload_chooser"):
        st.button(
            "Previous picture",
            key="upload_previous",
            icon=":material/chevron_left:",
            disabled=state[SHOWN] == 0,
            on_click=_step,
            args=(-1,),
        )
        st.selectbox(
            "Picture",
            range(len(uploads)),
            key=SHOWN,
            format_func=lambda place: f"{place + 1}. {uploads[place].name}",
            label_visibility="collapsed",
        )
        st.button(
            "Next picture",
            key="upload_next",
            icon=":material/chevron_right:",
            disabled=state[SHOWN] == len(uploads) - 1,
            on_click=_step,
            args=(1,),
        )
    return state[SHOWN]


def show_one(desk: Desk, upload: Upload) -> None:
    """One picture: the number, the boxes, what the network saw, and the ways to correct it."""
    result = desk.result(upload)
    with st.container(key="upload_number"):
        if result.error:
            html(f'<p class="dl-told" role="status"><strong>{escape(result.error)}</strong></p>')
            return
        show_number(result, desk.as_read(upload))
    left, right = st.columns([5, 4], gap="medium")
    with left:
        _show_picture(desk, upload, result)
    with right:
        if result.marks:
            edit_digits(result, upload, desk)
    choose_strictness()
    show_why([mark.read for mark in result.marks], desk.card)
    if len(result.counted) == 1:
        bring(result.counted[0].read.image)


def _show_picture(desk: Desk, upload: Upload, result: Result) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        editing = st.toggle("Edit boxes", key=EDIT, persist_state="session")
        st.button(
            "Back to what was read",
            key="upload_reset",
            icon=":material/undo:",
            disabled=not result.corrected,
            on_click=_reset,
            args=(desk, upload),
        )
    with st.container(key="upload_picture"):
        if editing:
            edit_boxes(result, upload, desk)
        else:
            show_picture(result, desk.open(upload).preview)


def _reset(desk: Desk, upload: Upload) -> None:
    desk.correct(upload, Correction())
    mount_afresh()


def _step(by: int) -> None:
    st.session_state[SHOWN] += by
