"""How predictions hold up under corruption: rows of model x corruption x severity.

Everything here takes any `predict(images) -> probabilities`.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.corruptions import (
    ALL_CORRUPTIONS,
    CHUNK,
    COMBINED_FAMILY,
    check_name,
    check_severity,
    corrupt,
    family_of,
)
from mnist_core.evaluation import metrics
from mnist_core.pixels import check_images

SEVERITIES = (0.25, 0.5, 0.75, 1.0)
CLEAN = "clean"
PART = 4 * CHUNK  # images that are predicted before a caller can show progress, or stop
COLUMNS = ("model", "corruption", "family", "severity", "n", "accuracy", "low", "high", "errors")

Predict = Callable[[np.ndarray], np.ndarray]


def predict_corrupted(
    predict: Predict, images: np.ndarray, corruption: str, severity: float, *, seed: int = 0
) -> Iterator[np.ndarray]:
    """Corrupt images and predict them, part by part.

    As a generator, it lets callers show progress, or stop when the answer is no longer needed.

    Parameters
    ----------
    predict : float32 images (n, 28, 28) -> probabilities (n, 10)
    images : float32 (n, 28, 28) in [0, 1], white on black
    corruption : a key of `corruptions.CORRUPTIONS` or `corruptions.COMBINATIONS`
    severity : in [0, 1]
    seed : 0 or more

    Yields
    ------
    probabilities (m, 10) of the next m images, in order

    Raises
    ------
    ValueError : as `corruptions.corrupt` does
    """
    images = check_images(images)
    for first in range(0, len(images), PART):
        part = images[first : first + PART]
        yield predict(corrupt(part, corruption, severity, seed=seed, first=first))


def evaluate_corrupted(
    predict: Predict,
    images: np.ndarray,
    labels: np.ndarray,
    corruption: str,
    severity: float,
    *,
    seed: int = 0,
) -> dict[str, Any]:
    """Corrupt images and measure how well they are classified.

    Parameters
    ----------
    labels : int (n,), 0 to 9
    predict, images, corruption, severity, seed : as for `predict_corrupted`

    Returns
    -------
    what `metrics.summarise` returns

    Raises
    ------
    ValueError : as `corruptions.corrupt` and `metrics.summarise` do
    """
    parts = predict_corrupted(predict, images, corruption, severity, seed=seed)
    probabilities = np.concatenate([np.empty((0, CLASSES), np.float32), *parts])
    return metrics.summarise(probabilities, labels)


def table_rows(
    predictors: Mapping[str, Predict],
    images: np.ndarray,
    labels: np.ndarray,
    *,
    corruptions: Iterable[str] = ALL_CORRUPTIONS,
    severities: Sequence[float] = SEVERITIES,
    seed: int = 0,
) -> Iterator[dict[str, Any]]:
    """Measure models on clean images, then under every corruption at every severity.

    Parameters
    ----------
    predictors : {model name: predict}
    images : float32 (n, 28, 28) in [0, 1], white on black
    labels : int (n,), 0 to 9
    corruptions : keys of `corruptions.CORRUPTIONS` or `corruptions.COMBINATIONS`
    severities : in [0, 1]
    seed : 0 or more

    Yields
    ------
    a row with the keys COLUMNS; corruption and family are "clean" for clean images, low and high
    are the ends of the 95% interval

    Raises
    ------
    ValueError : an unknown corruption, a severity outside [0, 1], or other images or labels
    """
    corruptions = tuple(corruptions)
    for severity in severities:
        check_severity(severity)
    for corruption in corruptions:
        check_name(corruption)
    jobs = [(CLEAN, 0.0)] + [(name, float(s)) for name in corruptions for s in severities]
    for corruption, severity in jobs:
        corrupted = images
        if corruption != CLEAN:
            corrupted = corrupt(images, corruption, severity, seed=seed)
        for model, predict in predictors.items():
            report = metrics.summarise(predict(corrupted), labels)
            yield table_row(model, corruption, severity, report)


def table_row(
    model: str, corruption: str, severity: float, report: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a row of the table, a dict with the keys COLUMNS.

    Parameters
    ----------
    report : what `metrics.summarise` returns
    """
    low, high = report["interval"]
    return {
        "model": model,
        "corruption": corruption,
        "family": family(corruption),
        "severity": severity,
        "n": report["n"],
        "accuracy": report["accuracy"],
        "low": low,
        "high": high,
        "errors": report["errors"],
    }


def family(corruption: str) -> str:
    """Return a corruption's family, COMBINED_FAMILY for a combination, "clean" for none."""
    return CLEAN if corruption == CLEAN else family_of(corruption)


def csv_writer(file: TextIO) -> "csv.DictWriter[str]":
    """Write the headings of a table into a file; return what writes its rows."""
    writer = csv.DictWriter(file, list[str](COLUMNS), lineterminator="\n")
    writer.writeheader()
    return writer


def summarise_rows(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Average a table for each model.

    Parameters
    ----------
    rows : as `table_rows` yields them

    Returns
    -------
    one dict a model: model, clean (accuracy or None), and by_severity: {severity: mean (over the
    single corruptions), worst (the lowest of them), worst_corruption, recipes (mean over the
    combinations, None without any)}
    """
    summaries = []
    for model in dict.fromkeys(row["model"] for row in rows):
        mine = [row for row in rows if row["model"] == model]
        clean = next((row["accuracy"] for row in mine if row["family"] == CLEAN), None)
        severities = sorted({row["severity"] for row in mine if row["family"] != CLEAN})
        by_severity = {s: _summarise_severity(mine, s) for s in severities}
        summaries.append({"model": model, "clean": clean, "by_severity": by_severity})
    return summaries


def breaking_point(
    predict: Predict, image: np.ndarray, corruption: str, *, seed: int = 0, steps: int = 50
) -> tuple[float | None, np.ndarray]:
    """Find the severity at which the answer to an image first changes.

    Parameters
    ----------
    predict : float32 images (n, 28, 28) -> probabilities (n, 10)
    image : float32 (28, 28) in [0, 1], white on black
    corruption : a key of `corruptions.CORRUPTIONS` or `corruptions.COMBINATIONS`
    seed : 0 or more
    steps : into which severity is divided

    Returns
    -------
    (severity, digits) : the first severity with another answer, None if there is none; and the
    answers at the severities 0, 1 / steps, ..., 1 as int (steps + 1,)

    Raises
    ------
    ValueError : unknown corruption, or another image
    """
    severities = np.linspace(0, 1, steps + 1)
    images = check_images(np.asarray(image)[None])
    corrupted = [corrupt(images, corruption, float(s), seed=seed)[0] for s in severities]
    digits = predict(np.stack(corrupted)).argmax(axis=1)
    (changed,) = np.nonzero(digits != digits[0])
    return (float(severities[changed[0]]) if len(changed) else None), digits


def _summarise_severity(rows: Sequence[Mapping[str, Any]], severity: float) -> dict[str, Any]:
    here = [row for row in rows if row["severity"] == severity]
    single = [row for row in here if row["family"] not in (CLEAN, COMBINED_FAMILY)]
    combined = [row["accuracy"] for row in here if row["family"] == COMBINED_FAMILY]
    worst = min(single, key=lambda row: row["accuracy"], default={})
    return {
        "mean": float(np.mean([row["accuracy"] for row in single])) if single else None,
        "worst": worst.get("accuracy"),
        "worst_corruption": worst.get("corruption"),
        "recipes": float(np.mean(combined)) if combined else None,  # as cards call combinations
    }
