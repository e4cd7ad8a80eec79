"""How far confidence can be trusted: calibration, temperature, abstention, rejection."""

import numpy as np

from mnist_core.serving.probabilities import apply_temperature

CALIBRATION_BINS = 15
# Shares of the answers that are given, where accuracy is measured for cards.
COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 1.0)


def expected_calibration_error(confidence, right, *, bins=CALIBRATION_BINS):
    """Return how far confidence is from accuracy, averaged over bins of equal width.

    Parameters
    ----------
    confidence : array (n,) in [0, 1], the probability of the digit answered
    right : bool array (n,), whether that digit is the true one
    bins : int

    Returns
    -------
    float in [0, 1]

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    index = _bin_of(confidence, bins)
    gaps = np.bincount(index, np.asarray(right, float) - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(confidence))


def reliability(confidence, right, *, bins=CALIBRATION_BINS):
    """Compare confidence with accuracy, in bins of equal width.

    Parameters
    ----------
    confidence : array (n,) in [0, 1], the probability of the digit answered
    right : bool array (n,), whether that digit is the true one
    bins : int

    Returns
    -------
    list of dict, one for each bin that holds answers, in rising order: `confidence` and `accuracy`,
        means over the bin, and `n`

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    confidence, right = np.asarray(confidence), np.asarray(right, bool)
    index = _bin_of(confidence, bins)
    return [
        {
            "confidence": float(confidence[index == bin].mean()),
            "accuracy": float(right[index == bin].mean()),
            "n": int((index == bin).sum()),
        }
        for bin in np.unique(index)
    ]


def accuracy_by_coverage(confidence, right, coverages):
    """Return the accuracy of the most confident answers, for each share of them that is given.

    Parameters
    ----------
    confidence : array (n,)
    right : bool array (n,)
    coverages : sequence of float in (0, 1]

    Returns
    -------
    list of float, in the order of `coverages`

    Source: R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification",
    Journal of Machine Learning Research, 2010.
    """
    ordered = np.asarray(right, float)[np.argsort(-np.asarray(confidence), kind="stable")]
    means = np.cumsum(ordered) / np.arange(1, len(ordered) + 1)
    return [float(means[max(round(share * len(ordered)), 1) - 1]) for share in coverages]


def log_loss(probabilities, labels):
    """Return the mean negative log-likelihood in nats; probabilities are floored at 1e-12."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def fit_temperature(probabilities, labels):
    """Find the temperature at which probabilities fit the labels best.

    Parameters
    ----------
    probabilities : array (n, 10) of a validation split
    labels : int array (n,)

    Returns
    -------
    float in [0.2, 5], to about 0.3%
    """
    low, high = 0.2, 5.0
    for _ in range(2):
        candidates = np.geomspace(low, high, 32)
        losses = [log_loss(apply_temperature(probabilities, t), labels) for t in candidates]
        best = int(np.argmin(losses))
        low, high = candidates[max(best - 1, 0)], candidates[min(best + 1, 31)]
    return float(candidates[best])


def most_confident(probabilities, coverage):
    """Return which answers to give so that this share is given, the most confident ones.

    Parameters
    ----------
    probabilities : float array (n, 10)
    coverage : float in (0, 1]

    Returns
    -------
    bool array (n,)
    """
    confidence = probabilities.max(axis=1)
    given = np.zeros(len(confidence), bool)
    given[np.argsort(-confidence, kind="stable")[: round(coverage * len(confidence))]] = True
    return given


def auroc(positive, negative):
    """Return how likely a positive scores higher than a negative, both drawn at random.

    The area under the receiver operating characteristic; ties count one half.

    Parameters
    ----------
    positive, negative : float arrays (n,) and (m,) of scores, neither empty

    Returns
    -------
    float in [0, 1]
    """
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive, "left").mean()
    at_most = np.searchsorted(negative, positive, "right").mean()
    return float((below + at_most) / 2 / len(negative))


def _bin_of(confidence, bins):
    """Return the bin of equal width that each confidence falls into; int array (n,)."""
    return np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
