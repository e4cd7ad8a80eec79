"""The measured figures on the page: accuracy, and each digit's share."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.corruptions import title
from mnist_core.serving import Card
from ui.measured import INTERVAL, Condition
from ui.pictures import bars
from ui.robustness.figures import Figures, measure_figures
from ui.style import html


@dataclass(frozen=True)
class Places:
    """Where on the page the figures go; the status can be seen before they are known."""

    accuracy: DeltaGenerator
    status: DeltaGenerator
    beside: DeltaGenerator  # for the model that the chosen one is compared with, or for the digits


def lay_out() -> Places:
    """Reserve the places of the figures."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        with st.container(key="robustness_accuracy"):
            accuracy = st.container()
        status = st.empty()
        st.caption(INTERVAL)
    return Places(accuracy, status, right)


def show_accuracy(figures: Figures, places: Places) -> None:
    """Show the accuracy with its interval."""
    with places.accuracy:
        html(_accuracy(figures, style="dl-accuracy"))


def show_partner(card: Card, condition: Condition, places: Places) -> Figures:
    """Measure the model that the chosen one is compared with, and show its accuracy.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    with places.beside, st.container(key="robustness_partner"):
        accuracy, status = st.container(), st.empty()
        figures = measure_figures(card, condition, status)
        status.empty()
        with accuracy:
            html(_accuracy(figures, style="dl-accuracy dl-partner"))
    return figures


def show_by_digit(*figures: Figures) -> None:
    """Show the accuracy for each digit, of several models side by side."""
    for place, one in zip(st.columns(len(figures), gap="medium"), figures, strict=True):
        with place:
            html(_by_digit(one.corrupted.report["recall"], one.model))


def _accuracy(figures: Figures, *, style: str) -> str:
    report, clean, condition = figures.corrupted.report, figures.clean.report, figures.condition
    low, high = report["interval"]
    change = report["accuracy"] - clean["accuracy"]
    higher = "higher" if change > 0 else "lower"
    words = f"{abs(change) * 100:.2f} percentage points {higher} than without corruption"
    if not condition.severity:
        words = "without corruption"
    elif not round(change, 4):
        words = "the same as without corruption"
    return (
        f'<div class="{style}" role="status" aria-live="polite"><b>{figures.model}</b>'
        f"<strong>{report['accuracy']:.2%}</strong>"
        f"<span>correctly classified with “{title(condition.corruption)}” at severity "
        f"{condition.severity:g}</span>"
        f"<span><b>{words}</b> ({clean['accuracy']:.2%})</span>"
        f"<span>95% interval {low:.2%} to {high:.2%}</span></div>"
    )


def _by_digit(recall: list[float], model: str) -> str:
    shares = [f"{share:.1%}" for share in recall]
    label = ", ".join(f"{digit}: {share}" for digit, share in enumerate(shares))
    heading = f"<p class='dl-note'><b>Accuracy for each digit</b>, {model}</p>"
    return heading + bars(recall, shares, f"Accuracy for each digit: {label}")
