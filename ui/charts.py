"""What charts and heat maps have in common: colours, lines, symbols and layout."""

from typing import Any

import numpy as np
import streamlit as st

SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
# From cividis, which looks alike to colour-blind people: dark is bad, light is good.
SCALE = ((0, 34, 78), (53, 69, 108), (125, 124, 120), (188, 174, 108), (254, 232, 56))
WHITE_BELOW = 0.45  # accuracy below which text on the scale is white


def palette() -> list[str]:
    """Return the theme's colours for charts; Plotly uses its own for figures given as JSON."""
    return st.get_option("theme.chartCategoricalColors")


def base_layout(height: int) -> dict[str, Any]:
    """Return what the layouts of all charts over an axis have in common, as Plotly's JSON."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "x unified",
        "dragmode": False,
        "colorway": palette(),
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }


def heat_cell(accuracy: float | None) -> str:
    """Build a table cell whose colour shows how good an accuracy in [0, 1] is."""
    if accuracy is None:
        return "<td>…</td>"
    stops = np.linspace(0, 1, len(SCALE))
    colour = ",".join(
        f"{np.interp(accuracy, stops, part):.0f}" for part in zip(*SCALE, strict=True)
    )
    ink = "#fff" if accuracy < WHITE_BELOW else "#000"
    return f'<td style="background:rgb({colour});color:{ink}">{accuracy * 100:.1f}</td>'
