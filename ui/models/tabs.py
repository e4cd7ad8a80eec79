"""What the models page shows below its table, in tabs of which the open one alone is computed."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.serving import Card
from ui.model_card import show_card
from ui.models.actions import show_actions
from ui.models.answers import show_answers
from ui.models.confidence import show_confidence
from ui.models.detector import show_detectors
from ui.models.size import show_size
from ui.models.where import show_where
from ui.tabs import show_tabs

TAB = "models_tab"  # the session key of the open one's title
TABS = {
    "size": "Accuracy and size",
    "card": "The chosen model",
    "answers": "Answers to your digit",
    "map": "Map of digits",
    "calibration": "Calibration",
}
DETECTOR = {"detector": "The detector"}


def show_parts(cards: list[Card], chosen: Card, detectors: Sequence[Card]) -> None:
    """Show the tabs."""
    name, tab = show_tabs(TABS | DETECTOR if detectors else TABS, TAB)
    with tab:
        if name == "size":
            show_size(cards, chosen)
        elif name == "card":
            st.header(chosen.name)
            show_card(chosen)
            show_actions(chosen)
        elif name == "answers":
            show_answers(cards, chosen)
        elif name == "map":
            show_where(chosen)
        elif name == "calibration":
            show_confidence(cards, chosen)
        else:
            show_detectors(detectors)
