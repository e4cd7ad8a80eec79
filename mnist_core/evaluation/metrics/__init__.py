"""How good predictions are: accuracy with its interval, confusion, calibration, abstention."""

from mnist_core.evaluation.metrics.abstention import (
    COVERAGES,
    accuracy_by_coverage,
    most_confident,
)
from mnist_core.evaluation.metrics.calibration import (
    CALIBRATION_BINS,
    expected_calibration_error,
    fit_temperature,
    reliability,
)
from mnist_core.evaluation.metrics.scores import (
    accuracy_interval,
    auroc,
    check_labels,
    confusion_matrix,
    log_loss,
    recall_per_class,
)
from mnist_core.evaluation.metrics.summary import summarise

__all__ = [
    "CALIBRATION_BINS",
    "COVERAGES",
    "accuracy_by_coverage",
    "accuracy_interval",
    "auroc",
    "check_labels",
    "confusion_matrix",
    "expected_calibration_error",
    "fit_temperature",
    "log_loss",
    "most_confident",
    "recall_per_class",
    "reliability",
    "summarise",
]
