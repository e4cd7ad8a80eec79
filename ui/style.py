"""The looks of the app's own elements; Streamlit's are set in .streamlit/config.toml."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_SHEET = Path(__file__).with_name("style.css")


def use_style() -> None:
    """Add the style sheet to a page."""
    st.html(_SHEET)


def html(markup: str) -> DeltaGenerator:
    """Add HTML to a page, in an element that stays when its content changes.

    `st.html` replaces the element: but screen readers announce changes inside an element that
    stays, and bars glide only if they stay.
    """
    return st.markdown(markup, unsafe_allow_html=True)
