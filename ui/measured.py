"""What models make of corrupted test images, measured once for all sessions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from mnist_core.corruptions import ALL_CORRUPTIONS, CHUNK, corrupt
from mnist_core.evaluation import robustness
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import Measurements, Point
from mnist_core.evaluation.stored import StoredFigures
from mnist_core.serving import Card
from mnist_core.workspace import Workspace
from ui.mnist import TestSet, require_test_set
from ui.model_choice import predictor_of
from ui.session import workspace

DEFAULT_SEVERITY = 0.5
INTERVAL = (
    "95% interval: other test digits would give a slightly different accuracy, most likely one in "
    "this range."
)


@dataclass(frozen=True)
class Condition:
    """What is done to the test images: a corruption at a severity, its randomness from a seed."""

    corruption: str
    severity: float
    seed: int = 0


UNCORRUPTED = Condition(ALL_CORRUPTIONS[0], 0.0)


def measurements() -> Measurements:
    """Return what all sessions have measured on the test images."""
    return all_measurements(workspace())


@st.cache_resource(show_spinner=False, on_release=Measurements.close)
def all_measurements(folders: Workspace) -> Measurements:
    """Return what was measured of the models in these folders; a thread has no session to ask."""
    labels = require_test_set().labels
    stored = StoredFigures(folders, labels)
    return Measurements(partial(_measure, folders), labels, stored=stored.find)


def point_of(card: Card, condition: Condition) -> Point:
    """Name what is measured: a model on the test images in a condition."""
    version = card.version
    return Point.of(card.name, version, condition.corruption, condition.severity, condition.seed)


def measure(card: Card, condition: Condition, show: Callable[[int, int], None]) -> Measured:
    """Measure a model now, before anything in the background.

    Parameters
    ----------
    show : called after each part with the numbers of images done and correct so far

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    return measurements().measure(point_of(card, condition), show)


def corrupted(data: TestSet, indices: Sequence[int], condition: Condition) -> list[np.ndarray]:
    """Corrupt the images at these places, pixel by pixel as they were when they were measured."""
    chunks: dict[int, np.ndarray] = {}
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


def _measure(folders: Workspace, point: Point) -> Iterator[np.ndarray]:
    """Yield the probabilities of the test images, part by part."""
    name = point.corruption if point.severity else ALL_CORRUPTIONS[0]
    return robustness.predict_corrupted(
        predictor_of(point.model, point.version, folders),
        require_test_set().images,
        name,
        point.severity,
        seed=point.seed,
    )
