"""The looks of the app's own elements; Streamlit's are set in .streamlit/config.toml."""

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_SHEET = Path(__file__).with_name("style.css")


def use_style() -> None:
    """Add the style sheet to a page."""
    st.html(_SHEET)


def palette() -> list[str]:
    """The theme's colours for charts; Plotly takes its own where a figure is given as JSON."""
    return st.get_option("theme.chartCategoricalColors")


def base_layout(height: int) -> dict:
    """What the layouts of all charts over an axis have in common, as Plotly's JSON."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "x unified",
        "dragmode": False,
        "colorway": palette(),
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }


def html(markup: str) -> DeltaGenerator:
    """Add HTML to a page, in an element that stays when its content changes.

    `st.html` replaces the element: but screen readers announce changes inside an element that
    stays, and bars glide only if they stay.
    """
    return st.markdown(markup, unsafe_allow_html=True)
