"""Each digit as the model gets it, over a field in which a person corrects it."""

from itertools import groupby

import streamlit as st

from ui.formats import percent
from ui.pictures import picture
from ui.style import html
from ui.upload.corrections import NUMERALS, with_own
from ui.upload.files import Upload
from ui.upload.picture import STATES
from ui.upload.reader import UploadReader
from ui.upload.result import Mark, Result

MAX_DIGITS = 120  # digits that are shown
EXPLAINED = (
    '<p class="dl-note"><b>What the network sees</b>: each digit on 28 × 28 pixels, and how sure '
    "it is. To correct a digit, type the right one below it; clear the field to leave it out.</p>"
)
NO_DIGIT = (
    "“{}” is no digit, so nothing was changed. Type one from 0 to 9, or clear the field to leave "
    "the digit out."
)


def edit_digits(result: Result, upload: Upload, reader: UploadReader) -> None:
    """Show each digit over a field; what the person types there is kept as a correction.

    Each line of the number begins a new row; style.css says how wide a digit is.
    """
    html(EXPLAINED)
    shown = enumerate(result.marks[:MAX_DIGITS])
    with st.container(gap="xsmall", key="upload_digits"):
        for _, line in groupby(shown, lambda placed: placed[1].read.line):
            with st.container(horizontal=True, gap="xsmall"):
                for place, mark in line:
                    with st.container(gap=None):
                        _edit(place, mark, upload, reader)
    if len(result.marks) > MAX_DIGITS:
        st.caption(f"{len(result.marks) - MAX_DIGITS} more digits are not shown here.")


def _edit(place: int, mark: Mark, upload: Upload, reader: UploadReader) -> None:
    state, key = st.session_state, f"upload_digit_{place}"
    text = "" if mark.digit is None else str(mark.digit)

    def take() -> None:
        typed = state[key].strip()
        if typed in ("", *NUMERALS):
            own = int(typed) if typed else None
            reader.correct(upload, with_own(reader.correction(upload), mark.read, own))
        else:
            state[key] = text
            st.toast(NO_DIGIT.format(typed))

    # Setting a value replaces what a person may be typing there right now.
    if state.get(key) != text:
        state[key] = text
    html(f"<div>{picture(mark.read.image, _alt(mark))}</div>")
    st.text_input(
        f"Digit {place + 1}, read as {mark.read.digit}",
        key=key,
        max_chars=1,
        label_visibility="collapsed",
        on_change=take,
    )
    word = STATES[mark.state].word
    detail = f"read as {mark.read.digit}" if mark.own else percent(mark.read.confidence)
    if mark.state == "out":
        detail = f"{mark.read.digit}? {detail}"
    strong = f"<b>{word}</b>" if word else ""
    html(f'<div class="dl-seen-told dl-{mark.state}"><span>{detail}</span>{strong}</div>')


def _alt(mark: Mark) -> str:
    return f"Read as {mark.read.digit}, {percent(mark.read.confidence)} sure"
