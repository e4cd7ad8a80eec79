"""Digits as both networks read them -> a reading: lines, separators, boxes of the given picture."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mnist_core.boxes import turn_box
from mnist_core.config import CLASSES, MARKS
from mnist_core.reading.detection import Marks
from mnist_core.reading.layout import find_lines, find_rules, nearest_line, with_digits
from mnist_core.reading.result import RULE, Box, Digit, Reading, Separator

LOW_SIGNS, LOW = (".", ","), 0.5  # stand so many heights below the middle of the digits
NO_SIGN = ""  # of marks that are not written


class Frame(Protocol):
    """What a reading needs of a Picture."""

    @property
    def width(self) -> int:
        """Pixels of the upright picture."""
        ...

    @property
    def height(self) -> int:
        """Pixels of the upright picture."""
        ...

    @property
    def scale(self) -> float:
        """Pixels of the upright picture per pixel that is read."""
        ...


@dataclass(frozen=True)
class Read:
    """Digits as both networks read them, with boxes in the pixels that were read."""

    boxes: np.ndarray
    images: np.ndarray
    probabilities: np.ndarray
    is_digit: np.ndarray
    accepted: np.ndarray


def lay_out(
    read: Read, others: Marks | None, frame: Frame, turned: int, grey: np.ndarray
) -> Reading:
    """Sort digits and other marks into lines; what belongs to none is left out.

    Parameters
    ----------
    turned : degrees by which the picture was turned clockwise to be read
    grey : float32 (h, w) in [0, 1], the picture as it was read
    """
    size = grey.shape
    counted = read.accepted if read.accepted.any() else np.ones(len(read.boxes), bool)
    chosen = np.flatnonzero(counted)
    lines = find_lines(read.boxes[chosen])
    line_of = np.full(len(read.boxes), -1)
    for number, line in enumerate(lines):
        line_of[chosen[line]] = number
    line_of[~counted] = nearest_line(read.boxes[chosen], lines, read.boxes[~counted])
    order = np.lexsort((read.boxes[:, 0] + read.boxes[:, 2] / 2, line_of))
    for number, line in enumerate(lines):  # in lines that are steep, from start to end
        order[np.isin(order, chosen[line]) & (line_of[order] == number)] = chosen[line]
    digits = [
        digit_of(read, i, int(line_of[i]), frame, turned, size, accepted=bool(read.accepted[i]))
        for i in order
        if line_of[i] >= 0
    ]
    marks = _separators(read.boxes[chosen], lines, others, frame, turned, size)
    marks += tuple(
        Separator(RULE, 1.0, _given_box(box, frame, turned, size), line)
        for line, box in find_rules(grey, read.boxes[chosen], lines)
    )
    return with_digits(
        Reading(tuple(digits), frame.width, frame.height, turned=turned, marks=marks), digits
    )


def _separators(
    boxes: np.ndarray,
    lines: list[list[int]],
    others: Marks | None,
    frame: Frame,
    turned: int,
    size: tuple[int, ...],
) -> tuple[Separator, ...]:
    if others is None or not len(others):
        return ()
    kinds = CLASSES + others.classes[:, CLASSES:].argmax(axis=1)
    low = np.isin(kinds, [MARKS.index(sign) for sign in LOW_SIGNS])
    line_of = nearest_line(boxes, lines, others.boxes, np.where(low, LOW, 0.0))
    found = []
    for i in np.lexsort((others.boxes[:, 0], line_of)):
        if line_of[i] < 0:
            continue
        kind = int(kinds[i])
        sign = NO_SIGN if kind == len(MARKS) - 1 else MARKS[kind]
        confidence = float(others.scores[i] * others.classes[i, kind])
        box = _given_box(others.boxes[i], frame, turned, size)
        found.append(Separator(sign, confidence, box, int(line_of[i])))
    return tuple(found)


def digit_of(
    read: Read,
    index: int,
    line: int,
    frame: Frame,
    turned: int,
    size: tuple[int, ...],
    *,
    accepted: bool,
) -> Digit:
    """Return a digit with its box in the picture as it was given.

    Parameters
    ----------
    turned : degrees by which the picture was turned clockwise to be read
    size : height and width of what was read, in pixels
    """
    probabilities = read.probabilities[index]
    return Digit(
        digit=int(probabilities.argmax()),
        confidence=float(probabilities.max()),
        is_digit=float(read.is_digit[index]),
        accepted=accepted,
        box=_given_box(read.boxes[index], frame, turned, size),
        line=line,
        image=read.images[index],
        probabilities=tuple(map(float, probabilities)),
    )


def _given_box(box: np.ndarray, frame: Frame, turned: int, size: tuple[int, ...]) -> Box:
    """Return a box in whole pixels of the picture as it was given, within its borders."""
    x, y, width, height = map(float, box)
    found = turn_box((x, y, width, height), -turned, (size[1], size[0]))
    x, y, width, height = (round(side * frame.scale) for side in found)
    right, bottom = min(x + width, frame.width), min(y + height, frame.height)
    x, y = min(max(x, 0), frame.width - 1), min(max(y, 0), frame.height - 1)
    return x, y, max(1, right - x), max(1, bottom - y)
