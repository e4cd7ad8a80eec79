"""What models make of corrupted test images, measured once for all sessions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.corruptions import ALL_CORRUPTIONS, CHUNK, corrupt
from mnist_core.evaluation import robustness
from mnist_core.evaluation.measurements import Measurements, Point
from mnist_core.serving import Card
from ui.mnist import TestSet, test_set
from ui.model_choice import predictor_of

DEFAULT_SEVERITY = 0.5
INTERVAL = (
    "95% interval: other test digits would have given a slightly different accuracy, most likely "
    "one in this range."
)


@dataclass(frozen=True)
class Condition:
    """What was done to the test images: a corruption at a severity, its randomness from a seed."""

    corruption: str
    severity: float
    seed: int = 0


UNCORRUPTED = Condition(ALL_CORRUPTIONS[0], 0.0)


@st.cache_resource(show_spinner=False, on_release=Measurements.close)
def measurements() -> Measurements:
    """What all sessions have measured on the test images."""
    return Measurements(_measure, test_set().labels)


def point_of(card: Card, condition: Condition) -> Point:
    """What is measured of a model on test images in this condition."""
    version = card.files["model.tflite"]["sha256"]
    return Point.of(card.name, version, condition.corruption, condition.severity, condition.seed)


def corrupted(data: TestSet, indices: Sequence[int], condition: Condition) -> list[np.ndarray]:
    """The images at these places, corrupted just as they were when they were measured."""
    chunks = {}
    for index in indices:
        first = index - index % CHUNK
        if first not in chunks:
            chunks[first] = corrupt(
                data.images[first : first + CHUNK],
                condition.corruption,
                condition.severity,
                seed=condition.seed,
                first=first,
            )
    return [chunks[index - index % CHUNK][index % CHUNK] for index in indices]


def _measure(point: Point) -> Iterator[np.ndarray]:
    """Yield the probabilities of the test images, part by part."""
    name = point.corruption if point.severity else ALL_CORRUPTIONS[0]
    return robustness.predict_corrupted(
        predictor_of(point.model, point.version),
        test_set().images,
        name,
        point.severity,
        seed=point.seed,
    )
