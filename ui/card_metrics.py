"""What a card says was measured; older cards and those of others lack some of it, or all."""

import math
from dataclasses import dataclass

from mnist_core.evaluation.metrics import CALIBRATION_BINS, COVERAGES
from mnist_core.serving import Card

KINDS = ("clean", "damaged")  # the images that confidence was measured on
MISSING = "not measured"


@dataclass(frozen=True)
class Bin:
    """Answers that were given with about the same confidence."""

    confidence: float
    accuracy: float
    n: int

    @property
    def place(self) -> int:
        """Which of the bins it is, from 0."""
        return min(int(self.confidence * CALIBRATION_BINS + 1e-6), CALIBRATION_BINS - 1)


def number(found: object, *path: str) -> float | None:
    """A number deep in a dict, None where there is none."""
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        return None
    return found


def seconds_per_image(card: Card) -> float | None:
    """How long the model took over each test image where it was measured."""
    seconds, n = (number(card.metrics, "test", part) for part in ("seconds", "n"))
    return seconds / n if seconds is not None and n else None


def damaged_accuracy(card: Card) -> float | None:
    """The mean accuracy over all kinds of damage at the middle severity."""
    return number(card.metrics, "damaged", "0.5", "mean")


def rejection(card: Card) -> dict[str, float]:
    """How well digits are told from each kind of things that are none, and on average: "mean"."""
    found = card.metrics.get("rejection")
    kinds = found if isinstance(found, dict) else {}
    return {str(kind): kinds[kind] for kind in kinds if number(kinds, kind) is not None}


def reliability(card: Card, kind: str) -> list[Bin]:
    """Confidence beside accuracy, one bin after the other; empty where it was not measured."""
    bins = _confidence(card, kind).get("reliability")
    found = []
    for row in bins if isinstance(bins, list) else []:
        confidence, accuracy, n = (number(row, part) for part in ("confidence", "accuracy", "n"))
        if None not in (confidence, accuracy, n) and 0 <= confidence <= 1:
            found.append(Bin(confidence, accuracy, int(n)))
    return found


def selective(card: Card, kind: str) -> list[float]:
    """The accuracy at each of metrics.COVERAGES; empty where it was not measured."""
    found = _confidence(card, kind).get("selective")
    if not isinstance(found, list) or len(found) != len(COVERAGES):
        return []
    return found if all(number({"a": value}, "a") is not None for value in found) else []


def calibration_error(card: Card, kind: str) -> float | None:
    """How far confidence is from accuracy, on average."""
    return number(_confidence(card, kind), "ece")


def _confidence(card: Card, kind: str) -> dict:
    found = card.metrics.get("confidence")
    found = found.get(kind) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
