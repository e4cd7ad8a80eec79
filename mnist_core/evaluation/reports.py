"""Predict labelled images and measure the answers."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mnist_core.evaluation import metrics
from mnist_core.serving import Predictor, is_accepted


def evaluate(
    predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, labels: np.ndarray
) -> dict[str, Any]:
    """Measure any predictions, all of which count as given.

    Parameters
    ----------
    predict : float32 images (n, 28, 28) -> probabilities (n, 10)
    images : float32 (n, 28, 28) in [0, 1], white on black
    labels : int (n,), 0 to 9

    Returns
    -------
    what `metrics.summarise` returns, and the seconds that predicting took
    """
    start = time.perf_counter()
    probabilities = predict(images)
    seconds = time.perf_counter() - start
    return {**metrics.summarise(probabilities, labels), "seconds": seconds}


def evaluate_selective(
    predictor: Predictor, images: np.ndarray, labels: np.ndarray, *, coverage: float | None = None
) -> dict[str, Any]:
    """Measure a predictor that may abstain: only accepted answers count as given.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1], white on black
    labels : int (n,), 0 to 9
    coverage : in (0, 1]; accept this share of the answers, the most confident ones, instead of
        those that reach the rejection threshold

    Returns
    -------
    what `metrics.summarise` returns, and the seconds that predicting took
    """
    start = time.perf_counter()
    found = predictor.predict_full(images)
    seconds = time.perf_counter() - start
    if coverage is None:
        accepted = is_accepted(found.is_digit, predictor.rejection_threshold)
    else:
        accepted = metrics.most_confident(found.probabilities, coverage)
    summary = metrics.summarise(found.probabilities, labels, accepted=accepted)
    return {**summary, "seconds": seconds}
