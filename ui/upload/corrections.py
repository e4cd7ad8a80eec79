"""What a person corrects in a picture, and the result that follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from mnist_core.reading import Box, Digit, Reading, with_digits
from mnist_core.serving import is_accepted
from ui.upload.result import Mark, Result

NUMERALS = tuple("0123456789")


@dataclass(frozen=True)
class Correction:
    """What a person changed in a picture.

    Attributes
    ----------
    boxes : as the person drew them; None if they stay as they were found
    own : the person's digit for each box that has one; None leaves it out of the number
    """

    boxes: tuple[Box, ...] | None = None
    own: Mapping[Box, int | None] = field(default_factory=dict)


def apply_correction(
    result: Result,
    reading: Reading,
    correction: Correction,
    in_boxes: Sequence[Digit] = (),
    *,
    threshold: float = 0.0,
) -> Result:
    """Return what was read, as a person has corrected it.

    Parameters
    ----------
    result : what is known of the picture besides
    in_boxes : what was read in the boxes that the person drew
    threshold : in [0, 1]; accepted digits whose `is_digit` is lower get a warning
    """
    digits, empty = reading.digits, 0
    if correction.boxes is not None:
        known = {digit.box: digit for digit in reading.digits}
        # A box that did not move keeps what was read in it at first.
        digits = tuple(
            replace(known.get(box, digit), box=box, line=digit.line)
            for digit, box in zip(in_boxes, boxes_of(in_boxes, correction.boxes), strict=True)
        )
        empty = len(correction.boxes) - len(digits)
    marks = tuple(_mark(digit, correction.own, threshold) for digit in digits)
    is_corrected = correction.boxes is not None or any(mark.own for mark in marks)
    counted = with_digits(reading, list(map(_counted, marks))) if is_corrected else reading
    return replace(
        result,
        marks=marks,
        width=reading.width,
        height=reading.height,
        written=counted.written,
        cells=counted.cells,
        turned=reading.turned,
        remark=reading.remark,
        corrected=is_corrected,
        empty_boxes=empty,
    )


def with_own(correction: Correction, digit: Digit, own: int | None) -> Correction:
    """Return the correction with a person's digit added; none is kept that was read anyway."""
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
    """Return two boxes' intersection over union, 0 to 1."""
    width, height = (
        min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis])
        for axis in (0, 1)
    )
    both = max(width, 0) * max(height, 0)
    return both / (one[2] * one[3] + other[2] * other[3] - both)


def _counted(mark: Mark) -> Digit:
    """Return a digit as it counts."""
    value = mark.read.digit if mark.digit is None else mark.digit
    return replace(mark.read, digit=value, accepted=mark.digit is not None)


def _mark(digit: Digit, own: Mapping[Box, int | None], threshold: float) -> Mark:
    if digit.box in own:
        return Mark(digit, own[digit.box], own=True)
    unlike = digit.accepted and not is_accepted(digit.is_digit, threshold)
    return Mark(digit, digit.digit if digit.accepted else None, own=False, unlike=unlike)
