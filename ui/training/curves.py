"""Curves of trainings: loss and accuracy of one, a measure of several."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from mnist_core.networks import Task
from mnist_core.training.config import TrainingConfig
from ui.charts import base_layout, curve_style
from ui.model_colours import places_of
from ui.style import html
from ui.tables import values

Rows = list[dict[str, Any]]  # of a history or of the steps within epochs, by column

HEIGHT = 300
POINTS = 200  # of a curve at most
LEAST = 0.03  # of an epoch between two points: fewer images would make the curve jagged
FLOORS = (0.98, 0.95, 0.9, 0.8, 0.5)  # where the axis of accuracy may begin, else at 0
LEAST_LOSS = 1e-4  # on its axis: a logarithm knows no 0, which few images by chance may give
HEADINGS = {"loss": "Loss, on a logarithmic axis", "accuracy": "Accuracy"}
EXPLANATION = (
    "Loss measures how wrong the network's answers are; accuracy is the share of digits that it "
    "classifies correctly. The training curve is measured on the digits that it learns from, the "
    "validation curve on 10,000 other digits after every epoch. When validation stops improving, "
    "more training does not help. With augmentation, corruption, rebalancing or label smoothing "
    "the training curve is worse than the validation curve: the network learns from harder images "
    "than it is validated on."
)
EXPLANATIONS: dict[Task, str] = {
    "classification": EXPLANATION,
    "detection": (
        "Loss measures how wrong the network's answers are. The training curve of accuracy is the "
        "share of marks whose kind is right; the validation curves are measured after every epoch "
        "on pieces of pages that training never shows: the share of digits found and read "
        "correctly, the share of answers that are right, and the share of pieces without a mistake."
    ),
}


@dataclass(frozen=True)
class Measure:
    """A column of a training's history, and when it is worth showing."""

    column: str
    label: str
    of: str  # "loss" or "accuracy"
    shown: str = ""  # only where this setting is not none
    drawn: bool = True  # or only in the table
    task: Task | None = "classification"  # None: of all


MEASURES = (
    Measure("loss", "Training", "loss", task=None),
    Measure("val_loss", "Validation", "loss", task=None),
    Measure("accuracy", "Training", "accuracy", task=None),
    Measure("val_accuracy", "Validation", "accuracy"),
    Measure("val_corrupted", "Validation, corrupted", "accuracy", "corruption_families"),
    Measure("val_balanced", "Validation, balanced", "accuracy", "imbalance"),
    Measure("val_worst_recall", "Validation, worst digit", "accuracy", "imbalance", drawn=False),
    Measure("val_recall", "Validation, digits found", "accuracy", task="detection"),
    Measure("val_precision", "Validation, right answers", "accuracy", task="detection"),
    Measure("val_crops", "Validation, no mistake", "accuracy", task="detection"),
)


def applies(measure: Measure, config: TrainingConfig) -> bool:
    """Return whether a measure says anything about a training with these settings."""
    if measure.task not in (None, config.task):
        return False
    return not measure.shown or getattr(config, measure.shown) not in ("none", ())


def show_curves(config: TrainingConfig, history: Rows, steps: Rows, key: str) -> None:
    """Show loss and accuracy of one training; the numbers of each epoch as a table below."""
    measures = [measure for measure in MEASURES if applies(measure, config)]
    places = st.columns(2, gap="medium")
    for place, of in zip(places, ("loss", "accuracy"), strict=True):
        here = [measure for measure in measures if measure.of == of and measure.drawn]
        with place:
            html(f"<p class='dl-note'><b>{HEADINGS[of]}</b></p>")
            _chart(
                _figure(here, history, steps, config.epochs),
                key=f"{key}_{of}",
                alt=f"{of.capitalize()} by epoch, of the training and the validation digits; the "
                "values are in the table below",
            )
    html(_table(measures, history))


def show_overlaid(histories: dict[str, Rows], measure: Measure, key: str) -> None:
    """Show a measure of several trainings, one curve each."""
    curves = {}
    for name, rows in histories.items():
        known = [row for row in rows if measure.column in row]
        curves[name] = {
            "x": [row["epoch"] for row in known],
            "y": [row[measure.column] for row in known],
        }
    found = [value for curve in curves.values() for value in curve["y"]]
    longest = max((curve["x"][-1] for curve in curves.values() if curve["x"]), default=1)
    places = places_of(list(curves))
    traces = [_trace(name, places[name], **curve) for name, curve in curves.items()]
    axis = _loss_axis(found) if measure.of == "loss" else _accuracy_axis([floor_of(found), 1])
    _chart(
        {"data": traces, "layout": _layout(longest, axis)},
        key=key,
        alt=f"{measure.label}, {measure.of}, by epoch of each training; the values are in the "
        "table below",
    )
    html(values(_comparison(curves, longest, measure.of)))


def _chart(figure: dict[str, Any], *, key: str, alt: str) -> None:
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt)


