"""All scores of a batch of predictions in one report."""

from typing import Any

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.evaluation.metrics.calibration import expected_calibration_error
from mnist_core.evaluation.metrics.scores import (
    accuracy_interval,
    check_labels,
    confusion_matrix,
    recall_per_class,
)


def summarise(
    probabilities: np.ndarray, labels: np.ndarray, *, accepted: np.ndarray | None = None
) -> dict[str, Any]:
    """Measure predictions against labels.

    Parameters
    ----------
    probabilities : float (n, 10), rows summing to 1
    labels : int (n,), 0 to 9
    accepted : bool (n,), where the answer would be given; everywhere if left out

    Returns
    -------
    n, accuracy, interval (95%), errors, balanced_accuracy (over the digits that occur), recall (10,
    None where a digit does not occur), confusion (10 rows of the true digit), ece (expected
    calibration error), coverage (share accepted), selective_accuracy (among those; None if there
    are none)

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
    correct = digits == labels
    accepted = np.ones(len(labels), bool) if accepted is None else np.asarray(accepted, bool)
    confusion = confusion_matrix(labels, digits)
    recall = recall_per_class(confusion)
    return {
        "n": len(labels),
        "accuracy": float(correct.mean()),
        "interval": list(accuracy_interval(int(correct.sum()), len(labels))),
        "errors": int((~correct).sum()),
        "balanced_accuracy": float(np.nanmean(recall)),
        "recall": [None if np.isnan(r) else float(r) for r in recall],
        "confusion": confusion.tolist(),
        "ece": expected_calibration_error(probabilities.max(axis=1), correct),
        "coverage": float(accepted.mean()),
        "selective_accuracy": float(correct[accepted].mean()) if accepted.any() else None,
    }
