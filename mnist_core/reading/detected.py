"""A picture -> a reading, by the detector; the classifier reads each digit a second time."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mnist_core.boxes import overlaps, shared_areas
from mnist_core.config import CLASSES
from mnist_core.pictures.contrast import to_grey
from mnist_core.pictures.crops import crop_digits
from mnist_core.reading.assembly import Frame, Read, digit_of, lay_out
from mnist_core.reading.closer import look_closer
from mnist_core.reading.detection import (
    BY_AREA_SINGLE,
    DIGIT,
    LEAST_UNION,
    LONGEST_SINGLE,
    OTHER,
    FindsMarks,
    Marks,
    find_marks,
    ones_from_slashes,
)
from mnist_core.reading.evidence import (
    BY_CLOSER,
    LEAST_THRESHOLD,
    combine,
    digitness,
    log_odds,
    product,
    sign_evidence,
    usual_height,
)
from mnist_core.reading.inside import classes_in
from mnist_core.reading.layout import with_digits
from mnist_core.reading.remarks import remark_on
from mnist_core.reading.result import Reading
from mnist_core.reading.turning import best_turn
from mnist_core.serving import Predictor, is_accepted

LEAST = 0.15  # probability of a digit; below it is not read a second time
LEAST_SINGLE = 0.1
PART = 0.4  # of a rejected digit; what lies so far in an accepted one is a part of that
WORTH = 2.0  # log-odds; what is farther from being a digit is not even shown as rejected
MOST = 600  # digits of a picture; a dense page of numbers has so many
DOUBTFUL, MOST_DOUBTFUL = 0.9, 60  # confidence; digits that are less sure are looked at once more
ALSO = 0.6  # probability of a digit beside the one that was asked for


def read_page(
    pixels: np.ndarray, frame: Frame, predictor: Predictor, detector: FindsMarks
) -> Reading:
    """Read all digits of a picture, which may have to be turned to be read.

    Parameters
    ----------
    pixels : uint8 (h, w, 3)
    """
    grey = to_grey(pixels)
    marks = find_marks(grey, detector, enlarge=True)
    turned = best_turn(grey, marks, detector)
    if turned:
        grey = np.ascontiguousarray(np.rot90(grey, -turned // 90))
        marks = find_marks(grey, detector, enlarge=True)
    return read_marks(marks, grey, frame, predictor, turned=turned, detector=detector)


def read_marks(
    marks: Marks,
    grey: np.ndarray,
    frame: Frame,
    predictor: Predictor,
    *,
    turned: int = 0,
    detector: FindsMarks | None = None,
) -> Reading:
    """Read the digits among the marks of a picture, with what stands between them.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1], the picture turned upright
    turned : degrees by which it was turned clockwise
    detector : looks at doubtful digits once more
    """
    marks = ones_from_slashes(marks)
    likely = (marks.groups == DIGIT) & (marks.scores * marks.digit_share >= LEAST)
    candidates = marks[np.flatnonzero(likely)[:MOST]]
    others = other_marks(marks)
    digits = _second_reading(grey, candidates, predictor, signs=others.boxes, detector=detector)
    reading = lay_out(digits, others, frame, turned, grey)
    reading = replace(reading, even=_even(predictor))
    letters = int((others.groups == OTHER).sum())
    return remark_on(reading, grey, many=len(candidates) == MOST, letters=letters)


def other_marks(marks: Marks) -> Marks:
    """Return the marks that are no digits, more likely than not."""
    return marks[(marks.groups != DIGIT) & (sign_evidence(marks) >= 0)]


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
    digit = digit_of(read, 0, 0, frame, 0, grey.shape, accepted=True)
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
    probabilities = combine(classes, prediction)
    looks = np.asarray(prediction.is_digit, float)
    read = Read(given, images, probabilities, looks, np.ones(len(given), bool))
    return lay_out(read, None, frame, 0, grey)


def _second_reading(
    grey: np.ndarray,
    marks: Marks,
    predictor: Predictor,
    *,
    single: bool = False,
    signs: np.ndarray | None = None,
    detector: FindsMarks | None = None,
) -> Read:
    """Let the classifier read each digit, and combine what both say.

    Parameters
    ----------
    signs : (m, 4), boxes of other marks; rejected digits that lie in one are left out
    detector : looks at doubtful digits once more
    """
    images = crop_digits(grey, marks.boxes)
    prediction = predictor.predict_full(images)
    shares = marks.classes[:, :CLASSES] / np.maximum(marks.digit_share, 1e-6)[:, None]
    threshold = predictor.rejection_threshold
    reference = None if single else usual_height(marks)
    is_digit = digitness(marks, prediction.is_digit, threshold, reference, single=single)
    accepted = np.asarray(is_accepted(is_digit, threshold))
    worth = np.ones(len(marks), bool)
    if not single:
        # A classifier that rejects nothing leaves it to the detector.
        margin = WORTH if threshold > LEAST_THRESHOLD else 0.0
        worth = log_odds(is_digit) >= log_odds(np.array(_even(predictor))) - margin
        taken = marks.boxes[accepted]
        taken = taken if signs is None else np.concatenate([taken, signs])
        worth &= accepted | ~_lies_in(marks.boxes, taken)
    probabilities = combine(shares, prediction, single=single)
    if detector is not None:
        doubtful = np.flatnonzero(accepted & (probabilities.max(axis=1) < DOUBTFUL))[:MOST_DOUBTFUL]
        closer = look_closer(grey, marks.boxes[doubtful], detector)
        voices = (probabilities[doubtful], 1.0), (closer, BY_CLOSER)
        probabilities[doubtful] = product(*voices)
    if not single:
        worth &= ~_are_twice(marks.boxes, probabilities.argmax(axis=1), is_digit)
    return Read(
        marks.boxes[worth],
        images[worth],
        probabilities[worth],
        is_digit[worth],
        accepted[worth],
    )


def _are_twice(boxes: np.ndarray, digits: np.ndarray, is_digit: np.ndarray) -> np.ndarray:
    """Return which boxes hold a digit that another holds more clearly.

    Two different digits may overlap so far; the second reading shows that they are the same.
    """
    same = overlaps(boxes, boxes) >= LEAST_UNION
    same &= digits[:, None] == digits
    return (same & (is_digit[:, None] < is_digit)).any(axis=1)


def _lies_in(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return which boxes share more than PART of the smaller one with one of the others."""
    smaller = np.minimum(boxes[:, 2:].prod(axis=1)[:, None], others[:, 2:].prod(axis=1))
    return (shared_areas(boxes, others) > PART * smaller).any(axis=1)


def _even(predictor: Predictor) -> float:
    """Return which `is_digit` is as likely a digit as not."""
    threshold = predictor.rejection_threshold
    return threshold if threshold > LEAST_THRESHOLD else 0.5
