"""A picture -> a reading, by the detector; the classifier reads each digit a second time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from mnist_core.boxes import shared_areas, turn_box
from mnist_core.config import CLASSES, MARKS
from mnist_core.pictures.contrast import to_grey
from mnist_core.reading.crops import crop_digits
from mnist_core.reading.detection import (
    BY_AREA_SINGLE,
    DIGIT,
    LONGEST_SINGLE,
    OTHER,
    FindsMarks,
    Marks,
    find_marks,
)
from mnist_core.reading.evidence import (
    LEAST_THRESHOLD,
    combine,
    digitness,
    log_odds,
    sign_evidence,
    usual_height,
)
from mnist_core.reading.inside import classes_in
from mnist_core.reading.layout import find_lines, nearest_line, with_digits
from mnist_core.reading.remarks import remark_on
from mnist_core.reading.result import Box, Digit, Reading, Separator
from mnist_core.reading.turning import best_turn
from mnist_core.serving import Predictor, is_accepted

LEAST = 0.15  # probability of a digit; below it is not read a second time
LEAST_SINGLE = 0.1
PART = 0.4  # of a rejected digit; what lies so far in an accepted one is a part of that
WORTH = 3.0  # log-odds; what is farther from being a digit is not even shown as rejected
MOST = 600  # digits of a picture; a dense page of numbers has so many
ALSO = 0.6  # probability of a digit beside the one that was asked for
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
class _Read:
    """Digits as both networks read them, with boxes in the pixels that were read."""

    boxes: np.ndarray
    images: np.ndarray
    probabilities: np.ndarray
    is_digit: np.ndarray
    accepted: np.ndarray


def read_page(
    pixels: np.ndarray,
    frame: Frame,
    predictor: Predictor,
    detector: FindsMarks,
    *,
    turns: bool = True,
    **search: int,
) -> Reading:
    """Read all digits of a picture.

    Parameters
    ----------
    pixels : uint8 (h, w, 3)
    turns : whether it may have to be turned to be read
    search : options of `find_marks`
    """
    grey = to_grey(pixels)
    marks = find_marks(grey, detector, **search)
    turned = best_turn(grey, marks, detector) if turns else 0
    if turned:
        grey = np.ascontiguousarray(np.rot90(grey, -turned // 90))
        marks = find_marks(grey, detector, **search)
    likely = (marks.groups == DIGIT) & (marks.scores * marks.digit_share >= LEAST)
    candidates = marks[np.flatnonzero(likely)[:MOST]]
    others = marks[(marks.groups != DIGIT) & (sign_evidence(marks) >= 0)]
    digits = _second_reading(grey, candidates, predictor, signs=others.boxes)
    reading = _laid_out(digits, others, frame, turned, grey.shape)
    reading = replace(reading, even=_even(predictor))
    letters = int((others.groups == OTHER).sum())
    return remark_on(reading, grey, many=len(candidates) == MOST, letters=letters)


def read_single(
    pixels: np.ndarray, frame: Frame, predictor: Predictor, detector: FindsMarks
) -> Reading | None:
    """Read the one digit of a picture, which is accepted whatever it is.

    Parameters
    ----------
    pixels : uint8 (h, w, 3)

    Returns
    -------
    None if the detector finds none
    """
    grey = to_grey(pixels)
    marks = find_marks(grey, detector, longest=LONGEST_SINGLE, by_area=BY_AREA_SINGLE)
    likely = marks.scores * marks.digit_share
    candidates = np.flatnonzero((marks.groups == DIGIT) & (likely >= LEAST_SINGLE))
    if not len(candidates):
        return None
    best = candidates[:1]
    read = _second_reading(grey, marks[best], predictor, single=True)
    digit = _digit(read, 0, 0, frame, 0, grey.shape, accepted=True)
    reading = with_digits(Reading((digit,), frame.width, frame.height), [digit])
    heights = marks.boxes[candidates, 3]
    rivals = (likely[candidates] >= ALSO) & (heights >= heights[0] / 2)
    return remark_on(reading, grey, several=int(rivals[1:].sum()) > 0)


def read_given(
    pixels: np.ndarray,
    boxes: Sequence[Sequence[float]],
    frame: Frame,
    predictor: Predictor,
    detector: FindsMarks,
) -> Reading:
    """Read one digit in each box, accepted whatever it is; boxes without ink are left out.

    Parameters
    ----------
    pixels : uint8 (h, w, 3)
    boxes : each (x, y, width, height) in pixels of the upright picture
    """
    grey = to_grey(pixels)
    given = np.reshape(np.array(boxes, float), (-1, 4)) / frame.scale
    images = crop_digits(grey, given)
    with_ink = images.any(axis=(1, 2))
    given, images = given[with_ink], images[with_ink]
    classes = np.array([classes_in(grey, box, detector) for box in given]).reshape(-1, CLASSES)
    prediction = predictor.predict_full(images)
    probabilities = combine(classes, prediction.probabilities)
    looks = np.asarray(prediction.is_digit, float)
    read = _Read(given, images, probabilities, looks, np.ones(len(given), bool))
    return _laid_out(read, None, frame, 0, grey.shape)


def _second_reading(
    grey: np.ndarray,
    marks: Marks,
    predictor: Predictor,
    *,
    single: bool = False,
    signs: np.ndarray | None = None,
) -> _Read:
    """Let the classifier read each digit, and combine what both say.

    Parameters
    ----------
    signs : (m, 4), boxes of other marks; rejected digits that lie in one are left out
    """
    images = crop_digits(grey, marks.boxes)
    prediction = predictor.predict_full(images)
    shares = marks.classes[:, :CLASSES] / np.maximum(marks.digit_share, 1e-6)[:, None]
    threshold = predictor.rejection_threshold
    reference = None if single else usual_height(marks)
    is_digit = digitness(marks, prediction.is_digit, threshold, reference)
    accepted = np.asarray(is_accepted(is_digit, threshold))
    worth = np.ones(len(marks), bool)
    if not single:
        # A classifier that rejects nothing leaves it to the detector.
        margin = WORTH if threshold > LEAST_THRESHOLD else 0.0
        worth = log_odds(is_digit) >= log_odds(np.array(_even(predictor))) - margin
        taken = marks.boxes[accepted]
        taken = taken if signs is None else np.concatenate([taken, signs])
        worth &= accepted | ~_lies_in(marks.boxes, taken)
    return _Read(
        marks.boxes[worth],
        images[worth],
        combine(shares, prediction.probabilities, single=single)[worth],
        is_digit[worth],
        accepted[worth],
    )


def _lies_in(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which boxes share more than PART of the smaller one with one of the others."""
    smaller = np.minimum(boxes[:, 2:].prod(axis=1)[:, None], others[:, 2:].prod(axis=1))
    return (shared_areas(boxes, others) > PART * smaller).any(axis=1)


def _even(predictor: Predictor) -> float:
    """Return which `is_digit` is as likely a digit as not."""
    threshold = predictor.rejection_threshold
    return threshold if threshold > LEAST_THRESHOLD else 0.5


def _laid_out(
    read: _Read, others: Marks | None, frame: Frame, turned: int, size: tuple[int, ...]
) -> Reading:
    """Sort digits and other marks into lines; what belongs to none is left out."""
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
        _digit(read, i, int(line_of[i]), frame, turned, size, accepted=bool(read.accepted[i]))
        for i in order
        if line_of[i] >= 0
    ]
    marks = _separators(read.boxes[chosen], lines, others, frame, turned, size)
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


def _digit(
    read: _Read,
    index: int,
    line: int,
    frame: Frame,
    turned: int,
    size: tuple[int, ...],
    *,
    accepted: bool,
) -> Digit:
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
