"""What was read in a picture: its digits, and the number they make."""

from dataclasses import dataclass, replace

import numpy as np

Box = tuple[int, int, int, int]  # x, y, width, height in pixels of the upright picture
RULE = "|"


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
class Separator:
    """A mark that stands between digits, such as a decimal point.

    Attributes
    ----------
    sign : the character that `written` has for it; empty for marks that are not written, RULE for
        an upright rule between boxes or columns
    confidence : in [0, 1], the probability of that sign
    line : counted from 0, top to bottom, as in `Digit`
    """

    sign: str
    confidence: float
    box: Box
    line: int


@dataclass(frozen=True)
class Reading:
    """The digits of a picture.

    Attributes
    ----------
    digits : line by line, from left to right
    width, height : pixels of the upright picture
    written : `text` with the separators and wide gaps of the picture; `text` where none are known
    turned : 0, 90, 180 or 270; how far the picture had to be turned clockwise to be read
    remark : one sentence about what may be wrong; empty if there is nothing to say
    cells : the rows of a table, each cell as it is written; empty if the digits form no table
    marks : what stands between the digits, line by line
    even : `is_digit` of what is as likely a digit as not
    """

    digits: tuple[Digit, ...]
    width: int
    height: int
    written: str = ""
    turned: int = 0
    remark: str = ""
    cells: tuple[tuple[str, ...], ...] = ()
    marks: tuple[Separator, ...] = ()
    even: float = 0.5

    def __post_init__(self) -> None:
        """Let `written` be the digits alone where nothing else is known."""
        if not self.written:
            object.__setattr__(self, "written", self.text)

    @property
    def text(self) -> str:
        """The accepted digits, lines joined by a newline; empty when nothing was found."""
        rows: dict[int, list[str]] = {}
        for digit in self.digits:
            if digit.accepted:
                rows.setdefault(digit.line, []).append(str(digit.digit))
        return "\n".join("".join(rows[line]) for line in sorted(rows))


def with_remark(reading: Reading, remark: str) -> Reading:
    """Return a reading with one more sentence in its remark; the same if there is none."""
    return replace(reading, remark=f"{remark} {reading.remark}".strip()) if remark else reading
