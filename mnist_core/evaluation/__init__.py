"""How good models are: metrics, robustness to corruptions, shared measurements, explanations."""

from mnist_core.evaluation.reports import evaluate, evaluate_selective

# Not robustness: with it come the corruptions and OpenCV, which drawing a digit can do without.
__all__ = ["evaluate", "evaluate_selective"]
