"""Selective prediction: which answers to give when a model may abstain, and how good they are."""

from collections.abc import Sequence

import numpy as np

# Shares of the answers that are given, where accuracy is measured for cards.
COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 1.0)


def most_confident(probabilities: np.ndarray, coverage: float) -> np.ndarray:
    """Return which answers to give so that this share is given, the most confident ones.

    Parameters
    ----------
    probabilities : (n, 10)
    coverage : in (0, 1]

    Returns
    -------
    bool (n,)
    """
    confidence = probabilities.max(axis=1)
    given = np.zeros(len(confidence), bool)
    given[np.argsort(-confidence, kind="stable")[: round(coverage * len(confidence))]] = True
    return given


def accuracy_by_coverage(
    confidence: np.ndarray, correct: np.ndarray, coverages: Sequence[float]
) -> list[float]:
    """Return the accuracy of the most confident answers, for each share of them that is given.

    Parameters
    ----------
    confidence : (n,)
    correct : bool (n,)
    coverages : each in (0, 1]

    Returns
    -------
    one accuracy in [0, 1] a coverage, in the same order

    Source: R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification",
    Journal of Machine Learning Research, 2010.
    """
    ordered = np.asarray(correct, float)[np.argsort(-np.asarray(confidence), kind="stable")]
    means = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return [float(means[max(round(share * len(ordered)), 1) - 1]) for share in coverages]
