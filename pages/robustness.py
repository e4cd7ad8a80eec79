"""Corrupt the test images and watch a model's accuracy fall."""

import streamlit as st

from mnist_core.serving import Card
from ui.confusion import choose_first, show_confusion
from ui.errors import show_errors_in
from ui.frame import ensure_frame
from ui.mnist import ensure_mnist
from ui.model_choice import chosen_model, models
from ui.robustness.choice import Choice, choose, compare, write_link
from ui.robustness.contrast import show_contrast
from ui.robustness.curve import show_curve
from ui.robustness.figures import measure_figures
from ui.robustness.game import show_game
from ui.robustness.own_digit import show_own_digit
from ui.robustness.result import lay_out, show_accuracy, show_by_digit, show_partner
from ui.robustness.table import show_robustness_table


def show_all(card: Card, choice: Choice) -> None:
    """Show everything that needs the test images, the fastest first."""
    places = lay_out()
    figures = measure_figures(card, choice.condition, places.status)
    show_accuracy(figures, places)
    partner = next((c for c in models() if c.name in choice.others[:1]), None)
    beside = show_partner(partner, choice.condition, places) if partner else None
    if not beside:
        with places.beside:
            show_by_digit(figures)
    show_contrast([card, partner] if partner else [card], choice.condition)
    st.header("Accuracy by severity")
    compare(card)
    show_curve(card, choice)
    show_game(card)
    own(card, choice)
    st.header("Confusion matrix: which digits get mixed up")
    if beside:
        show_by_digit(figures, beside)
    choose_first(figures.corrupted)
    show_confusion(figures.corrupted, figures.condition)
    st.header("All corruptions")
    show_robustness_table(card, choice.condition.seed)


def own(card: Card, choice: Choice) -> None:
    """Show the person's own digit under the same corruption."""
    st.header("Your own digit")
    show_own_digit(card, choice.condition)


ensure_frame()
st.title("Robustness")
st.write(
    "Corrupt 10,000 handwritten digits that no model was trained on, and see how many of them a "
    "model still classifies correctly. Which corruption hurts most? "
    "[All of them in one table](#all-corruptions)"
)
card = chosen_model()
if card:
    choice = choose(card)
    write_link(choice, card)
    with show_errors_in(st.container()):
        if ensure_mnist():
            show_all(card, choice)
        else:
            own(card, choice)
