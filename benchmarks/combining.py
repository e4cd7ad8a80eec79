"""Fits how detector and classifier are combined, for `benchmarks.numbers`."""

from collections.abc import Callable, Iterable

import numpy as np

from mnist_core import reading
from mnist_core.boxes import covered, overlaps
from mnist_core.config import CLASSES, MARKS
from mnist_core.pictures.contrast import to_grey
from mnist_core.pictures.crops import crop_digits
from mnist_core.pictures.imaging import Picture
from mnist_core.reading.detected import LEAST
from mnist_core.reading.detection import DIGIT, SEPARATOR, find_marks
from mnist_core.reading.detection.marks import SEPARATORS
from mnist_core.reading.evidence import MOST_ODDS, line_evidence, log_odds, usual_height
from mnist_core.serving import Detector, Predictor
from mnist_core.synthesis.pages import Page

SAME = 0.4  # overlap by the union of a digit that was found and the one that stands there
HALF = 0.5  # of a box
NEAR, LEAST_SIDE = 0.6, 8  # sides of a separator, and pixels: how far off it may be found
STEPS = 400
POWERS = np.linspace(0, 2, 21)


def fit(
    pages: Iterable[Page],
    predictor: Predictor,
    detector: Detector,
    picture_of: Callable[[Page], Picture],
) -> None:
    """Print the constants of `mnist_core.reading.evidence` that suit these pages best."""
    ours, theirs, labels, features, exist, lines = [], [], [], [], [], []
    sign_features, sign_right = [], []
    edge = log_odds(np.array(predictor.rejection_threshold))
    for page in pages:
        if page.turned:
            continue
        picture = picture_of(page)
        grey = to_grey(picture.pixels)
        marks = find_marks(grey, detector, enlarge=True)
        signs = marks[marks.groups == SEPARATOR]
        sign_features.append(
            log_odds(
                np.stack(
                    [signs.scores, signs.classes[:, CLASSES:].max(axis=1), signs.support], axis=1
                )
            )
        )
        sign_right.append(_stand_there(signs.boxes * picture.scale, signs.classes, page))
        marks = marks[marks.groups == DIGIT]
        marks = marks[marks.scores * marks.digit_share >= LEAST]
        marks = marks[~lie_in(marks.boxes * picture.scale, page)]
        prediction = predictor.predict_full(crop_digits(grey, marks.boxes))
        truth = _labels(marks.boxes * picture.scale, page)
        exist.append(truth >= 0)
        reference = usual_height(marks)
        octaves = np.log2(marks.boxes[:, 3] / reference) if reference else np.zeros(len(marks))
        features.append(
            np.stack(
                [
                    log_odds(marks.scores * marks.digit_share),
                    log_odds(marks.support),
                    -np.maximum(-octaves, 0),
                    -np.maximum(octaves, 0),
                    np.clip(log_odds(prediction.is_digit) - edge, -MOST_ODDS, MOST_ODDS),
                ],
                axis=1,
            )
        )
        known = truth >= 0
        shares = marks.classes[:, :CLASSES] / np.maximum(marks.digit_share, 1e-6)[:, None]
        ours.append(shares[known])
        theirs.append(prediction.probabilities[known])
        labels.append(truth[known])
        found = reading.read(picture, predictor, detector=detector)
        standing = page.text.split("\n")
        ignored = lie_in(np.array([digit.box for digit in found.digits], float), page)
        digits = [digit for digit, gone in zip(found.digits, ignored, strict=True) if not gone]
        for number in {digit.line for digit in digits if digit.accepted}:
            own = [digit for digit in digits if digit.line == number]
            text = "".join(str(digit.digit) for digit in own if digit.accepted)
            lines.append((line_evidence(own, found.even), text in standing))
    _fit_powers(np.concatenate(ours), np.concatenate(theirs), np.concatenate(labels))
    weights = logistic(np.concatenate(features), np.concatenate(exist))
    names = ("BY_SCORE", "BY_SUPPORT", "BY_SMALLER", "BY_LARGER", "BY_LOOKS", "BIAS")
    print(", ".join(f"{name} {weight:.2f}" for name, weight in zip(names, weights, strict=True)))
    weights = logistic(np.concatenate(sign_features), np.concatenate(sign_right))
    names = ("SIGN_BY_SCORE", "SIGN_BY_CLASS", "SIGN_BY_SUPPORT", "SIGN_BIAS")
    print(", ".join(f"{name} {weight:.2f}" for name, weight in zip(names, weights, strict=True)))
    evidence, right = np.array(lines).T
    weights = logistic(evidence[:, None], right > 0)
    print(f"LINE_SLOPE {weights[0]:.2f}, LINE_BIAS {weights[1]:.2f}")


