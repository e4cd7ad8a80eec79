"""The measured figures on the page: accuracy, each digit's share, a strip of images."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.corruptions import CHUNK, title
from ui.measured import INTERVAL, Condition, corrupted
from ui.mnist import require_test_set
from ui.pictures import bars, picture, strip, tile, verdict
from ui.robustness.figures import Figures
from ui.style import html


@dataclass(frozen=True)
class Places:
    """Where on the page the figures go; the status can be seen before they are known."""

    accuracy: DeltaGenerator
    status: DeltaGenerator
    by_digit: DeltaGenerator


def lay_out() -> Places:
    """Reserve the places of the figures."""
    left, right = st.columns([5, 4], gap="medium")
    with left:
        with st.container(key="robustness_accuracy"):
            accuracy = st.container()
        status = st.empty()
        st.caption(INTERVAL)
    return Places(accuracy, status, right)


def show_accuracy(figures: Figures, places: Places) -> None:
    """Show the accuracy with its interval, and each digit's own."""
    report = figures.corrupted.report
    with places.accuracy:
        html(_accuracy(report, figures.clean.report, figures.condition))
    with places.by_digit:
        html(_by_digit(report["recall"]))


def show_strip(figures: Figures) -> None:
    """Show one test image of each digit, original and corrupted, with the model's answers."""
    data = require_test_set()
    labels = data.labels[:CHUNK]
    chosen = [int(np.flatnonzero(labels == digit)[0]) for digit in range(10)]
    after = corrupted(data, chosen, figures.condition)
    tiles = []
    for index, image in zip(chosen, after, strict=True):
        label = int(labels[index])
        tiles.append(
            tile(
                picture(data.images[index], f"A {label} of the test images"),
                verdict(figures.clean.digits[index], label),
                picture(image, f"The same {label}, corrupted"),
                verdict(figures.corrupted.digits[index], label),
            )
        )
    html(
        strip(tiles, "Test images, original and corrupted")
        + "<p class='dl-note'>Above: original. Below: corrupted. Under each image the model's "
        "answer: ✓ correct, ✗ wrong.</p>"
    )


def _accuracy(report: dict[str, Any], clean: dict[str, Any], condition: Condition) -> str:
    low, high = report["interval"]
    change = report["accuracy"] - clean["accuracy"]
    higher = "higher" if change > 0 else "lower"
    words = f"{abs(change) * 100:.2f} percentage points {higher} than without corruption"
    if not condition.severity:
        words = "without corruption"
    elif not round(change, 4):
        words = "the same as without corruption"
    return (
        '<div class="dl-accuracy" role="status" aria-live="polite">'
        f"<strong>{report['accuracy']:.2%}</strong>"
        f"<span>correctly classified with “{title(condition.corruption)}” at severity "
        f"{condition.severity:g}</span>"
        f"<span><b>{words}</b> ({clean['accuracy']:.2%})</span>"
        f"<span>95% interval {low:.2%} to {high:.2%}</span></div>"
    )


def _by_digit(recall: list[float]) -> str:
    shares = [f"{share:.1%}" for share in recall]
    label = ", ".join(f"{digit}: {share}" for digit, share in enumerate(shares))
    return "<p class='dl-note'><b>Accuracy for each digit</b></p>" + bars(
        recall, shares, f"Accuracy for each digit: {label}"
    )
