"""Draw a digit with the mouse or a finger; every stroke gets a new answer."""

import streamlit as st

from mnist_core.storage import Card
from ui.answer import read, show_answer, show_seen, told_in, warm
from ui.canvas import canvas, clear
from ui.frame import need_frame
from ui.models import chosen_model, link_model
from ui.style import use_style


@st.fragment
def board(card: Card | None) -> None:
    """The canvas and its answer: all that runs again after a stroke."""
    problem = st.empty()
    left, right = st.columns([4, 5], gap="medium")
    below_left, below_right = st.columns([4, 5], gap="medium")
    pen_width = below_left.slider(
        "Pen width",
        min_value=6,
        max_value=32,
        value=18,
        step=2,
        key="pen_width",
        help="For your eyes: the network sees every drawing with lines of the same thickness.",
        persist_state="session",
    )
    with left:
        st.button("Clear", key="draw_clear", icon=":material/ink_eraser:", on_click=clear)
        with st.container(key="draw_canvas"):
            drawing = canvas(pen_width)

    reading = None
    with told_in(problem):
        reading = read(drawing, card)
    with right:
        show_answer(reading)
    with below_right:
        show_seen(reading)
    if not reading:
        with told_in(problem):
            warm(card)  # while the person still looks at a blank canvas


need_frame()
use_style()
st.title("Draw a digit")
card = chosen_model()
link_model(card)
board(card)
