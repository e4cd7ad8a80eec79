"""Calibration and selective prediction: how far a model's confidence can be trusted."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from mnist_core.evaluation.metrics import CALIBRATION_BINS, COVERAGES, accuracy_interval
from mnist_core.serving import Card
from ui.card_metrics import KINDS, Bin, calibration_error, reliability, selective
from ui.charts import base_layout
from ui.model_colours import model_styles
from ui.style import html
from ui.tables import values

BESIDE = "models_beside"
AT_MOST = 4  # models beside each other, the chosen one among them
HEIGHT = 320
FEW = 30  # answers; below that, no curve goes through their point
INTRO = (
    "A model gives a digit and its confidence: how sure it is, in percent. These charts test that "
    "confidence on the 10,000 test digits, clean and corrupted. Each corrupted digit has one of "
    "many corruptions at severity 0.5, the middle of the scale."
)
RELIABILITY = (
    "**Calibration: is it right as often as it claims?** Each point groups answers of similar "
    "confidence. On the dotted line, confidence and accuracy are the same: perfect calibration. "
    "Below it the model is overconfident, above it underconfident. The larger a point, the more "
    "answers it stands for. Bars are 95% intervals, within which a point varies by chance; faded "
    f"points stand for fewer than {FEW} answers, too few to tell."
)
COVERAGE = (
    "**Selective prediction: what if it may abstain?** Let a model answer only when it is most "
    "confident, and leave the rest to a person. At 90% coverage it abstains from one digit in ten, "
    "and the curve shows its accuracy on the others. The better a model knows its own limits, the "
    "more its accuracy rises as coverage falls."
)
AGREED = {  # the line on which confidence and accuracy agree
    "type": "scatter",
    "mode": "lines",
    "name": "Perfect calibration",
    "x": [0, 1],
    "y": [0, 1],
    "line": {"dash": "dot", "width": 1.5, "color": "#808b98"},
    "hoverinfo": "skip",
}
ON = {"clean": "Clean digits", "damaged": "Corrupted digits"}


@st.fragment
def show_confidence(cards: list[Card], chosen: Card) -> None:
    """Show the curves of the chosen model and of those beside it; their values as tables."""
    st.write(INTRO)
    compared = [chosen, *_beside(cards, chosen)]
    missing = [card.name for card in compared if not any(reliability(card, k) for k in KINDS)]
    if len(missing) == len(compared):
        st.info(f"Not measured: {', '.join(missing)}.", icon=":material/info:")
        return
    if missing:
        st.caption(f"Not measured: {', '.join(missing)}.")
        compared = [card for card in compared if card.name not in missing]
    st.write(RELIABILITY)
    _pair(
        compared, "reliability", _reliability_figure, _reliability_table, "Accuracy by confidence"
    )
    st.write(COVERAGE)
    _pair(compared, "coverage", _coverage_figure, _coverage_table, "Accuracy by coverage")


def _beside(cards: list[Card], chosen: Card) -> list[Card]:
    """Show the choice of models beside the chosen one, and return it."""
    others = {card.name: card for card in cards if card.name != chosen.name}
    state = st.session_state
    state[BESIDE] = [name for name in state.get(BESIDE, []) if name in others][: AT_MOST - 1]
    names = st.multiselect(
        "Compare with",
        list(others),
        key=BESIDE,
        max_selections=AT_MOST - 1,
        placeholder="Choose other models",
        persist_state="session",
        help=f"Up to {AT_MOST - 1} others.",
    )
    return [others[name] for name in names]


def _pair(
    cards: Sequence[Card],
    key: str,
    figure: Callable[[Sequence[Card], str], dict[str, Any]],
    table: Callable[[Sequence[Card], str], str],
    alt: str,
) -> None:
    """Show a chart of clean digits and one of corrupted ones, each with its values."""
    for place, kind in zip(st.columns(2, gap="medium"), KINDS, strict=True):
        with place, st.container(key=f"models_{key}_{kind}"):
            html(f"<p class='dl-note'><b>{ON[kind]}</b>{_errors(cards, key, kind)}</p>")
            st.plotly_chart(
                figure(cards, kind),
                key=f"models_{key}_{kind}_chart",
                config={"displayModeBar": False},
                alt=f"{alt}, {ON[kind].lower()}; the values are in the table below",
            )
            html(table(cards, kind))


def _errors(cards: Sequence[Card], key: str, kind: str) -> str:
    """Return the calibration errors, for beside the title of the chart that shows them."""
    if key != "reliability":
        return ""
    found = [(card, calibration_error(card, kind)) for card in cards]
    texts = [
        f"{error:.2%}" if len(cards) == 1 else f"{card.name} {error:.2%}"
        for card, error in found
        if error is not None
    ]
    return f", calibration error: {', '.join(texts)}" if texts else ""


def _reliability_figure(cards: Sequence[Card], kind: str) -> dict[str, Any]:
    """Return confidence and accuracy as Plotly's JSON; building its objects takes longer."""
    traces, styles = [], model_styles([card.name for card in cards], 7)
    for card in cards:
        bins = reliability(card, kind)
        most = max((b.n for b in bins), default=1)
        many, few = ([b for b in bins if (b.n < FEW) == is_few] for is_few in (False, True))
        traces.append(_points(card, styles[card.name], many, most))
        faded = {"mode": "markers", "opacity": 0.4, "showlegend": False}
        traces.append(_points(card, styles[card.name], few, most) | faded)
    traces.append(AGREED)
    axis = {"range": [-0.03, 1.03], "tickformat": ".0%", "dtick": 0.2}
    return {
        "data": traces,
        "layout": {
            **base_layout(HEIGHT),
            "hovermode": "closest",
            "xaxis": {"title": {"text": "Confidence"}, **axis},
            "yaxis": {"title": {"text": "Accuracy"}, **axis},
        },
    }


