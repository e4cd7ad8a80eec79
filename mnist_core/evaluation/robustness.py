"""How predictions hold up under damage: rows of model x corruption x severity.

Everything here takes any `predict(images) -> probabilities`.
"""

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.corruptions import (
    ALL_CORRUPTIONS,
    CHUNK,
    check_name,
    check_severity,
    corrupt,
    family_of,
)
from mnist_core.evaluation import metrics
from mnist_core.pixels import check_images

SEVERITIES = (0.25, 0.5, 0.75, 1.0)
CLEAN = "clean"
PART = 4 * CHUNK  # images between two looks at whether the work is still wanted
COLUMNS = ("model", "corruption", "family", "severity", "n", "accuracy", "low", "high", "errors")


def predictions(predict, images, corruption, severity, *, seed=0):
    """Damage images and read them, part by part.

    It is a generator so that whoever waits can show progress, or stop when the answer is no longer
    wanted.

    Parameters
    ----------
    predict : callable, float32 images (n, 28, 28) -> probabilities (n, 10)
    images : float32 array (n, 28, 28) in [0, 1], white on black
    corruption : a key of `corruptions.CORRUPTIONS` or `corruptions.RECIPES`
    severity : float in [0, 1]
    seed : int, 0 or more

    Yields
    ------
    probabilities : float array (m, 10) of the next m images, in order

    Raises
    ------
    ValueError : as `corruptions.corrupt` does
    """
    images = check_images(images)
    for first in range(0, len(images), PART):
        part = images[first : first + PART]
        yield predict(corrupt(part, corruption, severity, seed=seed, first=first))


def evaluate_corrupted(predict, images, labels, corruption, severity, *, seed=0):
    """Damage images and measure how well they are read.

    Parameters
    ----------
    labels : int array (n,), 0 to 9
    predict, images, corruption, severity, seed : as for `predictions`

    Returns
    -------
    dict : what `metrics.summarise` returns

    Raises
    ------
    ValueError : as `corruptions.corrupt` and `metrics.summarise` do
    """
    parts = predictions(predict, images, corruption, severity, seed=seed)
    probabilities = np.concatenate([np.empty((0, CLASSES), np.float32), *parts])
    return metrics.summarise(probabilities, labels)


def table(
    predictors, images, labels, *, corruptions=ALL_CORRUPTIONS, severities=SEVERITIES, seed=0
):
    """Measure models on clean images, then under every corruption at every severity.

    Parameters
    ----------
    predictors : dict, {model name: predict}
    images : float32 array (n, 28, 28) in [0, 1], white on black
    labels : int array (n,)
    corruptions : keys of `corruptions.CORRUPTIONS` or `corruptions.RECIPES`
    severities : floats in [0, 1]
    seed : int, 0 or more

    Yields
    ------
    dict : a row with the keys COLUMNS; corruption and family are "clean" for clean images, low
        and high are the ends of the 95% interval

    Raises
    ------
    ValueError : an unknown corruption, a severity outside [0, 1], or other images or labels
    """
    for severity in severities:
        check_severity(severity)
    for corruption in corruptions:
        check_name(corruption)
    jobs = [(CLEAN, 0.0)] + [(name, float(s)) for name in corruptions for s in severities]
    for corruption, severity in jobs:
        damaged = images
        if corruption != CLEAN:
            damaged = corrupt(images, corruption, severity, seed=seed)
        for model, predict in predictors.items():
            report = metrics.summarise(predict(damaged), labels)
            yield row(model, corruption, severity, report)


def row(model, corruption, severity, report):
    """Return a row of the table, a dict with the keys COLUMNS.

    Parameters
    ----------
    model, corruption : str
    severity : float
    report : dict, what `metrics.summarise` returns
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


def family(corruption):
    """Return a corruption's family, "recipe" for a combination, "clean" for no damage."""
    return CLEAN if corruption == CLEAN else family_of(corruption)


def summarise(rows):
    """Sum up a table for each model.

    Parameters
    ----------
    rows : list of dict, as `table` yields them

    Returns
    -------
    list of dict, one a model: model, clean (accuracy or None), and by severity: mean (over the
        single corruptions), worst (the lowest of them), worst_corruption, recipes (mean over the
        recipes, None without any)
    """
    summaries = []
    for model in dict.fromkeys(row["model"] for row in rows):
        mine = [row for row in rows if row["model"] == model]
        clean = next((row["accuracy"] for row in mine if row["family"] == CLEAN), None)
        by_severity = {}
        for severity in sorted({row["severity"] for row in mine if row["family"] != CLEAN}):
            here = [row for row in mine if row["severity"] == severity]
            single = [row for row in here if row["family"] not in (CLEAN, "recipe")]
            recipes = [row["accuracy"] for row in here if row["family"] == "recipe"]
            worst = min(single, key=lambda row: row["accuracy"], default={})
            by_severity[severity] = {
                "mean": float(np.mean([r["accuracy"] for r in single])) if single else None,
                "worst": worst.get("accuracy"),
                "worst_corruption": worst.get("corruption"),
                "recipes": float(np.mean(recipes)) if recipes else None,
            }
        summaries.append({"model": model, "clean": clean, "by_severity": by_severity})
    return summaries


def breaking_point(predict, image, corruption, *, seed=0, steps=50):
    """Find the severity at which the answer to an image first changes.

    Parameters
    ----------
    predict : callable, float32 images (n, 28, 28) -> probabilities (n, 10)
    image : float32 array (28, 28) in [0, 1], white on black
    corruption : a key of `corruptions.CORRUPTIONS` or `corruptions.RECIPES`
    seed : int, 0 or more
    steps : int, into which severity is divided

    Returns
    -------
    (severity, digits) : the first severity with another answer, None if there is none; and the
        answers at the severities 0, 1 / steps, ..., 1 as int array (steps + 1,)

    Raises
    ------
    ValueError : unknown corruption, or another image
    """
    severities = np.linspace(0, 1, steps + 1)
    images = check_images(np.asarray(image)[None])
    damaged = [corrupt(images, corruption, float(s), seed=seed)[0] for s in severities]
    digits = predict(np.stack(damaged)).argmax(axis=1)
    (changed,) = np.nonzero(digits != digits[0])
    return (float(severities[changed[0]]) if len(changed) else None), digits
