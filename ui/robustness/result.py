"""What a model makes of damaged test images: accuracy, each digit's share, a strip of images."""

from collections.abc import Iterator, Sequence

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.corruptions import ALL_CORRUPTIONS, CHUNK, corrupt, title
from mnist_core.evaluation import robustness
from mnist_core.evaluation.measurements import Measured, Measurements, Point
from mnist_core.serving import Card
from ui.mnist import TestSet, test_set
from ui.model_choice import predictor_of
from ui.pictures import bars, picture, strip, tile, verdict
from ui.robustness.choice import Choice
from ui.style import html

INTERVAL = (
    "95% interval: other test digits would have given a slightly different accuracy, most likely "
    "one in this range."
)


@st.cache_resource(show_spinner=False, on_release=Measurements.close)
def measurements() -> Measurements:
    """What all sessions have measured on the test images."""
    return Measurements(_measure, test_set().labels)


def point_of(card: Card, corruption: str, severity: float, seed: int) -> Point:
    """The point of a model under damage."""
    version = card.files["model.tflite"]["sha256"]
    return Point.of(card.name, version, corruption, severity, seed)


def show_accuracy(card: Card, choice: Choice) -> tuple[Measured, Measured]:
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
    here, clean = (
        _measured(point_of(card, choice.corruption, severity, choice.seed), status)
        for severity in (choice.severity, 0.0)
    )
    with place:
        html(_accuracy(here.report, clean.report, choice))
    status.markdown(
        _status(f"All {here.report['n']:,} test images, read by {card.name}, seed {choice.seed}."),
        unsafe_allow_html=True,
    )
    with right:
        html(_by_digit(here.report["recall"]))
    return here, clean


def show_strip(here: Measured, clean: Measured, choice: Choice) -> None:
    """One test image of each digit, before and after the damage."""
    data = test_set()
    labels = data.labels[:CHUNK]
    chosen = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    after = damaged(data, chosen, choice)
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


def damaged(data: TestSet, indices: Sequence[int], choice: Choice) -> list[np.ndarray]:
    """The images at these places, damaged just as they were when they were measured."""
    chunks = {}
    for index in indices:
        first = index - index % CHUNK
        if first not in chunks:
            chunks[first] = corrupt(
                data.images[first : first + CHUNK],
                choice.corruption,
                choice.severity,
                seed=choice.seed,
                first=first,
            )
    return [chunks[index - index % CHUNK][index % CHUNK] for index in indices]


def _measured(point: Point, status: DeltaGenerator) -> Measured:
    total = len(test_set().labels)
    kind = "damaged" if point.severity else "undamaged"

    def tell(done: int, right: int) -> None:  # showing it lets Streamlit stop a run not wanted
        text = f"Measuring … {right / done:.1%} of {done:,} {kind} images so far, of {total:,}."
        status.markdown(_status(text), unsafe_allow_html=True)

    return measurements().work(point, tell)


def _measure(point: Point) -> Iterator[np.ndarray]:
    """Yield the probabilities of the test images, part by part."""
    name = point.corruption if point.severity else ALL_CORRUPTIONS[0]
    return robustness.predictions(
        predictor_of(point.model, point.version),
        test_set().images,
        name,
        point.severity,
        seed=point.seed,
    )


def _accuracy(report: dict, clean: dict, choice: Choice) -> str:
    low, high = report["interval"]
    change = report["accuracy"] - clean["accuracy"]
    words = f"{abs(change) * 100:.2f} points {'more' if change > 0 else 'less'} than undamaged"
    if not choice.severity:
        words = "undamaged"
    elif not round(change, 4):
        words = "the same as undamaged"
    return (
        '<div class="dl-accuracy" role="status" aria-live="polite">'
        f"<strong>{report['accuracy']:.2%}</strong>"
        f"<span>read right with “{title(choice.corruption)}” at severity "
        f"{choice.severity:g}</span>"
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
