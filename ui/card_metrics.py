"""What a card says of a model; older cards and those of others lack some of it, or all."""

import math
from dataclasses import dataclass
from typing import Any

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
        """Return which of the bins it is, from 0."""
        return min(int(self.confidence * CALIBRATION_BINS + 1e-6), CALIBRATION_BINS - 1)


def number(found: object, *path: str) -> float | None:
    """Return a number deep in a dict, None where there is none."""
    for part in path:
        found = found.get(part) if isinstance(found, dict) else None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        return None
    return found


def seconds_per_image(card: Card) -> float | None:
    """Return how long the model took over each test image where it was measured."""
    seconds, n = (number(card.metrics, "test", part) for part in ("seconds", "n"))
    return seconds / n if seconds is not None and n else None


def epochs(card: Card) -> tuple[int | None, int | None]:
    """Return how many epochs of a training were finished, and how many were planned, if known."""
    finished, planned = (number(card.training, part) for part in ("epochs_done", "epochs"))
    return (
        None if finished is None else int(finished),
        None if planned is None else int(planned),
    )


def epochs_in_words(card: Card) -> str:
    """Write the epochs: "8 epochs", "3 of 8 epochs"; empty if nothing is known of them.

    A training that began with another model's weights has so many "more epochs".
    """
    finished, planned = epochs(card)
    known = planned if finished is None else finished
    if known is None:
        return ""
    more = "more " if card.training.get("start") else ""
    if finished is not None and planned is not None and finished < planned:
        return f"{finished:,} of {planned:,} {more}epochs"
    return f"{known:,} {more}epoch{'' if known == 1 else 's'}"


def corrupted_accuracy(card: Card) -> float | None:
    """Return the mean accuracy over all corruptions at the middle severity."""
    return number(card.metrics, "damaged", "0.5", "mean")


def rejection(card: Card) -> dict[str, float]:
    """Return how well digits are separated from each kind of non-digits, and on average: "mean"."""
    found = card.metrics.get("rejection")
    kinds = found if isinstance(found, dict) else {}
    return {str(kind): kinds[kind] for kind in kinds if number(kinds, kind) is not None}


def reliability(card: Card, kind: str) -> list[Bin]:
    """Return confidence and accuracy, bin by bin; empty where it was not measured."""
    bins = _confidence(card, kind).get("reliability")
    found = []
    for row in bins if isinstance(bins, list) else []:
        confidence, accuracy, n = (number(row, part) for part in ("confidence", "accuracy", "n"))
        if confidence is None or accuracy is None or n is None:
            continue
        if 0 <= confidence <= 1 and 0 <= accuracy <= 1 and n >= 1:
            found.append(Bin(confidence, accuracy, int(n)))
    return found


def selective(card: Card, kind: str) -> list[float]:
    """Return the accuracy at each of metrics.COVERAGES; empty where it was not measured."""
    found = _confidence(card, kind).get("selective")
    if not isinstance(found, list) or len(found) != len(COVERAGES):
        return []
    return found if all(number({"a": value}, "a") is not None for value in found) else []


def calibration_error(card: Card, kind: str) -> float | None:
    """Return how far confidence is from accuracy, on average."""
    return number(_confidence(card, kind), "ece")


def _confidence(card: Card, kind: str) -> dict[str, Any]:
    found = card.metrics.get("confidence")
    found = found.get(kind) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
