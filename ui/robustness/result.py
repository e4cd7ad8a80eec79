"""The measured figures on the page: accuracy, in words too, and each digit's share."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.corruptions import title
from mnist_core.evaluation.in_flight import Measured
from mnist_core.serving import Card
from ui.formats import of_a_hundred
from ui.measured import Condition
from ui.model_colours import model_dot
from ui.pictures import bars
from ui.robustness.figures import Figures, measure_figures
from ui.style import html

CONFUSED = "robustness_confused"  # the model whose confusion matrix is shown


@dataclass(frozen=True)
class Places:
    """Where on the page the figures go; the status can be seen before they are known."""

    words: DeltaGenerator
    accuracy: DeltaGenerator
    beside: DeltaGenerator  # for the model that the chosen one is compared with, or for the digits
    status: DeltaGenerator


def lay_out(*, pair: bool) -> Places:
    """Reserve the places of the figures, of one model or of two side by side."""
    above = st.container()
    left, right = st.columns(2, gap="medium")
    with left, st.container(key="robustness_accuracy"):
        accuracy = st.container()
    words = (above if pair else left).container(key="robustness_words")
    return Places(words, accuracy, right, st.empty())


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


def show_in_words(figures: Sequence[Figures], place: DeltaGenerator) -> None:
    """Say in a sentence how many digits of a hundred one model misreads, or two."""
    with place:
        html(f"<p role='status'>{in_words(figures)}</p>")


def in_words(figures: Sequence[Figures]) -> str:
    """Say how many digits of a hundred one model misreads, or two: first as the page corrupts them.

    Parameters
    ----------
    figures : of the same condition
    """
    now = " and ".join(f"<b>{one.model} misreads {_misread(one.corrupted)}</b>" for one in figures)
    if not figures[0].condition.severity:
        return f"Without corruption, of 100 digits {now}."
    before = [_misread(one.clean) for one in figures]
    if len(before) == 1:
        said = f"it misreads {before[0]}"
    else:
        alike = len(set(before)) == 1
        said = f"they misread {f'{before[0]} each' if alike else ' and '.join(before)}"
    return f"Of 100 such digits, {now}; uncorrupted, {said}."


def _misread(measured: Measured) -> str:
    return of_a_hundred(1 - measured.report["accuracy"])


def show_by_digit(*figures: Figures) -> None:
    """Show the accuracy for each digit, of several models side by side."""
    for place, one in zip(st.columns(len(figures), gap="medium"), figures, strict=True):
        with place:
            html(_by_digit(one.corrupted.report["recall"], one.model))


def choose_figures(figures: Sequence[Figures]) -> Figures:
    """Let the person choose the model whose mix-ups to see, if there are several."""
    by_name = {one.model: one for one in figures}
    first, *others = by_name
    if not others:
        return by_name[first]
    state = st.session_state
    if state.get(CONFUSED) not in by_name:
        state[CONFUSED] = first
    name = st.segmented_control(
        "Confusion matrix of", list(by_name), key=CONFUSED, required=True, persist_state="session"
    )
    return by_name[name or first]


def _accuracy(figures: Figures, *, style: str) -> str:
    report, clean, condition = figures.corrupted.report, figures.clean.report, figures.condition
    low, high = report["interval"]
    return (
        f'<div class="{style}" role="status" aria-live="polite">'
        f"<b>{model_dot(figures.model)}{figures.model}</b>"
        f"<strong>{report['accuracy']:.2%}</strong>"
        f"<span>correctly classified with “{title(condition.corruption)}” at severity "
        f"{condition.severity:g}</span>"
        f"<span>95% interval {low:.2%} to {high:.2%}; without corruption "
        f"{clean['accuracy']:.2%}</span></div>"
    )


def _by_digit(recall: list[float], model: str) -> str:
    shares = [f"{share:.1%}" for share in recall]
    label = ", ".join(f"{digit}: {share}" for digit, share in enumerate(shares))
    heading = f"<p class='dl-note'><b>Accuracy for each digit</b>, {model}</p>"
    return heading + bars(recall, shares, f"Accuracy for each digit: {label}")
