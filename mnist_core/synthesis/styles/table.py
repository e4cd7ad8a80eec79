"""The ways of writing each digit, as control points of pen strokes: our own design."""

from mnist_core.synthesis.styles.five_to_nine import FIVE_TO_NINE
from mnist_core.synthesis.styles.zero_to_four import ZERO_TO_FOUR

# How far hands go with each digit before it could be taken for another:
# wobble, turn in degrees either way, slant to the left and to the right, narrowest, widest
HANDS = {
    0: (1.0, 20, 0.3, 0.6, 0.6, 1.4),
    1: (0.75, 8, 0.15, 0.4, 0.6, 1.1),
    2: (0.95, 13, 0.25, 0.5, 0.65, 1.4),
    3: (1.0, 13, 0.25, 0.5, 0.65, 1.4),
    4: (1.0, 11, 0.25, 0.45, 0.65, 1.4),
    5: (0.95, 12, 0.25, 0.45, 0.65, 1.4),
    6: (1.0, 13, 0.2, 0.5, 0.65, 1.4),
    7: (0.9, 11, 0.15, 0.4, 0.65, 1.35),
    8: (1.0, 18, 0.3, 0.6, 0.6, 1.4),
    9: (0.95, 13, 0.2, 0.5, 0.65, 1.4),
}

# label: {style: (weight, stroke, ...)}. A stroke is its control points on a grid from 0 to 100,
# x right and y down. `a,b~c,d` is a point anywhere between two places (all such points of a
# stroke travel together), `!` marks a corner.
STYLES = ZERO_TO_FOUR | FIVE_TO_NINE
