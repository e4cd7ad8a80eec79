"""The ways of writing each digit, as control points of pen strokes: our own design."""

from mnist_core.synthesis.styles.five_to_nine import FIVE_TO_NINE
from mnist_core.synthesis.styles.notation import Hand
from mnist_core.synthesis.styles.zero_to_four import ZERO_TO_FOUR

HANDS = {
    0: Hand(1.0, 20, 0.3, 0.6, 0.6, 1.4),
    1: Hand(0.75, 8, 0.15, 0.4, 0.6, 1.1),
    2: Hand(0.95, 13, 0.25, 0.5, 0.65, 1.4),
    3: Hand(1.0, 13, 0.25, 0.5, 0.65, 1.4),
    4: Hand(1.0, 11, 0.25, 0.45, 0.65, 1.4),
    5: Hand(0.95, 12, 0.25, 0.45, 0.65, 1.4),
    6: Hand(1.0, 13, 0.2, 0.5, 0.65, 1.4),
    7: Hand(0.9, 11, 0.15, 0.4, 0.65, 1.35),
    8: Hand(1.0, 18, 0.3, 0.6, 0.6, 1.4),
    9: Hand(0.95, 13, 0.2, 0.5, 0.65, 1.4),
}
STYLES = ZERO_TO_FOUR | FIVE_TO_NINE
