"""What detector and classifier say about a digit together, and how sure a whole number is.

The constants are fitted on made pages by `python -m benchmarks.numbers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.reading.detection import Marks
from mnist_core.reading.result import Digit, Reading
from mnist_core.serving import Prediction

BY_DETECTOR, BY_CLASSIFIER = 1.1, 0.2  # powers of the probabilities in their product
BY_DETECTOR_SINGLE, BY_CLASSIFIER_SINGLE = 1.0, 0.5  # where the picture holds a single digit
BY_TAUGHT = 1.0  # power of how far teaching has moved what the classifier says
BY_CLOSER = 1.0  # power of what the detector says of a doubtful digit that it looks at once more
BY_CUT_SINGLE = 2.0  # power of what the classifier says of the ink that is cut out there
LEAST_PROBABILITY = 1e-4  # no voice is surer that it is not a digit
# Log-odds of being a digit: for those of the best scale, of the mean of all scales, and for each
# octave that it is smaller or larger than most.
BIAS, BY_SCORE, BY_SUPPORT, BY_SMALLER, BY_LARGER = 1.30, 2.29, 0.93, 2.20, 1.91
BY_LOOKS = 0.16  # for the log-odds of looking like a digit
# Log-odds of another mark being what it is taken for, the weights of its score, class and support.
SIGN_BIAS, SIGN_BY_SCORE, SIGN_BY_CLASS, SIGN_BY_SUPPORT = -2.10, 2.76, 0.45, 0.13
CLEAREST = 2.0  # log-odds of the clearest digit of a page, at least; without it there is none
MOST_ODDS = 5.0  # log-odds; beyond, a network's confidence means nothing more
LEAST_THRESHOLD = 1e-3  # a classifier below rejects nothing, and has no say in it
SIZE_SPREAD = 0.35  # octaves; heights so much alike are one size
LEAST_SUPPORT = 1.0  # clear digits of a size, so that it is the usual one
LINE_SLOPE, LINE_BIAS = 0.60, -0.40  # from the log-odds of a line's product to those of being right
SURE = 0.9  # confidence of a line; of those above, 95 in 100 are right on pages made to be hard


def combine(
    by_detector: np.ndarray, by_classifier: Prediction, *, single: bool = False
) -> np.ndarray:
    """Return the probability of each digit that both together give: a weighted product.

    The detector was not taught what a classifier may have been: how far teaching has moved the
    classifier's answer is a third voice.

    Parameters
    ----------
    by_detector : (n, 10), at least 0
    single : whether the picture holds a single digit

    Returns
    -------
    float (n, 10), rows summing to 1
    """
    ours = BY_DETECTOR_SINGLE if single else BY_DETECTOR
    theirs = BY_CLASSIFIER_SINGLE if single else BY_CLASSIFIER
    voices = [(by_detector, ours), (by_classifier.probabilities, theirs)]
    if by_classifier.untaught is not None:
        moved = [np.maximum(by_classifier.probabilities, LEAST_PROBABILITY)]
        moved.append(np.maximum(by_classifier.untaught, LEAST_PROBABILITY))
        voices.append((moved[0] / moved[1], BY_TAUGHT))
    return product(*voices)


def product(*voices: tuple[np.ndarray, float]) -> np.ndarray:
    """Return the weighted product of probabilities.

    Parameters
    ----------
    voices : probabilities (n, 10), at least 0, and the power of each

    Returns
    -------
    float (n, 10), rows summing to 1
    """
    logs = sum(power * np.log(np.maximum(voice, LEAST_PROBABILITY)) for voice, power in voices)
    together = np.exp(logs - np.max(logs, axis=1, keepdims=True))
    return together / together.sum(axis=1, keepdims=True)


def digitness(
    marks: Marks,
    looks: np.ndarray,
    threshold: float,
    reference: float | None,
    *,
    single: bool = False,
) -> np.ndarray:
    """Return how much each mark is a digit, in the classifier's own measure.

    A page with digits has a clear one. Without it none counts: on blank paper, among letters and in
    photographs there are marks that look a little like digits.

    Parameters
    ----------
    marks : that may be digits
    looks : (n,) in [0, 1], `Prediction.is_digit`
    threshold : in [0, 1], the classifier's; what is as likely a digit as not is there
    reference : height of most digits, see `usual_height`
    single : whether the picture is known to hold a digit

    Returns
    -------
    float (n,) in [0, 1]
    """
    best = BY_SCORE * log_odds(marks.scores * marks.digit_share)
    evidence = BIAS + best + BY_SUPPORT * log_odds(marks.support)
    if reference:
        octaves = np.log2(np.maximum(marks.boxes[:, 3], 1e-3) / reference)
        evidence -= BY_SMALLER * np.maximum(-octaves, 0) + BY_LARGER * np.maximum(octaves, 0)
    edge = log_odds(np.array(threshold)) if threshold > LEAST_THRESHOLD else np.array(0.0)
    if threshold > LEAST_THRESHOLD:
        evidence += BY_LOOKS * np.clip(log_odds(looks) - edge, -MOST_ODDS, MOST_ODDS)
    if not single and evidence.max(initial=-np.inf) < CLEAREST:
        evidence -= CLEAREST
    return _probability(evidence + edge)


def sign_evidence(marks: Marks) -> np.ndarray:
    """Return the log-odds that marks other than digits are what the detector takes them for.

    Returns
    -------
    float (n,)
    """
    likeliest = marks.classes[:, CLASSES:].max(axis=1)
    return (
        SIGN_BIAS
        + SIGN_BY_SCORE * log_odds(marks.scores)
        + SIGN_BY_CLASS * log_odds(likeliest)
        + SIGN_BY_SUPPORT * log_odds(marks.support)
    )


def usual_height(marks: Marks) -> float | None:
    """Return the height of digits that has the most support: one that many others have as well.

    Parameters
    ----------
    marks : that may be digits

    Returns
    -------
    in pixels; None where too few are clear
    """
    if not len(marks):
        return None
    sizes = np.log2(np.maximum(marks.boxes[:, 3], 1e-3))
    clear = (marks.scores * marks.digit_share) ** 2
    support = np.exp(-(((sizes[:, None] - sizes) / SIZE_SPREAD) ** 2) / 2) @ clear
    best = int(support.argmax())
    return float(marks.boxes[best, 3]) if support[best] > LEAST_SUPPORT else None


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the logarithm of the odds, between about -7 and 7."""
    held = np.clip(probabilities, 1e-3, 1 - 1e-3)
    return np.log(held / (1 - held))


