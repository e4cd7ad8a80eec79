"""All models in one table, side by side on the person's digit, and the card of the chosen one."""

import streamlit as st

from ui.frame import ensure_frame
from ui.model_card import show_card
from ui.model_choice import all_models, chosen_model, link_model, models
from ui.models.actions import show_actions, show_feedback
from ui.models.answers import show_answers
from ui.models.confidence import show_confidence
from ui.models.detector import show_detectors
from ui.models.size import show_size
from ui.models.table import INTRO, show_table
from ui.models.where import show_where
from ui.session import link_owner

ensure_frame()
st.title("Models")
st.write(INTRO)
card = chosen_model()
link_model(card)
link_owner()
if card:
    show_feedback()
    cards = models()
    show_table(cards, card)
    st.header(f"The chosen model: {card.name}")
    show_card(card)
    show_actions(card)
    st.header("Every model's answer to your digit")
    show_answers(cards, card)
    st.header(f"Where digits lie for {card.name}")
    show_where(card)
    st.header("Accuracy and size")
    show_size(cards, card)
    st.header("Calibration: how far confidence can be trusted")
    show_confidence(cards, card)
show_detectors([card for card in all_models() if card.is_detector])
