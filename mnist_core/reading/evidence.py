"""What detector and classifier say about a digit together, and how sure a whole number is.

The constants are fitted on made pages by `python -m benchmarks.numbers`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.reading.result import Digit

BY_DETECTOR, BY_CLASSIFIER = 1.0, 0.7  # powers of the probabilities in their product
BY_DETECTOR_SINGLE, BY_CLASSIFIER_SINGLE = 0.5, 1.0  # where the picture holds a single digit
BY_SCORE, BY_LOOKS = 1.0, 0.3  # weights of log-odds: being found, and looking like a digit
MOST_ODDS = 5.0  # log-odds; beyond, a network's confidence means nothing more
LEAST_THRESHOLD = 1e-3  # a classifier below rejects nothing, and has no say in it
# Octaves: how far sizes of one cluster spread, and how far a size may be off the best one.
SIZE_SPREAD, SIZES_OFF = 0.35, (1.3, 2.2)
LEAST_SUPPORT, LEAST_SIZE_FACTOR = 2.5, 0.4
LINE_SLOPE, LINE_BIAS = 1.0, 0.0  # from the log-odds of a line's product to those of being right
SURE = 0.95  # confidence of a line; above, it is right in 98 of 100


def combine(
    by_detector: np.ndarray, by_classifier: np.ndarray, *, single: bool = False
) -> np.ndarray:
    """Return the probability of each digit that both together give: a weighted product.

    Parameters
    ----------
    by_detector, by_classifier : (n, 10), at least 0
    single : whether the picture holds a single digit

    Returns
    -------
    float (n, 10), rows summing to 1
    """
    ours = BY_DETECTOR_SINGLE if single else BY_DETECTOR
    theirs = BY_CLASSIFIER_SINGLE if single else BY_CLASSIFIER
    logs = ours * np.log(np.maximum(by_detector, 1e-4))
    logs += theirs * np.log(np.maximum(by_classifier, 1e-4))
    logs -= logs.max(axis=1, keepdims=True)
    product = np.exp(logs)
    return product / product.sum(axis=1, keepdims=True)


def digitness(scores: np.ndarray, looks: np.ndarray, threshold: float) -> np.ndarray:
    """Return how much each mark is a digit, in the classifier's own measure.

    Parameters
    ----------
    scores : (n,) in [0, 1], that the detector found a digit there
    looks : (n,) in [0, 1], `Prediction.is_digit`
    threshold : in [0, 1], the classifier's; what both together find as likely as not is there

    Returns
    -------
    float (n,) in [0, 1]
    """
    edge = log_odds(np.array(threshold))
    evidence = BY_SCORE * log_odds(scores)
    if threshold > LEAST_THRESHOLD:
        evidence = evidence + BY_LOOKS * np.clip(log_odds(looks) - edge, -MOST_ODDS, MOST_ODDS)
    else:
        edge = np.array(0.0)
    return 1 / (1 + np.exp(-(evidence + edge)))


def plausible_sizes(heights: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return a factor for each digit's score: below 1 where hardly another one is of its size.

    Parameters
    ----------
    heights : (n,), pixels
    scores : (n,) in [0, 1]

    Returns
    -------
    float (n,) in [LEAST_SIZE_FACTOR, 1]; all 1 where few digits show no usual size
    """
    if not len(heights):
        return np.ones(0)
    sizes = np.log2(np.maximum(heights, 1))
    support = np.exp(-(((sizes[:, None] - sizes) / SIZE_SPREAD) ** 2) / 2) @ scores
    best = int(support.argmax())
    if support[best] < LEAST_SUPPORT:
        return np.ones(len(heights))
    off = np.abs(sizes - sizes[best])
    return np.interp(off, SIZES_OFF, (1.0, LEAST_SIZE_FACTOR))


def log_odds(probabilities: np.ndarray) -> np.ndarray:
    """Return the logarithm of the odds, between about -9 and 9."""
    held = np.clip(probabilities, 1e-4, 1 - 1e-4)
    return np.log(held / (1 - held))


@dataclass(frozen=True)
class Line:
    """A line of a reading.

    Attributes
    ----------
    number : counted from 0, top to bottom, as in `Digit`
    text : its accepted digits
    confidence : in [0, 1], the probability that all of it is right
    sure : whether that is so high that such lines are right in 98 of 100
    """

    number: int
    text: str
    confidence: float
    sure: bool


def lines_of(digits: Sequence[Digit]) -> tuple[Line, ...]:
    """Return the lines that have accepted digits, and how sure each is."""
    found = []
    for number in sorted({digit.line for digit in digits if digit.accepted}):
        own = [digit for digit in digits if digit.line == number]
        text = "".join(str(digit.digit) for digit in own if digit.accepted)
        confidence = float(1 / (1 + np.exp(-(LINE_SLOPE * line_evidence(own) + LINE_BIAS))))
        found.append(Line(number, text, confidence, confidence >= SURE))
    return tuple(found)


def line_evidence(digits: Sequence[Digit]) -> float:
    """Return the log-odds that all digits of a line are right, if they were independent."""
    right = [
        digit.confidence * digit.is_digit if digit.accepted else 1 - digit.is_digit
        for digit in digits
    ]
    return float(log_odds(np.prod(right, axis=0)))
