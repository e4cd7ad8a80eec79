"""How much like a digit something must look to be read, as the person wants it."""

from dataclasses import replace
from math import exp, log

import streamlit as st

from mnist_core.serving import acceptance_threshold

STRICTNESS = "strictness"  # the slider's key; its value is a key of STEPS
STEPS = {
    -3: "reads anything",
    -2: "very lenient",
    -1: "lenient",
    0: "as the model was set",
    1: "strict",
    2: "very strict",
    3: "only the clearest",
}
STEP = 2.0  # nats of log-odds
EXPLAINED = (
    "**Left is lenient**: odd handwriting is read, but so are more letters and scribbles. "
    "**Right is strict**: fewer of these pass for digits, but more odd handwriting is turned away."
)


def choose_strictness() -> None:
    """Show the choice of how strict the app is; it holds for all pages."""
    with st.expander("How strict?", key="strictness_place", icon=":material/rule:"):
        st.select_slider(
            "How sure it has to be that this is a digit",
            list(STEPS),
            value=0,
            key=STRICTNESS,
            format_func=STEPS.get,
            persist_state="session",
        )
        st.caption(EXPLAINED)


def threshold_of(predictor) -> float:
    """What `is_digit` must reach, in [0, 1]: the model's threshold, moved as the person wants.

    `predictor` may also be a card; both hold the model's own threshold.
    """
    steps = st.session_state.get(STRICTNESS, 0)
    if steps == min(STEPS):
        return 0.0  # some models are surer that a scribble is none than steps could undo
    return shifted(acceptance_threshold(predictor.threshold), steps)


def shifted(threshold: float, steps: int) -> float:
    """Move a threshold in log-odds, where these scores are spread out evenly."""
    if not steps:
        return threshold
    threshold = min(max(threshold, 1e-4), 1 - 1e-4)
    return 1 / (1 + exp(-log(threshold / (1 - threshold)) - STEP * steps))


def judge(reading, threshold: float):
    """Return a mnist_core.reading.Reading whose digits are those that reach a threshold."""
    return replace(
        reading,
        digits=tuple(replace(d, accepted=d.is_digit >= threshold) for d in reading.digits),
    )
