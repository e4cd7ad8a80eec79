"""All models in one table; below it what else is known of them, and of the chosen one."""

import streamlit as st

from ui.frame import ensure_frame
from ui.model_choice import all_models, chosen_model, link_model, models
from ui.models.actions import show_feedback
from ui.models.detector import show_detectors
from ui.models.table import INTRO, show_table
from ui.models.tabs import show_parts
from ui.session import link_owner

ensure_frame()
st.title("Models")
st.write(INTRO)
card = chosen_model()
link_model(card)
link_owner()
detectors = [card for card in all_models() if card.is_detector]
if card:
    show_feedback()
    cards = models()
    show_table(cards, card)
    show_parts(cards, card, detectors)
else:
    show_detectors(detectors)