@dataclass(frozen=True)
class Line:
    """A line of a reading.

    Attributes
    ----------
    number : counted from 0, top to bottom, as in `Digit`
    text : its accepted digits
    confidence : in [0, 1], the probability that all of it is right
    sure : whether that is at least SURE
    """

    number: int
    text: str
    confidence: float
    sure: bool


def lines_of(reading: Reading) -> tuple[Line, ...]:
    """Return the lines that have accepted digits, and how sure each is."""
    found = []
    for number in sorted({digit.line for digit in reading.digits if digit.accepted}):
        own = [digit for digit in reading.digits if digit.line == number]
        text = "".join(str(digit.digit) for digit in own if digit.accepted)
        evidence = LINE_SLOPE * line_evidence(own, reading.even) + LINE_BIAS
        confidence = float(_probability(np.array(evidence)))
        found.append(Line(number, text, confidence, confidence >= SURE))
    return tuple(found)


def line_evidence(digits: Sequence[Digit], even: float) -> float:
    """Return the log-odds that all digits of a line are right, if they were independent.

    Parameters
    ----------
    even : see `Reading`
    """
    looks = log_odds(np.array([digit.is_digit for digit in digits])) - log_odds(np.array(even))
    exists = _probability(looks)
    accepted = np.array([digit.accepted for digit in digits])
    sure = np.array([digit.confidence for digit in digits])
    return float(log_odds(np.where(accepted, sure * exists, 1 - exists).prod()))


def _probability(odds: np.ndarray) -> np.ndarray:
    """Return the probability of log-odds."""
    return 1 / (1 + np.exp(-odds))
