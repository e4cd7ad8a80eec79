"""The picture that is shown in full: its number, its boxes and digits, and their corrections."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from ui.own_digit import keep_digit
from ui.style import html
from ui.threshold import choose_threshold
from ui.upload.boxes import edit_boxes
from ui.upload.cells import show_cells
from ui.upload.corrections import Correction
from ui.upload.digits import edit_digits
from ui.upload.files import Upload, turn
from ui.upload.number import show_number
from ui.upload.picture import show_picture
from ui.upload.reader import UploadReader
from ui.upload.result import Result
from ui.upload.teach import show_teach
from ui.why import show_why

SHOWN = "upload_shown"  # the select box's key; its value is a place in the list of uploads
EDIT, ZOOM = "upload_edit_boxes", "upload_zoom"
_BEFORE = "upload_before"  # session key: the pictures of the run before, and the one shown


def choose_shown(uploads: Sequence[Upload]) -> int:
    """Let the person choose the picture to look at; return its place in the list.

    Pictures that were added come into sight: the first of them.
    """
    state = st.session_state
    _show_added(uploads)
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
            format_func=lambda place: f"{place + 1}. {uploads[place].title}",
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


def _show_added(uploads: Sequence[Upload]) -> None:
    """Look at the first picture that was added since the last run, unless the person chose one."""
    state = st.session_state
    now = [(upload.name, upload.place, upload.checksum, upload.page) for upload in uploads]
    before, shown = state.get(_BEFORE, ((), 0))
    added = [place for place, picture in enumerate(now) if picture not in before]
    has_chosen = state.get(SHOWN) in range(len(uploads)) and state[SHOWN] != shown
    if added and not has_chosen:
        state[SHOWN] = added[0]
    elif state.get(SHOWN) not in range(len(uploads)):
        state[SHOWN] = 0
    state[_BEFORE] = set(now), state[SHOWN]


def open_picture(place: int) -> None:
    """Look at a picture, by its place in the list, before the page runs again."""
    st.session_state[SHOWN] = place


def show_detail(reader: UploadReader, upload: Upload, *, digits_only: bool) -> None:
    """Show one picture: the number, the boxes, each digit, and the ways to correct them.

    Parameters
    ----------
    digits_only : show the number without what stands between its digits
    """
    result = reader.result(upload)
    if result.error:
        with st.container(key="upload_number"):
            html(f'<p class="dl-summary" role="status"><strong>{escape(result.error)}</strong></p>')
        return
    # Beside each other where there is room; else, and for screen readers, in this order.
    with st.container(key="upload_detail"):
        with st.container(key="upload_number"):
            show_number(result, reader.as_read(upload), digits_only=digits_only)
        with st.container(key="upload_left"):
            _show_picture(reader, upload, result)
            show_cells(result)
        with st.container(key="upload_right"):
            if result.marks:
                edit_digits(result, upload, reader)
                show_teach(result, reader.card)
    choose_threshold()
    show_why([mark.read for mark in result.marks], reader.card)
    if len(result.counted) == 1:
        keep_digit(result.counted[0].read.image)


def _show_picture(reader: UploadReader, upload: Upload, result: Result) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="upload_tools"):
        editing = st.toggle("Edit boxes", key=EDIT, persist_state="session")
        zoomed = st.toggle(
            "Zoom",
            key=ZOOM,
            disabled=editing,
            persist_state="session",
            help="Shows the picture larger, to be moved about in its frame.",
        )
        st.button(
            "Turn",
            key="upload_turn",
            icon=":material/rotate_90_degrees_cw:",
            help="Turns the picture clockwise by 90° and reads it again.",
            on_click=turn,
            args=(upload,),
        )
        st.button(
            "Undo all",
            key="upload_reset",
            icon=":material/undo:",
            help="Takes back all that you corrected in this picture.",
            disabled=not result.corrected,
            on_click=_reset,
            args=(reader, upload),
        )
    with st.container(key="upload_picture"):
        if editing:
            edit_boxes(result, upload, reader)
        else:
            show_picture(result, reader.open(upload).preview, zoomed=zoomed)


def _reset(reader: UploadReader, upload: Upload) -> None:
    reader.correct(upload, Correction())


def _step(by: int) -> None:
    st.session_state[SHOWN] += by
