"""The same corrupted digits, read by two models: at one severity, or at all of them in turn."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.corruptions import CHUNK, title
from mnist_core.evaluation.measurements import Point
from mnist_core.serving import Card
from ui.errors import show_errors_in
from ui.measured import Condition, corrupted, point_of
from ui.mnist import require_test_set
from ui.model_choice import predictor
from ui.pictures import picture, strip, tile, verdict
from ui.style import html

STEPS = 20  # of a sweep
EVERY = 0.6  # seconds between two of them
_STEP = "robustness_play_step"  # of the sweep that is being played


def show_contrast(cards: Sequence[Card], condition: Condition) -> None:
    """Show a test image of each digit, corrupted, with the answers of one model or two.

    A button plays the severity from 0 to 1.
    """
    playing = _STEP in st.session_state

    def update() -> None:
        step = st.session_state.get(_STEP)
        if step is not None and step > STEPS:
            del st.session_state[_STEP]
            st.rerun()  # without the clock, back at the chosen severity
        severity = condition.severity if step is None else step / STEPS
        with show_errors_in(st.container()):
            _show(cards, Condition(condition.corruption, severity, condition.seed))
            _show_button(playing=playing)
        if step is not None:
            st.session_state[_STEP] = step + 1

    st.fragment(update, run_every=EVERY if playing else None)()


def _show_button(*, playing: bool) -> None:
    """Show the button that plays the sweep, or ends it; the whole page runs again for its clock."""
    label = "Stop" if playing else "Play the severity from 0 to 1"
    icon = ":material/stop:" if playing else ":material/play_arrow:"
    if st.button(label, key="robustness_play", icon=icon):
        if playing:
            st.session_state.pop(_STEP, None)
        else:
            st.session_state[_STEP] = 0
        st.rerun()


def _show(cards: Sequence[Card], condition: Condition) -> None:
    data = require_test_set()
    labels = data.labels[:CHUNK]
    chosen = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    answers = [_answers(card, condition) for card in cards]
    clean = _answers(cards[0], Condition(condition.corruption, 0.0))
    tiles = []
    for index, image in zip(chosen, corrupted(data, chosen, condition), strict=True):
        label = int(labels[index])
        tiles.append(
            tile(
                picture(data.images[index], f"A {label} of the test images"),
                verdict(int(clean[index]), label),
                picture(image, f"The same {label}, corrupted"),
                *(verdict(int(digits[index]), label) for digits in answers),
            )
        )
    shares = ", ".join(
        f"<b>{card.name} {(digits == labels).mean():.0%}</b>"
        for card, digits in zip(cards, answers, strict=True)
    )
    under = " and ".join(card.name for card in cards)
    html(
        f'<p class="dl-note">“{title(condition.corruption)}” at severity '
        f"<b>{condition.severity:.2f}</b>: of the first {len(labels)} test images, {shares} are "
        "classified correctly.</p>"
        + strip(tiles, "Test images, original and corrupted")
        + f"<p class='dl-note'>Above: original, with the answer of {cards[0].name}. Below: "
        f"corrupted, with the answers of {under}. ✓ correct, ✗ wrong.</p>"
    )


def _answers(card: Card, condition: Condition) -> np.ndarray:
    """Return the digits that a model reads in the first CHUNK test images, int (CHUNK,)."""
    return _predicted(point_of(card, condition), _card=card, _condition=condition)


@st.cache_data(max_entries=500, show_spinner=False)
def _predicted(point: Point, *, _card: Card, _condition: Condition) -> np.ndarray:  # noqa: ARG001
    data = require_test_set()
    images = corrupted(data, range(min(CHUNK, len(data.labels))), _condition)
    return predictor(_card)(np.stack(images)).argmax(axis=1).astype(np.uint8)
