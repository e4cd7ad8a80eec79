"""How ways of writing are noted, and how far hands vary them."""

from typing import Any, NamedTuple

# {name of a style: (weight, stroke, ...)}. The weight says how often it is written. A stroke is its
# control points on a grid from 0 to 100, x right and y down. `a,b~c,d` is a point anywhere between
# two places (all such points of a stroke travel together), `!` marks a corner.
Styles = dict[str, tuple[Any, ...]]


class Hand(NamedTuple):
    """How far handwriting may vary a character before it resembles another."""

    wobble: float  # relative to most digits
    turn: float  # degrees either way
    slant_left: float  # sideways, of 1 for the height
    slant_right: float
    narrowest: float  # of 1 for the width in the table
    widest: float
