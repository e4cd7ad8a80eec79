"""The rejection threshold: how digit-like a shape must look to be accepted."""

from dataclasses import replace
from math import exp, log
from typing import TYPE_CHECKING

import streamlit as st

from mnist_core.serving import Predictor, is_accepted

if TYPE_CHECKING:  # not before a number is drawn: it takes time
    from mnist_core.reading import Reading

REJECTION_THRESHOLD = "strictness"  # the slider's key; its value is a key of STEPS
LINKED = "strictness_linked"  # session key: what a link began the visit with
STEPS = {
    -3: "accept everything",
    -2: "very lenient",
    -1: "lenient",
    0: "the model's default",
    1: "strict",
    2: "very strict",
    3: "only the clearest digits",
}
STEP = 2.0  # nats of log-odds
EXPLAINED = (
    "Left accepts more: unusual handwriting is read, but so are more letters and scribbles. "
    "Right rejects more: fewer letters and scribbles pass, but less unusual handwriting is read."
)


def choose_threshold() -> None:
    """Show the choice of the rejection threshold, which holds for all pages."""
    with st.expander("Rejection threshold", key="strictness_place", icon=":material/rule:"):
        st.select_slider(
            "How digit-like a shape must look to be accepted",
            list(STEPS),
            value=st.session_state.get(LINKED, 0),  # as it stays, unlike the key's own first value
            key=REJECTION_THRESHOLD,
            format_func=STEPS.get,
            persist_state="session",
        )
        st.caption(EXPLAINED)


def chosen_steps() -> int:
    """Return how far the person has moved the threshold: a key of STEPS."""
    return st.session_state.get(REJECTION_THRESHOLD, st.session_state.get(LINKED, 0))


def set_steps(steps: int) -> None:
    """Move the threshold as far as a link says; not while a page shows the slider already."""
    st.session_state[LINKED] = steps
    if REJECTION_THRESHOLD in st.session_state:
        st.session_state[REJECTION_THRESHOLD] = steps


def threshold_of(predictor: Predictor) -> float:
    """Return what `is_digit` must reach: the model's rejection threshold, moved as chosen."""
    steps = chosen_steps()
    if steps == min(STEPS):
        return 0.0  # some models reject scribbles more firmly than steps could undo
    return shifted(predictor.rejection_threshold, steps)


def shifted(threshold: float, steps: int) -> float:
    """Move a threshold in log-odds, where these scores are spread out evenly."""
    if not steps:
        return threshold
    threshold = min(max(threshold, 1e-4), 1 - 1e-4)
    return 1 / (1 + exp(-log(threshold / (1 - threshold)) - STEP * steps))


def apply_threshold(reading: "Reading", threshold: float) -> "Reading":
    """Accept those digits of a reading that reach a threshold."""
    from mnist_core.reading import with_digits

    digits = tuple(
        replace(digit, accepted=is_accepted(digit.is_digit, threshold)) for digit in reading.digits
    )
    return reading if digits == reading.digits else with_digits(reading, digits)
