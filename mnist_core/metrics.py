"""How good predictions are: accuracy with its interval, confusion, calibration, abstention.

Everything here takes probabilities and labels, or any `predict(images) -> probabilities`.
"""

import time

import numpy as np

from mnist_core.config import CLASSES

CALIBRATION_BINS = 15
# Shares of the answers that are given, where accuracy is measured for cards.
COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 1.0)


def accuracy_interval(right, n, *, z=1.96):
    """Return the 95% confidence interval of an accuracy.

    Parameters
    ----------
    right : int, how many were right
    n : int, of how many; above 0
    z : float, the normal quantile; 1.96 for 95%

    Returns
    -------
    (low, high) : floats in [0, 1]

    Raises
    ------
    ValueError : n is not positive, or right is not between 0 and n

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association, 1927.

    Examples
    --------
    >>> low, high = accuracy_interval(99, 100)
    >>> f"{low:.3f} to {high:.3f}"
    '0.946 to 0.998'
    """
    if n <= 0 or not 0 <= right <= n:
        raise ValueError(f"Expected 0 <= right <= n and n > 0, received right={right}, n={n}.")
    share = right / n
    middle = share + z**2 / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    low, high = (middle - half) / scale, (middle + half) / scale
    return max(0.0, float(low)), min(1.0, float(high))


def confusion_matrix(labels, digits):
    """Count how often each digit (row) was read as each digit (column); int64 array (10, 10).

    Examples
    --------
    >>> matrix = confusion_matrix(labels=[4, 4, 7], digits=[4, 9, 7])
    >>> int(matrix[4, 4]), int(matrix[4, 9]), int(matrix.sum())
    (1, 1, 3)
    """
    cells = np.asarray(labels, np.int64) * CLASSES + np.asarray(digits, np.int64)
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def recall_per_class(confusion):
    """Return the share of each digit that was read right, NaN for digits that do not occur.

    Examples
    --------
    >>> float(recall_per_class(confusion_matrix([4, 4, 7], [4, 9, 7]))[4])
    0.5
    """
    totals = confusion.sum(axis=1)
    return np.divide(np.diag(confusion), totals, out=np.full(CLASSES, np.nan), where=totals > 0)


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


def softmax(logits):
    """Return exp(logits) divided by its sum along each row; array (n, 10), rows summing to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def apply_temperature(probabilities, temperature):
    """Soften (above 1) or sharpen (below 1) probabilities, as dividing their logits would.

    Parameters
    ----------
    probabilities : array (n, 10), rows summing to 1
    temperature : float above 0

    Returns
    -------
    float32 array (n, 10), rows summing to 1

    Source: C. Guo et al., "On calibration of modern neural networks", ICML 2017.
    """
    return softmax(np.log(np.maximum(probabilities, 1e-30)) / temperature).astype(np.float32)


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


def summarise(probabilities, labels, *, accepted=None):
    """Measure predictions against labels.

    Parameters
    ----------
    probabilities : float array (n, 10), rows summing to 1
    labels : int array (n,), 0 to 9
    accepted : bool array (n,) or None; where the answer would be given, None for everywhere

    Returns
    -------
    dict : n, accuracy, interval (95%), errors, balanced_accuracy (over the digits that occur),
        recall (10, None where a digit does not occur), confusion (10 rows of the true digit),
        ece, coverage (share accepted), selective_accuracy (among those; None if there are none)

    Raises
    ------
    ValueError : no images, or shapes and labels that do not fit together
    """
    probabilities, labels = np.asarray(probabilities), np.asarray(labels)
    if probabilities.ndim != 2 or probabilities.shape != (len(labels), CLASSES) or not len(labels):
        raise ValueError(
            "Expected probabilities (n, 10) and labels (n,) with n > 0, received shapes "
            f"{probabilities.shape} and {labels.shape}."
        )
    check_labels(labels)
    digits = probabilities.argmax(axis=1)
    right = digits == labels
    accepted = np.ones(len(labels), bool) if accepted is None else np.asarray(accepted, bool)
    confusion = confusion_matrix(labels, digits)
    recall = recall_per_class(confusion)
    return {
        "n": len(labels),
        "accuracy": float(right.mean()),
        "interval": list(accuracy_interval(int(right.sum()), len(labels))),
        "errors": int((~right).sum()),
        "balanced_accuracy": float(np.nanmean(recall)),
        "recall": [None if np.isnan(r) else float(r) for r in recall],
        "confusion": confusion.tolist(),
        "ece": expected_calibration_error(probabilities.max(axis=1), right),
        "coverage": float(accepted.mean()),
        "selective_accuracy": float(right[accepted].mean()) if accepted.any() else None,
    }


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


def evaluate(predict, images, labels):
    """Predict a batch of images and measure the answers.

    Parameters
    ----------
    predict : callable, float32 images (n, 28, 28) -> probabilities (n, 10)
    images : float32 array (n, 28, 28) in [0, 1], white on black
    labels : int array (n,)

    Returns
    -------
    dict : what `summarise` returns, and the seconds that predicting took
    """
    start = time.perf_counter()
    probabilities = predict(images)
    seconds = time.perf_counter() - start
    return {**summarise(probabilities, labels), "seconds": seconds}


def _bin_of(confidence, bins):
    """Return the bin of equal width that each confidence falls into; int array (n,)."""
    return np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)


def check_labels(labels):
    """Refuse labels that are not whole numbers from 0 to 9.

    Raises
    ------
    ValueError : another type or range
    """
    labels = np.asarray(labels)
    if labels.dtype.kind in "iu" and not labels.size:
        return
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= CLASSES:
        raise ValueError(
            f"Labels must be whole numbers from 0 to 9, received {labels.dtype} from "
            f"{labels.min()} to {labels.max()}."
        )
