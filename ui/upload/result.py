"""A picture's digits as read and as a person corrected them, and what they come to."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mnist_core.reading import Box, Digit, Reading
from mnist_core.reading.records import Record, from_correction, from_digit
from ui.formats import SURE


@dataclass(frozen=True)
class Correction:
    """What a person changed in a picture."""

    boxes: tuple[Box, ...] | None = None  # None: as they were found
    own: Mapping[Box, int | None] = field(default_factory=dict)  # None: no part of the number


@dataclass(frozen=True)
class Mark:
    """One digit of a picture: as it was read, and as it counts."""

    read: Digit
    digit: int | None  # None: left out of the number
    own: bool  # a person has said so
    unlike: bool = False  # it counts, but hardly looks like a digit

    @property
    def state(self) -> str:
        """How it stands: a key of `ui.upload.picture.STATES`."""
        if self.own:
            return "own" if self.digit is not None else "own_out"
        if self.digit is None:
            return "out"
        return "sure" if self.read.confidence >= SURE and not self.unlike else "doubtful"


@dataclass(frozen=True)
class Result:
    """What is known about one picture."""

    name: str
    marks: tuple[Mark, ...] = ()
    width: int = 0  # of the upright picture, in pixels
    height: int = 0
    error: str = ""
    corrected: bool = False
    empty: int = 0  # boxes of a person's that hold no ink
    done: bool = True  # False: it waits to be read

    @property
    def lines(self) -> list[list[Mark]]:
        """The marks that count, line by line."""
        lines: dict[int, list[Mark]] = {}
        for mark in self.marks:
            if mark.digit is not None:
                lines.setdefault(mark.read.line, []).append(mark)
        return [lines[line] for line in sorted(lines)]

    @property
    def counted(self) -> list[Mark]:
        return [mark for line in self.lines for mark in line]

    @property
    def text(self) -> str:
        """The number read, lines joined by a newline."""
        return "\n".join("".join(str(mark.digit) for mark in line) for line in self.lines)

    @property
    def lowest(self) -> float | None:
        """The lowest confidence of the digits that count and that no person has given."""
        return min((mark.read.confidence for mark in self.counted if not mark.own), default=None)

    def count(self, *states: str) -> int:
        """How many digits are in these states."""
        return sum(mark.state in states for mark in self.marks)


def apply(
    name: str,
    reading: Reading,
    correction: Correction,
    read_boxes: Callable[[tuple[Box, ...]], Reading],
    threshold: float = 0.0,
) -> Result:
    """Return what was read, as a person has corrected it.

    Parameters
    ----------
    name : str
    reading : Reading
    correction : Correction
    read_boxes : callable, boxes -> Reading of what is in them; asked only if boxes were changed
    threshold : float in [0, 1]; digits whose `is_digit` is lower hardly look like digits
    """
    digits, empty = reading.digits, 0
    if correction.boxes is not None:
        known = {digit.box: digit for digit in reading.digits}
        found = read_boxes(correction.boxes).digits if correction.boxes else ()
        # Who moves one box does not want the others read anew.
        digits = [
            replace(known.get(box, digit), box=box, line=digit.line)
            for digit, box in zip(found, boxes_of(found, correction.boxes), strict=True)
        ]
        empty = len(correction.boxes) - len(digits)
    marks = tuple(_mark(digit, correction.own, threshold) for digit in digits)
    return Result(
        name,
        marks,
        reading.width,
        reading.height,
        corrected=correction.boxes is not None or any(mark.own for mark in marks),
        empty=empty,
    )


def with_own(correction: Correction, digit: Digit, own: int | None) -> Correction:
    """Return the correction with a person's word on one digit; what was read needs none."""
    others = {box: value for box, value in correction.own.items() if box != digit.box}
    if own != (digit.digit if digit.accepted else None):
        others[digit.box] = own
    return replace(correction, own=others)


def boxes_of(digits: Sequence[Digit], boxes: Sequence[Box]) -> list[Box]:
    """Return the box that each digit was read in, none twice.

    A digit's own box may be closer around its ink than the one that a person drew.
    """
    overlaps = sorted(
        (-overlap(digit.box, box), place, other)
        for place, digit in enumerate(digits)
        for other, box in enumerate(boxes)
    )
    taken: dict[int, int] = {}
    for _, place, other in overlaps:
        if place not in taken and other not in taken.values():
            taken[place] = other
    return [boxes[taken[place]] for place in range(len(digits))]


def overlap(one: Box, other: Box) -> float:
    """Return the share of two boxes' common area that both cover, 0 to 1."""
    width, height = (
        min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis])
        for axis in (0, 1)
    )
    both = max(width, 0) * max(height, 0)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def record_of(result: Result) -> Record:
    """Return a result as the record that downloads hold."""
    digits = tuple(
        from_correction(mark.read, mark.digit) if mark.own else from_digit(mark.read)
        for mark in result.marks
    )
    return Record(result.name, result.text, digits, result.error or None, result.corrected)


def _mark(digit: Digit, own: Mapping[Box, int | None], threshold: float) -> Mark:
    if digit.box in own:
        return Mark(digit, own[digit.box], own=True)
    counts = digit.accepted
    unlike = counts and digit.is_digit < threshold
    return Mark(digit, digit.digit if counts else None, own=False, unlike=unlike)
