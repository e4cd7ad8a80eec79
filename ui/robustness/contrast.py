"""The same corrupted digits, read by two models: at one severity, or at all of them in turn."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from mnist_core.corruptions import CHUNK, title
from mnist_core.serving import Card
from ui.errors import show_errors_in
from ui.measured import Condition, corrupted
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
            shown = Condition(condition.corruption, severity, condition.seed)
            _show(cards, shown, playing=step is not None)
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


def _show(cards: Sequence[Card], condition: Condition, *, playing: bool) -> None:
    """Show one digit of each kind; while the severity is played, how many of some more are right.

    Where it is not, those that the page measures stand above.
    """
    data = require_test_set()
    labels = data.labels[:CHUNK]
    chosen = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    some = range(len(labels)) if playing else chosen
    images = corrupted(data, some, condition)
    answers = [_answers(card, images) for card in cards]
    clean = _answers(cards[0], corrupted(data, chosen, replace(condition, severity=0.0)))
    tiles = []
    for place, index in enumerate(chosen):
        label, image = int(labels[index]), images[some.index(index)]
        tiles.append(
            tile(
                picture(data.images[index], f"A {label} of the test images"),
                verdict(clean[place], label),
                picture(image, f"The same {label}, corrupted"),
                *(verdict(digits[some.index(index)], label) for digits in answers),
            )
        )
    shares = ", ".join(
        f"<b>{card.name} {np.equal(digits, labels[some]).mean():.0%}</b>"
        for card, digits in zip(cards, answers, strict=True)
    )
    counted = f": of {len(some)} test images, {shares} are classified correctly" if playing else ""
    under = " and ".join(card.name for card in cards)
    style = "dl-note dl-contrast dl-playing" if playing else "dl-note dl-contrast"
    html(
        f'<p class="{style}">“{title(condition.corruption)}” at severity '
        f"<b>{condition.severity:.2f}</b>{counted}.</p>"
        + strip(tiles, "Test images, original and corrupted")
        + f"<p class='dl-note'>Above: original, with the answer of {cards[0].name}. Below: "
        f"corrupted, with the answers of {under}. ✓ correct, ✗ wrong.</p>"
    )


def _answers(card: Card, images: Sequence[np.ndarray]) -> list[int]:
    """Return the digits that a model reads in these test images."""
    return predictor(card)(np.stack(images)).argmax(axis=1).tolist()
