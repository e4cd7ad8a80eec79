"""How long models take over an image: as their cards say, or all timed alike in this app."""

import time
from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.errors import ModelError
from mnist_core.serving import Card
from ui.card_metrics import seconds_per_image as seconds_on_card
from ui.model_choice import predictor

IMAGES, ROUNDS = 2000, 3
TIMED = (
    f"Timed here, alike: {IMAGES:,} images at once, one model after the other, the fastest of "
    f"{ROUNDS} times."
)


def seconds_per_image(card: Card) -> float | None:
    """Return how long a model takes here if it was timed here, else what its card says."""
    return _timed().get(card.version) or seconds_on_card(card)


def show_timing(cards: Sequence[Card]) -> None:
    """Show a button that times all models on this computer; everybody sees the times then."""
    if all(card.version in _timed() for card in cards):
        st.caption(TIMED)
    st.button(
        "Time all models here",
        key="models_time",
        icon=":material/timer:",
        on_click=lambda: _timed().update(time_models(cards)),
    )


def time_models(cards: Sequence[Card]) -> dict[str, float]:
    """Return the seconds that each model takes over an image, by version, the best of some rounds.

    What else this computer does makes a round slower, never faster. Models that cannot be loaded
    are left out.
    """
    images = np.zeros((IMAGES, 28, 28), np.float32)
    best: dict[str, float] = {}
    for _ in range(ROUNDS):
        for card in cards:
            try:
                predict = predictor(card)
            except ModelError:
                continue
            start = time.perf_counter()
            predict(images)
            seconds = (time.perf_counter() - start) / IMAGES
            best[card.version] = min(seconds, best.get(card.version, seconds))
    return best


@st.cache_resource(show_spinner=False)
def _timed() -> dict[str, float]:
    """Return the seconds an image of the models that were timed here, by version."""
    return {}
