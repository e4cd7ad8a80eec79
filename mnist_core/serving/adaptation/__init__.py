"""Teach a stored model new handwriting: a new last layer on the features that it has."""

from mnist_core.serving.adaptation.examples import NON_DIGIT, Examples, look_at
from mnist_core.serving.adaptation.fitting import adapt, cross_validate
from mnist_core.serving.adaptation.head import Head

__all__ = ["NON_DIGIT", "Examples", "Head", "adapt", "cross_validate", "look_at"]
