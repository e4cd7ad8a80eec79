"""Draw a digit or a number with the mouse or a finger; every stroke gets a new answer."""

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.serving import Card
from ui.canvas import CHOICE, DIGIT, NUMBER, SHEETS, show_canvas
from ui.draw.digit import prepare, recognise, show_answer, show_seen, told_of
from ui.draw.fool import show_fool
from ui.draw.inside import show_inside
from ui.draw.number import (
    prepare_number,
    read_number,
    show_number,
    show_seen_of_number,
    told_of_number,
)
from ui.draw.played import show_played
from ui.draw.share import follow_link, open_link, show_refused, show_share
from ui.draw.taught import show_taught
from ui.draw.teach import blank_hint, show_guide, show_teach
from ui.draw.welcome import show_welcome
from ui.errors import show_errors_in
from ui.frame import ensure_frame
from ui.model_choice import chosen_model, link_model
from ui.taught import show_used
from ui.threshold import choose_threshold
from ui.why import show_why

if TYPE_CHECKING:  # not before something is drawn: it takes time
    from mnist_core.pictures.postcard import Told


@st.fragment
def board(card: Card | None) -> None:
    """Show one kind of canvas and its answer: all that runs again after a stroke."""
    sheet = SHEETS[st.session_state.setdefault(CHOICE, DIGIT.title)]
    title, show = BOARDS[sheet]
    st.title(title)  # at once: what is filled in later moves the canvas under the pen
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.segmented_control(
            "What to draw",
            list(SHEETS),
            required=True,
            key=CHOICE,
            label_visibility="collapsed",
            persist_state="session",
        )
        share = st.container(width="content")
    told = show(card, st.empty())
    follow_link()
    show_share(share, sheet, told, card)


def digit_board(card: Card | None, problem: DeltaGenerator) -> "Told | None":
    """Show a small canvas for one digit, with the answer beside it; return what it says."""
    above = st.container()
    left, right = st.columns([4, 5], gap="medium")
    with st.container(key="draw_under"):
        below_left, below_right = st.columns([4, 5], gap="medium")
    drawing = show_canvas(DIGIT, left, below_left)
    with left:
        show_played()
        show_refused(drawing)
    answer = None
    with show_errors_in(problem):
        answer = recognise(drawing, card)
    with above:
        guided = show_guide(answer, card)
    with right:
        show_answer(answer, blank_hint(answer, guided=guided))
    if not guided:
        with below_right:
            show_teach(answer, card)
    show_seen(answer)
    with show_errors_in(problem):
        show_inside(answer, card)
        show_taught(card)
    choose_threshold()
    with show_errors_in(problem):
        show_why([answer] if answer and not answer.is_too_little else [], card)
        show_fool(answer, card)
        if not answer:
            prepare(card)  # while the person still looks at a blank canvas
    return told_of(answer, card)


def number_board(card: Card | None, problem: DeltaGenerator) -> "Told | None":
    """Show a wide canvas for a whole number, with the answer below it; return what it says."""
    above, place = st.container(key="draw_wide"), st.container()
    below_left, below_right = st.columns([4, 5], gap="medium")
    drawing = show_canvas(NUMBER, above, below_left)
    with above:
        show_refused(drawing)
    reading = None
    with show_errors_in(problem):
        reading = read_number(drawing, card)
    with place:
        show_number(reading)
        show_used(card)
    with below_right:
        show_seen_of_number()
    choose_threshold()
    with show_errors_in(problem):
        show_why(reading.digits if reading else [], card)
        if not reading:
            prepare_number(card)
    return told_of_number(reading, card)


BOARDS = {DIGIT: ("Draw a digit", digit_board), NUMBER: ("Draw a number", number_board)}

ensure_frame()
card = chosen_model()
link_model(card)
show_welcome()
open_link()
board(card)
