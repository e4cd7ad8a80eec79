"""The ways of writing each digit, as control points of pen strokes: our own design."""

from mnist_core.synthesis.styles.notation import Hand, Styles
from mnist_core.synthesis.styles.table import HANDS, STYLES

__all__ = ["HANDS", "STYLES", "Hand", "Styles"]
