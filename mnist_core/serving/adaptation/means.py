"""How a linear discriminant analysis changes when class means move towards some examples."""

import numpy as np

from mnist_core.config import CLASSES

SHRINKAGE = 0.3  # of the covariance towards a sphere
PRIOR = 3.0  # how many examples of a class its old mean counts as
FARTHEST = 10.0  # in standard deviations that a mean moves; a hand that is odder moves no farther


def moved_means(
    features: np.ndarray, labels: np.ndarray, kept: np.ndarray, kept_labels: np.ndarray
) -> np.ndarray:
    """Return what to add to logits, linear in the features, once the means have moved.

    Of digits that it classifies correctly anyway, the cross-entropy learns next to nothing; their
    means still say how this hand differs.

    Parameters
    ----------
    features, labels : of the examples, (n, k) and int (n,)
    kept, kept_labels : of the replay

    Returns
    -------
    (k + 1, 10), the last row for the bias

    Source: T. Hayes and C. Kanan, "Lifelong machine learning with deep streaming linear
    discriminant analysis" (2020); deviation: the covariance stays that of the replay, old means
    count as few examples, and no mean moves farther than FARTHEST.
    """
    counts = np.bincount(kept_labels, minlength=CLASSES)
    old = np.zeros((CLASSES, kept.shape[1]))
    np.add.at(old, kept_labels, kept)
    old /= np.maximum(counts, 1)[:, None]
    spread = old[kept_labels]
    np.subtract(kept, spread, out=spread)
    covariance = spread.T @ spread / len(kept)
    width = len(covariance)
    sphere = np.trace(covariance) / width + 1e-9
    precise = np.linalg.inv(covariance + SHRINKAGE * sphere * np.eye(width))
    sums = np.zeros_like(old)
    np.add.at(sums, labels, features - old[labels])
    sums[counts == 0] = 0  # whose old mean is unknown
    move = sums / (PRIOR + np.bincount(labels, minlength=CLASSES))[:, None]
    distance = np.sqrt(np.einsum("ck,kj,cj->c", move, precise, move))
    new = old + move * np.minimum(1, FARTHEST / np.maximum(distance, 1e-9))[:, None]

    def bias(means: np.ndarray) -> np.ndarray:
        return -np.einsum("ck,kj,cj->c", means, precise, means) / 2

    return np.vstack([precise @ (new - old).T, bias(new) - bias(old)])