def _points(card: Card, style: dict[str, Any], bins: Sequence[Bin], most: int) -> dict[str, Any]:
    """Return a curve through these bins, with their 95% intervals.

    Parameters
    ----------
    most : answers that the largest point of the model stands for
    """
    ends = [accuracy_interval(round(b.accuracy * b.n), b.n) for b in bins]
    return _trace(card, style, [b.confidence for b in bins], [b.accuracy for b in bins]) | {
        "legendgroup": card.name,  # a click on its name hides the faded points too
        "marker": style["marker"] | {"size": [5 + 11 * (b.n / most) ** 0.25 for b in bins]},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [max(high - b.accuracy, 0) for b, (_, high) in zip(bins, ends, strict=True)],
            "arrayminus": [
                max(b.accuracy - low, 0) for b, (low, _) in zip(bins, ends, strict=True)
            ],
            "thickness": 1,
            "width": 3,
        },
        "customdata": [
            [f"{b.n:,}", f"{low:.1%} to {high:.1%}"]
            for b, (low, high) in zip(bins, ends, strict=True)
        ],
        "hovertemplate": f"{card.name}: %{{x:.1%}} confident, %{{y:.1%}} correct, of "
        "%{customdata[0]}; 95% interval %{customdata[1]}<extra></extra>",
    }


def _coverage_figure(cards: Sequence[Card], kind: str) -> dict[str, Any]:
    """Return accuracy by the share of digits that are answered, as Plotly's JSON."""
    curves = [selective(card, kind) for card in cards]
    styles = model_styles([card.name for card in cards], 7)
    lowest = min((min(curve) for curve in curves if curve), default=0)
    floor = max(0, lowest - 0.08 * (1 - lowest))
    return {
        "data": [
            _trace(card, styles[card.name], list(COVERAGES) if curve else [], curve)
            | {"hovertemplate": "%{y:.2%}"}
            for card, curve in zip(cards, curves, strict=True)
        ],
        "layout": {
            **base_layout(HEIGHT),
            "xaxis": {
                "title": {"text": "Coverage: share of digits answered"},
                "range": [COVERAGES[0] - 0.02, 1.02],
                "tickformat": ".0%",
                "hoverformat": ".1~%",
                "dtick": 0.1,
            },
            "yaxis": {
                "title": {"text": "Accuracy on these"},
                "range": [floor, 1 + 0.05 * (1 - floor)],
                "tickformat": ".4~p",
            },
        },
    }


def _trace(card: Card, style: dict[str, Any], x: list[float], y: list[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": card.name,
        "x": x or [None],  # without any point it would be missing from the legend
        "y": y or [None],
        **style,
        "cliponaxis": False,  # a point on the edge is drawn whole
    }


def _reliability_table(cards: Sequence[Card], kind: str) -> str:
    found = [{b.place: b for b in reliability(card, kind)} for card in cards]
    rows = [
        (
            f"{place / CALIBRATION_BINS:.0%} to {(place + 1) / CALIBRATION_BINS:.0%}",
            *(f"{b[place].accuracy:.1%} of {b[place].n:,}" if place in b else "" for b in found),
        )
        for place in range(CALIBRATION_BINS)
        if any(place in bins for bins in found)
    ]
    return _table("Confidence", cards, rows)


def _coverage_table(cards: Sequence[Card], kind: str) -> str:
    curves = [selective(card, kind) for card in cards]
    rows = [
        (f"{share:.4g}%", *(f"{curve[place]:.2%}" if curve else "" for curve in curves))
        for place, share in enumerate(100 * coverage for coverage in COVERAGES)
    ]
    return _table("Coverage", cards, rows)


def _table(first: str, cards: Sequence[Card], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{text}</th>' for text in (first, *(c.name for c in cards)))
    body = "".join(
        f'<tr><th scope="row">{label}</th>'
        + "".join(f"<td>{c or '–'}</td>" for c in cells)
        + "</tr>"
        for label, *cells in rows
    )
    return values(f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>")
