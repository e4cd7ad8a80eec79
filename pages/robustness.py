"""Damage the test images and watch what a model still reads."""

import streamlit as st

from mnist_core.serving import Card
from ui.confusion import choose_first, show_confusion
from ui.errors import show_errors_in
from ui.frame import ensure_frame
from ui.mnist import ensure_mnist
from ui.model_choice import chosen_model
from ui.robustness.choice import Choice, choose, compare, write_link
from ui.robustness.curve import show_curve
from ui.robustness.own_digit import show_own_digit
from ui.robustness.result import show_accuracy, show_strip
from ui.robustness.table import show_robustness_table


def show_all(card: Card, choice: Choice) -> None:
    """Everything that needs the test images, the fastest first."""
    here, clean = show_accuracy(card, choice.condition)
    show_strip(here, clean, choice.condition)
    own(card, choice)
    st.header("Accuracy over severity")
    compare(card)
    show_curve(card, choice)
    st.header("What is taken for what")
    choose_first(here)
    show_confusion(here, choice.condition)
    st.header("Every kind of damage")
    show_robustness_table(card, choice.condition.seed)


def own(card: Card, choice: Choice) -> None:
    st.header("Your own digit")
    show_own_digit(card, choice.condition)


ensure_frame()
st.title("Robustness")
st.write("Damage 10,000 handwritten digits and see which of them a model still reads right.")
card = chosen_model()
if card:
    choice = choose(card)
    write_link(choice, card)
    with show_errors_in(st.container()):
        if ensure_mnist():
            show_all(card, choice)
        else:
            own(card, choice)
