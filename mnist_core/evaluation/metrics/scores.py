"""How good predictions are: accuracy with its interval, confusion, calibration, abstention.

Everything here takes probabilities and labels, or any `predict(images) -> probabilities`.
"""

import time

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.evaluation.metrics.confidence import (
    expected_calibration_error,
)


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
