"""Corrupt the test images and watch a model's accuracy fall."""

import streamlit as st

from mnist_core.serving import Card
from ui.errors import show_errors_in
from ui.frame import ensure_frame
from ui.mnist import ensure_mnist
from ui.model_choice import chosen_model, models
from ui.robustness.choice import Choice, choose, write_link
from ui.robustness.contrast import show_contrast
from ui.robustness.figures import measure_figures
from ui.robustness.own_digit import show_own_digit
from ui.robustness.result import (
    lay_out,
    show_accuracy,
    show_by_digit,
    show_in_words,
    show_partner,
)
from ui.robustness.tabs import show_parts
from ui.robustness.worst import show_worst


def show_all(card: Card, choice: Choice) -> None:
    """Show everything that needs the test images, the fastest first."""
    partner = next((c for c in models() if c.name in choice.others[:1]), None)
    places = lay_out(pair=bool(partner))
    figures = [measure_figures(card, choice.condition, places.status)]
    show_accuracy(figures[0], places)
    if partner:
        figures.append(show_partner(partner, choice.condition, places))
    else:
        with places.beside, st.container(key="robustness_bars"):
            show_by_digit(figures[0])
    show_in_words(figures, places.words)
    show_contrast([card, partner] if partner else [card], choice.condition)
    show_worst(card, choice.condition.seed)
    show_parts(card, choice, figures)


ensure_frame()
st.title("Robustness")
st.write(
    "Corrupt 10,000 handwritten digits that no model was trained on: how many does a model still "
    "read?"
)
card = chosen_model()
if card:
    choice = choose(card)
    write_link(choice, card)
    with show_errors_in(st.container()):
        if ensure_mnist():
            show_all(card, choice)
        else:
            show_own_digit(card, choice.condition)
