"""What a model makes of damaged test images: accuracy, each digit's share, a strip of images."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.corruptions import CHUNK, title
from mnist_core.evaluation.measurements import Measured, Point
from mnist_core.serving import Card
from ui.measured import INTERVAL, UNCORRUPTED, Condition, corrupted, measurements, point_of
from ui.mnist import test_set
from ui.pictures import bars, picture, strip, tile, verdict
from ui.style import html


def show_accuracy(card: Card, condition: Condition) -> tuple[Measured, Measured]:
    """Measure what is asked for, telling how far it is, and show the accuracy.

    Returns
    -------
    (here, clean) : Measured, under the damage chosen and without any

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    left, right = st.columns([5, 4], gap="medium")
    with left:
        with st.container(key="robustness_accuracy"):
            place = st.container()
        status = html(_status("Measuring …"))
        st.caption(INTERVAL)
    here, clean = (_measured(point_of(card, what), status) for what in (condition, UNCORRUPTED))
    with place:
        html(_accuracy(here.report, clean.report, condition))
    status.markdown(
        _status(
            f"All {here.report['n']:,} test images, read by {card.name}, seed {condition.seed}."
        ),
        unsafe_allow_html=True,
    )
    with right:
        html(_by_digit(here.report["recall"]))
    return here, clean


def show_strip(here: Measured, clean: Measured, condition: Condition) -> None:
    """One test image of each digit, before and after the damage."""
    data = test_set()
    labels = data.labels[:CHUNK]
    chosen = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    after = corrupted(data, chosen, condition)
    tiles = []
    for index, image in zip(chosen, after, strict=True):
        label = int(labels[index])
        tiles.append(
            tile(
                picture(data.images[index], f"A {label} of the test images"),
                verdict(clean.digits[index], label),
                picture(image, f"The same {label}, damaged"),
                verdict(here.digits[index], label),
            )
        )
    html(
        strip(tiles, "Test images before and after the damage")
        + "<p class='dl-note'>Above: as they are. Below: damaged. Under each image what the model "
        "reads: ✓ right, ✗ wrong.</p>"
    )


def _measured(point: Point, status: DeltaGenerator) -> Measured:
    total = len(test_set().labels)
    kind = "damaged" if point.severity else "undamaged"

    def tell(done: int, right: int) -> None:  # showing it lets Streamlit stop a run not wanted
        text = f"Measuring … {right / done:.1%} of {done:,} {kind} images so far, of {total:,}."
        status.markdown(_status(text), unsafe_allow_html=True)

    return measurements().measure(point, tell)


def _accuracy(report: dict, clean: dict, condition: Condition) -> str:
    low, high = report["interval"]
    change = report["accuracy"] - clean["accuracy"]
    words = f"{abs(change) * 100:.2f} points {'more' if change > 0 else 'less'} than undamaged"
    if not condition.severity:
        words = "undamaged"
    elif not round(change, 4):
        words = "the same as undamaged"
    return (
        '<div class="dl-accuracy" role="status" aria-live="polite">'
        f"<strong>{report['accuracy']:.2%}</strong>"
        f"<span>read right with “{title(condition.corruption)}” at severity "
        f"{condition.severity:g}</span>"
        f"<span><b>{words}</b> ({clean['accuracy']:.2%})</span>"
        f"<span>95% interval {low:.2%} to {high:.2%}</span></div>"
    )


def _by_digit(recall: list[float]) -> str:
    told = [f"{share:.1%}" for share in recall]
    label = ", ".join(f"{digit}: {text}" for digit, text in enumerate(told))
    return "<p class='dl-note'><b>Accuracy of each digit</b></p>" + bars(
        recall, told, f"Accuracy of each digit: {label}"
    )


def _status(text: str) -> str:
    return f'<p class="dl-note">{text}</p>'