def _figure(measures: Sequence[Measure], history: Rows, steps: Rows, epochs: int) -> dict[str, Any]:
    """Return curves as Plotly's JSON; building its objects would take ten times as long."""
    of = measures[0].of
    points = recent(steps, of, least=max(LEAST, epochs / POINTS))
    found = [row[m.column] for row in history for m in measures if m.column in row]
    if of == "loss":
        axis = _loss_axis([*found, *points[1]])
    else:
        found += [value for at, value in zip(*points, strict=True) if at > 1]
        points = _above(points, floor_of(found))
        axis = _accuracy_axis([floor_of(found), 1.0])
    traces = []
    for place, measure in enumerate(measures):
        x = [row["epoch"] for row in history]
        y = [row.get(measure.column) for row in history]
        if measure.column == of and points[0]:
            x, y = points
        traces.append(_trace(measure.label, place, x, y))
    return {"data": traces, "layout": _layout(epochs, axis)}


def _above(
    points: tuple[list[float], list[float]], floor: float
) -> tuple[list[float], list[float]]:
    """Leave out how the accuracy of the first epoch began: it would flatten the rest."""
    kept = [(at, value) for at, value in zip(*points, strict=True) if value >= floor]
    return [at for at, _ in kept], [value for _, value in kept]


def _loss_axis(losses: Sequence[float]) -> dict[str, Any]:
    """Return an axis on which the first loss stands as well as the last, as Plotly's JSON."""
    found = [loss for loss in losses if loss >= LEAST_LOSS]
    low, high = min(found, default=0.1), max(found, default=1.0)
    ends = [math.log10(low) - 0.1, math.log10(high) + 0.1]
    return {
        "type": "log",
        "range": ends,
        "tickvals": [step * 10**power for power in range(-4, 3) for step in (1, 2, 5)],
        "tickformat": "~g",
        "hoverformat": ".4f",
    }


def _accuracy_axis(ends: Sequence[float]) -> dict[str, Any]:
    return {"range": list(ends), "tickformat": ".4~p", "hoverformat": ".4~p"}


def recent(steps: Rows, of: str, *, least: float) -> tuple[list[float], list[float]]:
    """Return a measure between each two points, from averages over the epoch so far.

    Returns
    -------
    (epochs done, values), of points that lie apart by the least part of an epoch or more
    """
    at, found = [], []
    before, average = 0.0, 0.0
    for step in steps:
        start = math.ceil(step["at"]) - 1  # of the epoch
        seen, known = step["at"] - start, max(before - start, 0.0)
        if seen - known < least:
            continue
        value = (step[of] * seen - average * known) / (seen - known)
        at.append(step["at"])
        found.append(max(value, 0.0) if of == "loss" else min(max(value, 0.0), 1.0))
        before, average = step["at"], step[of]
    return at, found


def floor_of(accuracies: Sequence[float]) -> float:
    """Return where the axis of these accuracies begins."""
    lowest = min(accuracies, default=0)
    return next((floor for floor in FLOORS if lowest >= floor), 0)


def _trace(name: str, place: int, x: Sequence[float], y: Sequence[float | None]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 40 else "lines+markers",
        "name": name,
        "x": list(x) or [None],  # without any point it would be missing from the legend
        "y": list(y) or [None],
        **curve_style(place, 7 if len(x) < 15 else 5),
        "cliponaxis": False,  # a point on the edge is drawn whole
    }


def _layout(epochs: int, axis: dict[str, Any]) -> dict[str, Any]:
    """Return a layout whose axis of epochs is all there from the start, so that nothing jumps."""
    whole = {"dtick": 1} if 1 < epochs <= 10 else {}
    return {
        **base_layout(HEIGHT),
        "xaxis": {"title": {"text": "Epochs"}, "range": [0, 1.02 * epochs], **whole},
        "yaxis": axis,
    }


def _table(measures: Sequence[Measure], history: Rows) -> str:
    """Return the numbers of each finished epoch."""
    head = "".join(f'<th scope="col">{measure.label}: {measure.of}</th>' for measure in measures)
    rows = "".join(
        f'<tr><th scope="row">{row["epoch"]}</th>'
        + "".join(f"<td>{_number(row.get(m.column), m.of)}</td>" for m in measures)
        + "</tr>"
        for row in history
    )
    if not rows:
        rows = f'<tr><td colspan="{len(measures) + 1}">No finished epoch yet.</td></tr>'
    return values(f'<thead><tr><th scope="col">Epoch</th>{head}</tr></thead><tbody>{rows}</tbody>')


def _comparison(curves: dict[str, dict[str, list[Any]]], longest: int, of: str) -> str:
    """Return a measure of each training, one epoch a row."""
    columns = [dict(zip(curve["x"], curve["y"], strict=True)) for curve in curves.values()]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in curves)
    rows = "".join(
        f'<tr><th scope="row">{epoch}</th>'
        + "".join(f"<td>{_number(column.get(epoch), of)}</td>" for column in columns)
        + "</tr>"
        for epoch in range(1, longest + 1)
    )
    return f'<thead><tr><th scope="col">Epoch</th>{head}</tr></thead><tbody>{rows}</tbody>'


def _number(value: float | None, of: str) -> str:
    if value is None:
        return ""
    return f"{value:.2%}" if of == "accuracy" else f"{value:.4f}"
