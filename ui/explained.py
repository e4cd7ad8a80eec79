"""Explanations in colours and words: what a map shows, what similar digits say."""

from collections import Counter
from collections.abc import Sequence
from math import exp

import numpy as np

from ui.formats import a_digit

FOR, AGAINST_IT, GREY = (64, 160, 255), (255, 150, 20), (150, 150, 150)  # red, green, blue
LEAST = 0.1  # nats; where nothing matters more than this, nothing matters much
FULL = 2.0  # nats; colours are full where it matters most, if that is at least so much
MOST = 1000  # times
NUMBERS = ("none", "one", "two", "three", "four", "five")
NOTHING_MATTERS = "No single part matters: covering any one changes almost nothing."


def shown(heat: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Colour a digit by what its parts are evidence for.

    Parameters
    ----------
    heat : (28, 28), above 0 where there is evidence for the answer
    image : (28, 28) in [0, 1], white on black

    Returns
    -------
    (28, 28, 3) in [0, 1]; red, green, blue
    """
    strength = np.abs(heat) / max(np.abs(heat).max(), FULL)
    colour = np.where(heat[..., None] > 0, FOR, AGAINST_IT)
    mixed = strength[..., None] * colour + (1 - strength[..., None]) * np.array(GREY)
    glow = 0.45 * strength * (1 - image)  # covering a place tests all strokes around it
    return mixed / 255 * np.maximum(image, glow)[..., None]


def map_in_words(heat: np.ndarray, digit: int, other: int | None) -> str:
    """Say what the map shows, in a sentence or two; `other` is None for any other digit."""
    sentences = []
    if (most := float(heat.max())) >= LEAST:
        sentences.append(
            f"With the bluest spot covered, {a_digit(digit)} would be {_times(most)} less likely, "
            f"compared with {'the others' if other is None else a_digit(other)}."
        )
    if (least := -float(heat.min())) >= LEAST:
        sentences.append(
            f"With the most orange spot covered, it would be {_times(least)} more likely."
        )
    return " ".join(sentences) or NOTHING_MATTERS


def neighbours_in_words(
    labels: Sequence[int], digit: int, disagreement: float, *, kind: str = "training digits"
) -> str:
    """Say how far the most similar digits of a kind agree with an answer, in a sentence or two."""
    counts = Counter(int(label) for label in labels)
    agree, total = counts.pop(digit, 0), len(labels)
    others = [
        f"{NUMBERS[count]} {f'are {other}s' if count > 1 else f'is {a_digit(other)}'}"
        for other, count in counts.most_common()
    ]
    if agree == total:
        words = f"All {total} of the most similar {kind} are {digit}s."
    elif agree:
        are = f"are {digit}s" if agree > 1 else f"is {a_digit(digit)}"
        words = f"{agree} of the {total} most similar {kind} {are}, {_listed(others)}."
    else:
        words = f"None of the {total} most similar {kind} is {a_digit(digit)}: {_listed(others)}."
    if disagreement > 0:
        words += " They contradict this answer: a reason to doubt it."
    return words


def _times(nats: float) -> str:
    times = exp(min(nats, 50))
    if times >= MOST:
        return f"over {MOST:,} times"
    return f"{times:.1f} times" if times < 10 else f"{times:.0f} times"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
