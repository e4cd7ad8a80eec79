"""Digits that a network misclassifies: while it trains, and the test digits afterwards."""

import numpy as np
import streamlit as st

from mnist_core import runs
from mnist_core.evaluation import metrics
from mnist_core.evaluation.in_flight import Measured
from mnist_core.serving import Card
from ui.confusion import READ, TRUE, choose_first, show_confusion
from ui.formats import percent
from ui.measured import UNCORRUPTED
from ui.mnist import TestSet
from ui.model_choice import predictor_of
from ui.pictures import picture, strip, tile
from ui.session import workspace
from ui.style import html

SHOWN = 20  # at most, as many as a training notes
CURRENT = (
    "Some of the validation digits that the network misclassified at its last check. Some are "
    "hard for people too."
)
CONFIDENT = (
    "Misclassified test digits, those with the highest confidence first. Some are hard for people "
    "too."
)
_CONFUSED = "training_confused"  # the model whose confusion was shown last


def show_current_mistakes(name: str) -> None:
    """Show validation digits that a network which is being trained misclassifies.

    Raises
    ------
    RunError : there is no such training any more
    """
    found = runs.mistakes(name, workspace=workspace())
    tiles = [
        tile(
            picture(image / 255.0, f"A {label} of the validation digits"),
            f"<span>{label} read as {digit}</span>",
        )
        for image, label, digit in (
            zip(found["images"], found["labels"], found["digits"], strict=True) if found else ()
        )
    ]
    if found and not tiles:
        words = "The network classified all validation digits of its last check correctly."
    elif found:
        words = CURRENT
    else:  # their room is kept, so that nothing jumps
        words = "The first ones appear after a few seconds of training."
        empty = '<i class="dl-digit-image dl-no-image" aria-hidden="true"></i>'
        tiles = [tile(empty, '<span aria-hidden="true">…</span>')] * SHOWN
    _show(words, tiles, "Misclassified validation digits")


def show_test_mistakes(card: Card, tests: TestSet) -> None:
    """Show which test digits a model mixes up, and its most confident mistakes.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    version = card.version
    digits, confidence, report = _classify_all(card.name, version, tests)
    st.header("Confusion matrix: which digits get mixed up")
    measured = Measured(digits, report)
    if st.session_state.get(_CONFUSED) != version:
        st.session_state[_CONFUSED] = version
        for key in (TRUE, READ):
            st.session_state.pop(key, None)
    choose_first(measured)
    show_confusion(measured, UNCORRUPTED)
    st.header("Most confident mistakes")
    wrong = np.flatnonzero(digits != tests.labels)
    first = wrong[np.argsort(-confidence[wrong], kind="stable")][:SHOWN]
    tiles = [
        tile(
            picture(tests.images[i], f"A {tests.labels[i]} of the test digits"),
            f"<span>{tests.labels[i]} read as {digits[i]}</span>",
            f"<small>{percent(float(confidence[i]))} sure</small>",
        )
        for i in first
    ]
    words = CONFIDENT if tiles else "It classified every test digit correctly."
    _show(words, tiles, "Misclassified test digits, the most confident first")


def _show(words: str, tiles: list[str], label: str) -> None:
    html(f'<div class="dl-mistakes"><p class="dl-note">{words}</p>{strip(tiles, label)}</div>')


@st.cache_data(max_entries=8, show_spinner="Classifying the test digits")
def _classify_all(
    name: str, version: str, _tests: TestSet
) -> tuple[np.ndarray, np.ndarray, dict[str, object]]:
    """Return a model's answers to the test digits, their confidences, and a report on them."""
    probabilities = predictor_of(name, version)(_tests.images)
    report = metrics.summarise(probabilities, _tests.labels)
    return (
        probabilities.argmax(axis=1).astype(np.uint8),
        probabilities.max(axis=1).astype(np.float32),
        report,
    )