def lie_in(boxes: np.ndarray, page: Page) -> np.ndarray:
    """Return which boxes lie, by half at least, in marks of which nobody can say what they are."""
    if not page.ignored or not len(boxes):
        return np.zeros(len(boxes), bool)
    return covered(boxes, np.array(page.ignored, float)) >= HALF


def _labels(boxes: np.ndarray, page: Page) -> np.ndarray:
    """Return the digit that stands in each box, -1 where none does; int (n,)."""
    digits = [mark for mark in page.marks if mark.label.isdigit()]
    if not digits or not len(boxes):
        return np.full(len(boxes), -1)
    there = np.array([mark.box for mark in digits])
    overlap = overlaps(boxes, there)
    values = np.array([int(mark.label) for mark in digits])
    return np.where(overlap.max(axis=1) >= SAME, values[overlap.argmax(axis=1)], -1)


def _stand_there(boxes: np.ndarray, classes: np.ndarray, page: Page) -> np.ndarray:
    """Return whether the separator that was found stands in the middle of each box; bool (n,)."""
    signs = [mark for mark in page.marks if mark.label in MARKS[SEPARATORS]]
    if not signs or not len(boxes):
        return np.zeros(len(boxes), bool)
    there = np.array([mark.box for mark in signs])
    kinds = np.array([MARKS.index(mark.label) for mark in signs])
    off = np.abs((boxes[:, :2] + boxes[:, 2:] / 2)[:, None] - there[:, :2] - there[:, 2:] / 2)
    near = (off <= NEAR * np.maximum(there[:, 2:], LEAST_SIDE)).all(axis=2)
    found = SEPARATORS.start + classes[:, SEPARATORS].argmax(axis=1)
    return (near & (found[:, None] == kinds)).any(axis=1)


def _fit_powers(ours: np.ndarray, theirs: np.ndarray, labels: np.ndarray) -> None:
    """Print the powers of both probabilities with the least log loss, beside each alone."""
    logs = [np.log(np.maximum(one, 1e-4)) for one in (ours, theirs)]

    def loss(powers: tuple[float, float]) -> tuple[float, float]:
        total = powers[0] * logs[0] + powers[1] * logs[1]
        total = total - total.max(axis=1, keepdims=True)
        nats = np.log(np.exp(total).sum(axis=1)) - total[np.arange(len(labels)), labels]
        return float(nats.mean()), float((total.argmax(axis=1) == labels).mean())

    best = min(((a, b) for a in POWERS for b in POWERS), key=lambda powers: loss(powers)[0])
    for name, powers in (("detector", (1.0, 0.0)), ("classifier", (0.0, 1.0)), ("both", best)):
        nats, share = loss(powers)
        print(f"{name:<11}{powers[0]:.1f} {powers[1]:.1f}  {nats:.4f} nats  {share:.2%} right")
    print(f"BY_DETECTOR {best[0]:.1f}, BY_CLASSIFIER {best[1]:.1f}, of {len(labels):,} digits")


def logistic(features: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Fit a logistic regression by Newton's method; its weights, the bias last."""
    x = np.column_stack([features, np.ones(len(features))])
    weights = np.zeros(x.shape[1])
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        slope = x.T @ (positive - p) - 1e-3 * weights
        bend = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(x.shape[1])
        step = np.linalg.solve(bend, slope)
        weights = weights + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    return weights
