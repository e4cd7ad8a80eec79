"""Example training images, before and after augmentation and corruption."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from mnist_core import data
from mnist_core.errors import DataError
from mnist_core.pixels import to_float
from mnist_core.synthesis.digits import synthetic_digits
from mnist_core.training import augmentation
from ui.pictures import picture, strip, tile
from ui.style import html
from ui.training.draft import Draft

LABELS = (*range(10), 4, 7)
_TURN = "training_turn"  # how often the preview was drawn again


@dataclass(frozen=True)
class Examples:
    """A few training images."""

    images: np.ndarray  # float32 (n, 28, 28) in [0, 1]
    labels: tuple[int, ...]
    origin: str


def show_preview(draft: Draft) -> None:
    """Show the examples, and below each the same after augmentation and corruption."""
    examples = _examples()
    after = changed(examples.images, draft.values, st.session_state.get(_TURN, 0))
    tiles = [
        tile(
            picture(image, f"A {label}"), picture(seen, f"The same {label} as the network sees it")
        )
        for image, seen, label in zip(examples.images, after, examples.labels, strict=True)
    ]
    st.header("Example images")
    html(
        f"<div class='dl-preview'>{strip(tiles, 'Images to learn from, before and after')}</div>"
        f"<p class='dl-note'>Above: {examples.origin}. Below: {_seen(draft.values)}</p>"
    )
    st.button("Draw again", key="training_again", icon=":material/casino:", on_click=_draw_again)


def changed(images: np.ndarray, values: Mapping[str, Any], turn: int) -> np.ndarray:
    """Vary images as a training with these settings may see them, differently each turn.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1]
    values : settings of a training

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]
    """
    rng = np.random.default_rng(turn)
    augmented = augmentation.augment(images, values["augmentation"], rng)
    return augmentation.corrupt_some(
        augmented, values["corruption_families"], rng, share=values["corrupted_share"]
    )


def _seen(values: Mapping[str, Any]) -> str:
    """Say in words how the network will see the images."""
    ways = ["augmented"] * (values["augmentation"] != "none")
    ways += ["corrupted"] * bool(values["corruption_families"] and values["corrupted_share"])
    if not ways:
        return "the same images as the network sees them, unchanged in every epoch."
    return (
        "the same images as the network might see them. They are "
        f"{' and '.join(ways)} differently in every epoch."
    )


def _draw_again() -> None:
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _examples() -> Examples:
    """Return images of MNIST, or synthetic ones if it is missing."""
    path = data.local_copy()
    try:
        return _from_mnist(str(path), path.stat().st_mtime_ns) if path else _synthetic()
    except DataError:  # which the page has shown already
        return _synthetic()


@st.cache_resource(max_entries=1, show_spinner=False)
def _from_mnist(path: str, changed: int) -> Examples:  # noqa: ARG001
    train = data.read_mnist(path).train
    chosen = [int(np.flatnonzero(train.labels == label)[i // 10]) for i, label in enumerate(LABELS)]
    return Examples(to_float(train.images[chosen]), LABELS, "original images of MNIST")


@st.cache_resource(max_entries=1, show_spinner=False)
def _synthetic() -> Examples:
    images = synthetic_digits(np.array(LABELS, np.uint8), np.random.default_rng(0))
    return Examples(to_float(images), LABELS, "synthetic digits, because MNIST is missing")
