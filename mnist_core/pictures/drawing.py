"""What a browser may send as a drawing, checked as text: before it is parsed, nothing is built."""

import re

from mnist_core.config import MAX_DRAWING, MAX_POINTS, MAX_STROKES

MAX_DEPTH = 24  # brackets within brackets; a drawing of the canvas has eight
MAX_OBJECTS = 4 * MAX_STROKES  # pairs of braces; a drawing has one a stroke and a few around them
MAX_LISTS = MAX_POINTS + 2 * MAX_STROKES  # pairs of square brackets; one a point, two a stroke

_BRACKETS = re.compile(r"[\[{]|([\]}])")
_NOT_FINITE = re.compile(r"[\[:,]\s*-?(?:NaN|Infinity)")

# Why a drawing was not parsed, by the word that stands in its place.
REFUSALS = {
    "large": (
        f"A drawing has at most {MAX_DRAWING / 1e6:g} MB, {MAX_STROKES:,} strokes and "
        f"{MAX_POINTS:,} points, and this one has more. Clear it and draw again."
    ),
    "nested": (
        f"This is not a drawing of the canvas: its parts are nested more than {MAX_DEPTH} deep. "
        "Clear it and draw again."
    ),
    "numbers": (
        "This is not a drawing of the canvas: some of its numbers are infinite or not numbers. "
        "Clear it and draw again."
    ),
}


def refusal_of(text: str) -> str:
    """Return why a drawing's JSON must not be parsed: a key of REFUSALS; empty if it may.

    Parameters
    ----------
    text : JSON, as it came; of any length
    """
    if len(text) > MAX_DRAWING or text.count("{") > MAX_OBJECTS or text.count("[") > MAX_LISTS:
        return "large"
    if _depth(text) > MAX_DEPTH:
        return "nested"
    return "numbers" if _NOT_FINITE.search(text) else ""


def _depth(text: str) -> int:
    """Return how deep brackets are nested; those in texts count as well."""
    depth = deepest = 0
    for bracket in _BRACKETS.finditer(text):
        depth += -1 if bracket[1] else 1
        if depth > deepest:
            deepest = depth
    return deepest
