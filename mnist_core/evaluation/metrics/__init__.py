"""How good predictions are: accuracy with its interval, confusion, calibration, abstention."""

from mnist_core.evaluation.metrics.confidence import (
    CALIBRATION_BINS,
    COVERAGES,
    accuracy_by_coverage,
    auroc,
    expected_calibration_error,
    fit_temperature,
    log_loss,
    most_confident,
    reliability,
)
from mnist_core.evaluation.metrics.scores import (
    accuracy_interval,
    check_labels,
    confusion_matrix,
    evaluate,
    recall_per_class,
    summarise,
)

__all__ = [
    "CALIBRATION_BINS",
    "COVERAGES",
    "accuracy_by_coverage",
    "accuracy_interval",
    "auroc",
    "check_labels",
    "confusion_matrix",
    "evaluate",
    "expected_calibration_error",
    "fit_temperature",
    "log_loss",
    "most_confident",
    "recall_per_class",
    "reliability",
    "summarise",
]
