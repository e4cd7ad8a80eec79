"""What is known about a kind of non-digit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator


@dataclass(frozen=True)
class NonDigit:
    """A kind of picture that does not show a digit.

    Attributes
    ----------
    draw : makes a picture, float32 (28, 28) in [0, 1], white on black
    frequency : above 0, how often it is drawn compared with others; higher for what resembles
        digits most
    """

    name: str
    draw: Callable[[Generator], np.ndarray]
    frequency: float = 1.0
