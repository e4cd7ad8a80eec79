"""The curve of accuracy by severity, measured in the background point by point."""

from typing import Any

import streamlit as st

from mnist_core.corruptions import title
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import Point
from mnist_core.serving import Card
from ui.background import Section, background
from ui.charts import base_layout
from ui.measured import Condition, point_of
from ui.model_choice import models
from ui.model_colours import model_styles
from ui.robustness.choice import Choice
from ui.style import html
from ui.tables import values

# In tenths: the ends first, then the gaps between, so that the curve soon has its shape.
ORDER = (0, 10, 5, 2, 8, 4, 6, 1, 3, 7, 9)
HEIGHT = 360
Curves = dict[str, dict[float, dict[str, Any]]]  # model -> severity -> report


def show_curve(card: Card, choice: Choice) -> None:
    """Show the curves of the chosen model and of those it is compared with."""
    cards = {other.name: other for other in models()} | {card.name: card}
    names = [name for name in (card.name, *choice.others) if name in cards]
    corruption, seed = choice.condition.corruption, choice.condition.seed
    points = {
        (name, tenth / 10): point_of(cards[name], Condition(corruption, tenth / 10, seed))
        for tenth in ORDER
        for name in names
    }

    def draw(known: dict[Point, Measured]) -> None:
        curves: Curves = {name: {} for name in names}
        for (name, severity), point in sorted(points.items(), key=lambda item: item[0]):
            if point in known:
                curves[name][severity] = known[point].report
        with st.container(key="robustness_curve"):  # its height is reserved in style.css
            st.plotly_chart(
                _figure(curves),
                key="robustness_curve_chart",
                config={"displayModeBar": False},
                alt=f"Accuracy by severity of {title(corruption).lower()}; "
                "the values are in the table below",
            )
            html(_table(curves))

    background(Section("curve", list(points.values()), draw, urgency=0))


def _figure(curves: Curves) -> dict[str, Any]:
    """Draw the curves as Plotly's JSON; building its objects would take ten times as long."""
    styles = model_styles(list(curves), 8)
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": name,
            "cliponaxis": False,  # a point on the edge is drawn whole
            "x": list(curve),
            "y": [report["accuracy"] for report in curve.values()],
            "customdata": [report["interval"] for report in curve.values()],
            **styles[name],
            "hovertemplate": "%{y:.2%} (%{customdata[0]:.2%} to %{customdata[1]:.2%})",
        }
        for name, curve in curves.items()
    ]
    return {
        "data": traces,
        "layout": {
            **base_layout(HEIGHT),
            "xaxis": {"title": {"text": "Severity"}, "range": [-0.03, 1.03], "dtick": 0.2},
            "yaxis": {
                "title": {"text": "Accuracy"},
                "range": [0, 1.03],
                "tickformat": ".0%",
                "dtick": 0.2,
            },
        },
    }


def _table(curves: Curves) -> str:
    severities = [tenth / 10 for tenth in sorted(ORDER)]
    head = "".join(f'<th scope="col">{name}</th>' for name in curves)
    rows = "".join(
        f'<tr><th scope="row">{severity:.1f}</th>'
        + "".join(f"<td>{_cell(curve.get(severity))}</td>" for curve in curves.values())
        + "</tr>"
        for severity in severities
    )
    return values(
        f'<thead><tr><th scope="col">Severity</th>{head}</tr></thead><tbody>{rows}</tbody>'
    )


def _cell(report: dict[str, Any] | None) -> str:
    return f"{report['accuracy']:.2%}" if report else "…"
