"""Calibration: how far confidence and accuracy differ, and the temperature that mends it."""

from typing import Any

import numpy as np

from mnist_core.evaluation.metrics.scores import log_loss
from mnist_core.serving.probabilities import apply_temperature

CALIBRATION_BINS = 15


def expected_calibration_error(
    confidence: np.ndarray, correct: np.ndarray, *, bins: int = CALIBRATION_BINS
) -> float:
    """Return how far confidence is from accuracy, averaged over bins of equal width.

    Parameters
    ----------
    confidence : (n,) in [0, 1], the probability of the digit answered
    correct : bool (n,), whether that digit is the true one

    Returns
    -------
    in [0, 1]

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    index = _bin_of(confidence, bins)
    gaps = np.bincount(index, np.asarray(correct, float) - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def reliability(
    confidence: np.ndarray, correct: np.ndarray, *, bins: int = CALIBRATION_BINS
) -> list[dict[str, Any]]:
    """Compare confidence with accuracy, in bins of equal width.

    Parameters
    ----------
    confidence : (n,) in [0, 1], the probability of the digit answered
    correct : bool (n,), whether that digit is the true one

    Returns
    -------
    one dict for each bin that holds answers, in rising order: `confidence` and `accuracy`, means
    over the bin, and `n`

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    confidence, correct = np.asarray(confidence), np.asarray(correct, bool)
    index = _bin_of(confidence, bins)
    return [
        {
            "confidence": float(confidence[index == bin].mean()),
            "accuracy": float(correct[index == bin].mean()),
            "n": int((index == bin).sum()),
        }
        for bin in np.unique(index)
    ]


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Find the temperature at which probabilities fit the labels best.

    Parameters
    ----------
    probabilities : (n, 10), of a validation split
    labels : int (n,)

    Returns
    -------
    in [0.2, 5], to about 0.3%
    """
    low, high, best = 0.2, 5.0, 1.0
    for _ in range(2):
        candidates = np.geomspace(low, high, 32)
        losses = [log_loss(apply_temperature(probabilities, t), labels) for t in candidates]
        place = int(np.argmin(losses))
        best = float(candidates[place])
        low, high = candidates[max(place - 1, 0)], candidates[min(place + 1, 31)]
    return best


def _bin_of(confidence: np.ndarray, bins: int) -> np.ndarray:
    """Return the bin of equal width that each confidence falls into; int (n,)."""
    return np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
