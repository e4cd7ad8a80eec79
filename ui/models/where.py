"""Where the person's digit lies among the test digits, as the chosen model sees them."""

import streamlit as st

from mnist_core.serving import Card
from ui.digit_map import show_digit_map
from ui.errors import show_errors_in
from ui.model_choice import predictor
from ui.own_digit import own_digit


def show_where(card: Card) -> None:
    """Show the model's map of digits, with the person's own on it if there is one."""
    with show_errors_in(st.empty()):
        image = own_digit()
        if image is None:
            show_digit_map(card, None)
            return
        found = predictor(card).predict_full(image[None])
        show_digit_map(card, found.features, int(found.probabilities[0].argmax()))
