"""Accuracy against size or work: what a larger model is worth."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.serving import Card
from ui.card_metrics import corrupted_accuracy
from ui.charts import base_layout
from ui.formats import size
from ui.model_colours import model_styles
from ui.style import html
from ui.tables import values

Measure = Callable[[Card], float | None]

OF, AGAINST = "models_size_of", "models_size_against"
HEIGHT = 380
ROOM = 0.35  # tenfolds that the axis goes beyond the smallest and the largest model
MARKERS = (("circle", 11), ("star", 16))
FEWEST_ERRORS = 0.0005  # the least share of errors on the axis: a logarithm knows no 0
TICKS = (0.9, 0.8, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)  # of the same
PLOT, LETTER = (250, 250), (6.5, 14)  # pixels of the plot on a phone, and of a letter of a name
# From a point to where its name begins: in widths of the name, and pixels to the right and up.
SIDES = {
    "top center": (-0.5, 0, 15),
    "bottom center": (-0.5, 0, -15),
    "middle right": (0, 10, 0),
    "middle left": (-1, -10, 0),
}
EXPLAINED = (
    "Each point is a model, the star is the chosen one: higher is more accurate, further left is "
    "{less}. A model is worth its {cost} if none further left is higher. Both axes are "
    "logarithmic: {tenfold}, and from 90% to 99% correct, a tenth of the mistakes, as far as from "
    "99% to 99.9%."
)


@dataclass(frozen=True)
class Cost:
    """What a model costs, as it stands on the axis.

    Attributes
    ----------
    of : from a card, in the unit of the axis; None where the card does not tell
    words : the same for people
    axis, less, cost, tenfold : words for the axis and for what is explained
    """

    of: Measure
    words: Callable[[Card], str]
    axis: str
    less: str
    cost: str
    tenfold: str


@st.fragment
def show_size(cards: list[Card], chosen: Card) -> None:
    """Show a point for each model, on clean or corrupted digits; the values as a table below."""
    explained = st.empty()
    left, right = st.columns(2, gap="medium")
    against = _choose(right, "Against", COSTS, AGAINST)
    cost = COSTS[against]
    explained.write(EXPLAINED.format(less=cost.less, cost=cost.cost, tenfold=cost.tenfold))
    of = _choose(left, "Digits", MEASURES, OF)
    measure = MEASURES[of]
    found = {card.name: measure(card) for card in cards}
    accuracies = {name: accuracy for name, accuracy in found.items() if accuracy is not None}
    measured = [card for card in cards if card.name in accuracies]
    known = sorted((card for card in measured if cost.of(card)), key=lambda c: cost.of(c) or 0)
    if not known:
        st.caption(
            f"No card tells {against.lower()}."
            if measured
            else f"No model was measured on {of.lower()} digits."
        )
        return
    with st.container(key="models_size"):
        st.plotly_chart(
            _figure(known, chosen, accuracies, cost),
            key="models_size_chart",
            config={"displayModeBar": False},
            alt=f"Accuracy on {of.lower()} digits against {against.lower()}, one point a model; "
            "the values are in the table below",
        )
    missing = [card.name for card in cards if card.name not in accuracies]
    if missing:
        st.caption(f"Not measured on {of.lower()} digits: {', '.join(missing)}.")
    if untold := [card.name for card in measured if card not in known]:
        st.caption(f"Without {against.lower()} on its card: {', '.join(untold)}.")
    html(_table(known, accuracies, cost, (against, f"Accuracy, {of.lower()}")))


def _choose(place: DeltaGenerator, label: str, options: Mapping[str, Any], key: str) -> str:
    """Let the person choose one of several views of the plot; at first the first one."""
    return place.segmented_control(
        label,
        list(options),
        default=next(iter(options)),
        required=True,
        key=key,
        persist_state="session",
    )


def multiplications(card: Card) -> float | None:
    """Return how many million multiplications a network needs for an image, about.

    That is each weight at all the places that it is used at; None if the card has no layers.
    """
    total = 0
    for layer in card.layers:
        if layer["kind"] in ("Conv2D", "Dense"):
            total += layer["parameters"] * math.prod(layer["output"][:-1])
    return total / 1e6 or None


def _figure(
    cards: Sequence[Card], chosen: Card, accuracies: Mapping[str, float], cost: Cost
) -> dict[str, Any]:
    """Return points as Plotly's JSON, with the models' names."""
    costs = {card.name: cost.of(card) or 0.0 for card in cards}
    across = [math.log10(costs[card.name]) for card in cards]
    sideways = [across[0] - ROOM, across[-1] + ROOM]
    upwards = _within([_height(accuracies[card.name]) for card in cards])
    styles = model_styles([card.name for card in cards], 0)
    sides = sides_of(
        [card.name for card in cards],
        [_part(x, sideways) for x in across],
        [_part(_height(accuracies[card.name]), upwards) for card in cards],
    )
    groups = {  # the chosen one lies on top
        "Other models": [card for card in cards if card.name != chosen.name],
        "The chosen model": [card for card in cards if card.name == chosen.name],
    }
    traces = [
        {
            "type": "scatter",
            "mode": "markers+text",
            "name": name,
            "x": [costs[card.name] for card in group],
            "y": [_height(accuracies[card.name]) for card in group],
            "text": [card.name for card in group],
            "customdata": [f"{accuracies[card.name]:.2%}, {cost.words(card)}" for card in group],
            "textposition": [sides[card.name] for card in group],
            "textfont": {"size": 12},
            "marker": {
                "symbol": symbol,
                "size": pixels,
                "color": [styles[card.name]["marker"]["color"] for card in group],
                "opacity": 1,
            },
            "cliponaxis": False,
            "hovertemplate": "%{text}<br>%{customdata}<extra></extra>",
        }
        for (name, group), (symbol, pixels) in zip(groups.items(), MARKERS, strict=True)
        if group
    ]
    return {
        "data": traces,
        "layout": {
            **base_layout(HEIGHT),
            "hovermode": "closest",
            "showlegend": False,
            "xaxis": {
                "title": {"text": cost.axis},
                "type": "log",
                "range": sideways,
                "tickvals": [step * 10**power for power in range(-3, 4) for step in (1, 2, 5)],
                "showgrid": False,
            },
            "yaxis": {
                "title": {"text": "Accuracy"},
                "range": upwards,
                "tickvals": [_height(1 - errors) for errors in TICKS],
                "ticktext": [f"{100 * (1 - errors):.4g}%" for errors in TICKS],
                "zeroline": False,
            },
        },
    }


def sides_of(
    names: Sequence[str], across: Sequence[float], upwards: Sequence[float]
) -> dict[str, str]:
    """Return on which sides of their points names stand, covering each other least.

    The places of points are shares of the plot; sizes are those on a phone, which has least room.
    """
    points = [(PLOT[0] * x, PLOT[1] * y) for x, y in zip(across, upwards, strict=True)]
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in points]
    taken += [(-PLOT[0], 0, 0, PLOT[1]), (PLOT[0], 0, 2 * PLOT[0], PLOT[1])]  # beyond the plot
    sides = {}
    for name, (x, y) in zip(names, points, strict=True):
        width, height = LETTER[0] * len(name), LETTER[1]
        boxes = {}
        for side, (share, right, up) in SIDES.items():
            left, low = x + share * width + right, y + up - height / 2
            boxes[side] = (left, low, left + width, low + height)
        covered = {side: sum(_shared(box, other) for other in taken) for side, box in boxes.items()}
        sides[name] = min(covered, key=lambda side: covered[side])
        taken.append(boxes[sides[name]])
    return sides


def _shared(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the area that two boxes (left, low, right, high) share."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def _part(value: float, within: list[float]) -> float:
    low, high = within
    return (value - low) / (high - low)


def _height(accuracy: float) -> float:
    """Return where an accuracy lies on the axis: a tenth of the errors is 1 higher."""
    return -math.log10(max(1 - accuracy, FEWEST_ERRORS))


def _within(heights: list[float]) -> list[float]:
    low, high = min(heights), max(heights)
    margin = max(0.2 * (high - low), 0.1)
    return [low - margin, high + margin]


def _table(
    cards: Sequence[Card], accuracies: Mapping[str, float], cost: Cost, headings: Sequence[str]
) -> str:
    rows = "".join(
        f'<tr><th scope="row">{card.name}</th><td>{cost.words(card)}</td>'
        f"<td>{accuracies[card.name]:.2%}</td></tr>"
        for card in cards
    )
    head = "".join(f'<th scope="col">{heading}</th>' for heading in ("Model", *headings))
    return values(f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody>")


def _bytes(card: Card) -> int:
    return max(card.files["model.tflite"]["bytes"], 1)


def _multiplications_in_words(card: Card) -> str:
    return f"{multiplications(card) or 0:.3g} million"


def _clean(card: Card) -> float | None:
    return card.metrics["test"]["accuracy"]


MEASURES: dict[str, Measure] = {"Clean": _clean, "Corrupted": corrupted_accuracy}
COSTS = {
    "Size": Cost(
        lambda card: _bytes(card) / 1e6,
        lambda card: size(_bytes(card)),
        "Size in MB",
        "smaller",
        "size",
        "from 0.1 to 1 MB is as far as from 1 to 10 MB",
    ),
    "Multiplications": Cost(
        multiplications,
        _multiplications_in_words,
        "Million multiplications an image",
        "less work",
        "work",
        "from 0.1 to 1 million is as far as from 1 to 10 million",
    ),
}
