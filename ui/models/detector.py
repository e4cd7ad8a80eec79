"""The detectors that read whole pages: their cards, files and layers."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.serving import Card
from ui.layers import show_layers
from ui.model_card import show_card
from ui.models.actions import show_files

EXPLAINED = (
    "A detector finds the digits on a picture, and the signs between them; the model chosen in the "
    "sidebar reads each of these digits once more. The app uses it for pictures and for drawn "
    "numbers."
)
MEASURED = (
    "**How to read its figures.** They are of pages that code makes to be harder than photographs, "
    "with papers, hands and pens that training never saw. A piece of a page is a cutting of about "
    "300 × 150 pixels. It has no mistake where every digit is found in its place and read "
    "correctly, and nothing else is taken for one. Here the detector looks once and alone; the app "
    "also looks from closer and asks the chosen model."
)


def show_detectors(cards: Sequence[Card]) -> None:
    """Show all detectors, with their files and layers."""
    for card in cards:
        st.header(card.name)
        st.write(EXPLAINED)
        st.write(MEASURED)
        show_card(card)
        show_files(card, f"detector_{card.name}")
        with st.expander("Its layers"):
            show_layers(card)
