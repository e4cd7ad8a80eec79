"""All models in one table, side by side on the person's digit, and the card of the chosen one."""

import streamlit as st

from ui.frame import ensure_frame
from ui.model_card import show_card
from ui.model_choice import chosen_model, link_model, models
from ui.models.actions import show_actions, tell
from ui.models.answers import show_answers
from ui.models.confidence import show_confidence
from ui.models.size import show_size
from ui.models.table import show_table

ensure_frame()
st.title("Models")
st.write(
    "Every model was trained on MNIST, a collection of handwritten digits. Its test accuracy is "
    "the share of 10,000 other MNIST digits that it classifies correctly. The highlighted model is "
    "the one chosen in the sidebar; it reads your digits on all pages."
)
card = chosen_model()
link_model(card)
if card:
    tell()
    cards = models()
    show_table(cards, card)
    st.header(f"The chosen model: {card.name}")
    show_card(card)
    show_actions(card)
    st.header("Every model's answer to your digit")
    show_answers(cards, card)
    st.header("Accuracy and size")
    show_size(cards, card)
    st.header("Calibration: how far confidence can be trusted")
    show_confidence(cards, card)
