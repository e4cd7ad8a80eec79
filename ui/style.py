"""The looks of the app's own elements; Streamlit's are set in .streamlit/config.toml."""

from pathlib import Path

import streamlit as st

_SHEET = Path(__file__).with_name("style.css")


def use_style() -> None:
    """Add the style sheet to a page."""
    st.html(_SHEET)
