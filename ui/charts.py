"""What charts and heat maps have in common: colours, lines, symbols and layout."""

from typing import Any

import numpy as np
import streamlit as st

_SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x")
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
# From cividis, which looks alike to colour-blind people: dark is bad, light is good.
SCALE = ((0, 34, 78), (53, 69, 108), (125, 124, 120), (188, 174, 108), (254, 232, 56))
LIGHT = 0.179  # relative luminance of WCAG from which on black text has more contrast than white
# The scale's ends, as shares of errors: its steps are equal ratios, so that 97% and 99.6% differ.
MOST_ERRORS, FEWEST_ERRORS = 0.9, 0.003
TICKS = (0.1, 0.5, 0.8, 0.9, 0.97, 0.99, 0.997)  # accuracies that are written beside the scale


def palette() -> list[str]:
    """Return the theme's colours for charts; Plotly uses its own for figures given as JSON."""
    return st.get_option("theme.chartCategoricalColors")


def curve_style(place: int, size: int) -> dict[str, Any]:
    """Return how a curve looks, as Plotly's JSON.

    Symbols begin again after the sixth curve, and colours after the last one, but with another
    kind of line.

    Parameters
    ----------
    place : among the curves of a chart, from 0
    size : of its symbols, in pixels
    """
    dash = _DASHES[(place + place // len(_SYMBOLS)) % len(_DASHES)]
    symbol = _SYMBOLS[place % len(_SYMBOLS)]
    colours = palette()
    colour = colours[place % len(colours)]
    marker = {"symbol": symbol, "size": size, "opacity": 1, "color": colour}
    return {"line": {"dash": dash, "width": 2, "color": colour}, "marker": marker}


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
    place = place_on_scale(accuracy)
    stops = np.linspace(0, 1, len(SCALE))
    colour = np.round([np.interp(place, stops, part) for part in zip(*SCALE, strict=True)])
    ink = "#000" if luminance(colour) > LIGHT else "#fff"
    shade = ",".join(f"{part:.0f}" for part in colour)
    return f'<td style="background:rgb({shade});color:{ink}">{accuracy * 100:.1f}</td>'


def luminance(colour: np.ndarray) -> float:
    """Return the relative luminance of WCAG 2 of a colour of sRGB, each part from 0 to 255."""
    parts = colour / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def place_on_scale(accuracy: float) -> float:
    """Return where an accuracy lies on the scale: 0 at its dark end, 1 at its light one."""
    errors = min(max(1 - accuracy, FEWEST_ERRORS), MOST_ERRORS)
    return float(np.log(MOST_ERRORS / errors) / np.log(MOST_ERRORS / FEWEST_ERRORS))


def scale_bar() -> str:
    """Build the bar that explains the colours of `heat_cell`."""
    colours = ",".join(f"rgb{colour}" for colour in SCALE)
    ticks = "".join(
        f'<i style="left:{place_on_scale(tick):.1%}">{tick * 100:g}</i>' for tick in TICKS
    )
    label = "Colours: dark for few correct answers, light for many; each step divides the errors"
    return (
        f'<div class="dl-scale" role="img" aria-label="{label}">'
        f'<b style="background:linear-gradient(90deg,{colours})"></b>{ticks}</div>'
    )
