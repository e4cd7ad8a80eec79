"""Scores of predictions: accuracy with its interval, confusion, recall, log-loss, AUROC."""

import numpy as np

from mnist_core.config import CLASSES


def accuracy_interval(correct: int, n: int, *, z: float = 1.96) -> tuple[float, float]:
    """Return the 95% confidence interval of an accuracy.

    Parameters
    ----------
    correct : how many of the n answers were
    n : above 0
    z : the normal quantile; 1.96 for 95%

    Returns
    -------
    (low, high), in [0, 1]

    Raises
    ------
    ValueError : n is not positive, or correct is not between 0 and n

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical
    inference", Journal of the American Statistical Association, 1927.

    Examples
    --------
    >>> low, high = accuracy_interval(99, 100)
    >>> f"{low:.3f} to {high:.3f}"
    '0.946 to 0.998'
    """
    if n <= 0 or not 0 <= correct <= n:
        raise ValueError(
            f"Expected 0 <= correct <= n and n > 0, received correct={correct}, n={n}."
        )
    share = correct / n
    middle = share + z**2 / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    low, high = (middle - half) / scale, (middle + half) / scale
    return max(0.0, float(low)), min(1.0, float(high))


def confusion_matrix(labels: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Count how often each digit (row) was classified as each digit (column); int64 (10, 10).

    Examples
    --------
    >>> matrix = confusion_matrix(labels=np.array([4, 4, 7]), digits=np.array([4, 9, 7]))
    >>> int(matrix[4, 4]), int(matrix[4, 9]), int(matrix.sum())
    (1, 1, 3)
    """
    cells = np.asarray(labels, np.int64) * CLASSES + np.asarray(digits, np.int64)
    return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)


def recall_per_class(confusion: np.ndarray) -> np.ndarray:
    """Return the share of each digit that was classified correctly, NaN where it does not occur.

    Examples
    --------
    >>> matrix = confusion_matrix(np.array([4, 4, 7]), np.array([4, 9, 7]))
    >>> float(recall_per_class(matrix)[4])
    0.5
    """
    totals = confusion.sum(axis=1)
    return np.divide(np.diag(confusion), totals, out=np.full(CLASSES, np.nan), where=totals > 0)


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean negative log-likelihood in nats; probabilities are floored at 1e-12."""
    chosen = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def auroc(positive: np.ndarray, negative: np.ndarray) -> float:
    """Return how likely a positive scores higher than a negative, both drawn at random.

    The area under the receiver operating characteristic; ties count one half.

    Parameters
    ----------
    positive, negative : scores (n,) and (m,), neither empty

    Returns
    -------
    in [0, 1]
    """
    negative = np.sort(negative)
    below = np.searchsorted(negative, positive, "left").mean()
    at_most = np.searchsorted(negative, positive, "right").mean()
    return float((below + at_most) / 2 / len(negative))


def check_labels(labels: np.ndarray) -> None:
    """Refuse labels that are not whole numbers from 0 to 9.

    Raises
    ------
    ValueError : another type or range
    """
    labels = np.asarray(labels)
    if labels.dtype.kind in "iu" and not labels.size:
        return
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= CLASSES:
        span = f" from {labels.min()} to {labels.max()}" if labels.dtype.kind in "iuf" else ""
        raise ValueError(
            f"Labels must be whole numbers from 0 to 9, received {labels.dtype}{span}."
        )
