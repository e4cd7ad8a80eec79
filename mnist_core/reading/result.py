"""What was read in a picture: its digits, and the number they make."""

from dataclasses import dataclass

import numpy as np

Box = tuple[int, int, int, int]  # x, y, width, height in pixels of the upright picture


@dataclass(frozen=True)
class Digit:
    """One digit of a picture.

    Attributes
    ----------
    confidence : in [0, 1], the probability of that digit
    is_digit : in [0, 1], how much it looks like a digit at all
    accepted : whether that is enough to count it
    line : counted from 0, top to bottom
    image : float32 (28, 28) in [0, 1], white on black, as the network got it
    probabilities : of the ten digits
    """

    digit: int
    confidence: float
    is_digit: float
    accepted: bool
    box: Box
    line: int
    image: np.ndarray
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Reading:
    """The digits of a picture.

    Attributes
    ----------
    digits : line by line, from left to right
    width, height : pixels of the upright picture
    """

    digits: tuple[Digit, ...]
    width: int
    height: int

    @property
    def text(self) -> str:
        """The accepted digits, lines joined by a newline; empty when nothing was found."""
        rows: dict[int, list[str]] = {}
        for digit in self.digits:
            if digit.accepted:
                rows.setdefault(digit.line, []).append(str(digit.digit))
        return "\n".join("".join(rows[line]) for line in sorted(rows))
