"""Example training images, before and after augmentation and corruption."""

from dataclasses import dataclass

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
_DRAWN = "training_drawn"  # how often the preview was drawn again


@dataclass(frozen=True)
class Examples:
    """A few images to learn from."""

    images: np.ndarray  # float32 (n, 28, 28) in [0, 1]
    labels: tuple[int, ...]
    origin: str


def show_preview(draft: Draft) -> None:
    """The examples, and below each the same after augmentation and corruption."""
    found = _examples()
    after = changed(found.images, draft.values, st.session_state.get(_DRAWN, 0))
    tiles = [
        tile(
            picture(image, f"A {label}"), picture(seen, f"The same {label} as the network sees it")
        )
        for image, seen, label in zip(found.images, after, found.labels, strict=True)
    ]
    st.header("Example images")
    html(
        f"<div class='dl-preview'>{strip(tiles, 'Images to learn from, before and after')}</div>"
        f"<p class='dl-note'>Above: {found.origin}. Below: {_seen(draft.values)}</p>"
    )
    st.button("Draw again", key="training_again", icon=":material/casino:", on_click=_draw_again)


def changed(images: np.ndarray, values: dict, turn: int) -> np.ndarray:
    """Images as a training with these settings may see them; another turn, another chance."""
    rng = np.random.default_rng(turn)
    varied = augmentation.augment(images, values["augmentation"], rng)
    return augmentation.corrupt_some(
        varied, values["corruption_families"], rng, share=values["corrupted_share"]
    )


def _seen(values: dict) -> str:
    """How the network will see the images, in words."""
    ways = ["augmented"] * (values["augmentation"] != "none")
    ways += ["corrupted"] * bool(values["corruption_families"] and values["corrupted_share"])
    if not ways:
        return "the same images as the network sees them, unchanged in every epoch."
    return (
        "the same images as the network might see them. They are "
        f"{' and '.join(ways)} differently in every epoch."
    )


def _draw_again() -> None:
    st.session_state[_DRAWN] = st.session_state.get(_DRAWN, 0) + 1


def _examples() -> Examples:
    """Images of MNIST, or synthetic ones if it is missing."""
    path = data.local_copy()
    try:
        return _of_mnist(str(path), path.stat().st_mtime_ns) if path else _made_up()
    except DataError:  # which the page has shown already
        return _made_up()


@st.cache_resource(max_entries=1, show_spinner=False)
def _of_mnist(path: str, changed: int) -> Examples:  # noqa: ARG001
    train = data.read_mnist(path).train
    chosen = [int(np.flatnonzero(train.labels == label)[i // 10]) for i, label in enumerate(LABELS)]
    return Examples(to_float(train.images[chosen]), LABELS, "original images of MNIST")


@st.cache_resource(max_entries=1, show_spinner=False)
def _made_up() -> Examples:
    images = synthetic_digits(np.array(LABELS, np.uint8), np.random.default_rng(0))
    return Examples(to_float(images), LABELS, "synthetic digits, because MNIST is missing")
