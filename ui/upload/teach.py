"""Teach the model the digits of a picture that a person has corrected."""

import uuid

import streamlit as st

from mnist_core.pixels import to_uint8
from mnist_core.serving import Card
from ui.giving import is_teaching_allowed, teach_instead
from ui.taught import TaughtDigit, can_be_taught, in_words, is_known
from ui.upload.result import Result


def show_teach(result: Result, card: Card) -> None:
    """Offer to teach the corrected digits of a picture; it is then read again with that.

    They are not given to the collection: a crop of a picture is no drawing.
    """
    own = [(to_uint8(m.read.image), m.digit) for m in result.marks if m.own and m.digit is not None]
    if not own or not can_be_taught(card) or not is_teaching_allowed():
        return
    new = [
        TaughtDigit(image, label, uuid.uuid4().hex)
        for image, label in own
        if not is_known(image, label)
    ]
    st.button(
        f"Teach this: {in_words(len(new))}" if new else "Your corrections are taught",
        key="upload_teach",
        icon=":material/school:",
        disabled=not new,
        help="Teaches the model the digits that you have corrected, for this visit. All pictures "
        "are then read again.",
        on_click=teach_instead,
        args=tuple(new),
    )
