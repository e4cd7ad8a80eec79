"""How good models are: metrics, robustness to corruptions, shared measurements, explanations."""

from mnist_core.evaluation.reports import evaluate, evaluate_selective
from mnist_core.evaluation.robustness import breaking_point, evaluate_corrupted

__all__ = [
    "breaking_point",
    "evaluate",
    "evaluate_corrupted",
    "evaluate_selective",
]
