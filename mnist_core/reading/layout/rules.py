"""Upright rules between digits: the sides of boxes and the lines between a table's columns."""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from mnist_core.pictures.contrast import local_contrast

HEIGHT = 32  # pixels; the picture is reduced until most digits are so high
FARTHEST = 8.0  # heights; digits that are farther apart have more between them than a rule
INTO = 0.3  # of a digit's width; a rule may run so far into its box
BEYOND = 0.2  # heights; a rule goes on above and below the digits, where no stroke does
PARTS, ROWS = 6, 4  # a rule is looked at in so many parts, of so many rows each
LEANING = np.linspace(-0.15, 0.15, 7)  # tangents of the angles by which rules lean
BESIDE = (0.12, 0.22)  # heights; the paper is seen so far beside a rule, thin or thick
UNCLEAR = 2  # of its parts may be, where strokes touch it
CLEAR = 0.5  # local contrast of a rule to the paper beside it


def find_rules(
    grey: np.ndarray, boxes: np.ndarray, lines: Sequence[Sequence[int]]
) -> list[tuple[int, np.ndarray]]:
    """Find the rules that stand between the digits of lines.

    Parameters
    ----------
    grey : float32 (h, w) in [0, 1]
    boxes : float (n, 4), of digits, in pixels of `grey`
    lines : numbers of the digits of each line, from left to right

    Returns
    -------
    number of the line and box of each rule
    """
    if not len(boxes):
        return []
    scale = min(1.0, HEIGHT / max(float(np.median(boxes[:, 3])), 1.0))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = grey if scale == 1 else cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    contrast = local_contrast(small)
    factors = np.tile(np.divide(size, grey.shape[::-1]), 2)
    found = []
    for number, line in enumerate(lines):
        for before, after in itertools.pairwise(line):
            rule = _rule_between(contrast, boxes[before] * factors, boxes[after] * factors)
            if rule is not None:
                found.append((number, rule / factors))
    return found


def _rule_between(contrast: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray | None:
    """Return the box of the clearest rule between two digits; None if there is none."""
    height = float(np.sqrt(left[3] * right[3]))
    begin, end = left[0] + (1 - INTO) * left[2], right[0] + INTO * right[2]
    if not 0 < end - begin <= FARTHEST * height:
        return None
    top = min(left[1], right[1]) - BEYOND * height
    bottom = max(left[1] + left[3], right[1] + right[3]) + BEYOND * height
    clear = _clearness(contrast, (begin, end), (top, bottom), height)
    best = int(clear.argmax())
    if clear[best] < CLEAR:
        return None
    return np.array([begin + best, top, 1.0, bottom - top])


def _clearness(
    contrast: np.ndarray, across: tuple[float, float], down: tuple[float, float], height: float
) -> np.ndarray:
    """Return how clear a rule is at each place: the contrast of its parts but the faintest.

    Its ends are beyond the digits and have to be as clear.
    """
    margin = int(np.ceil(max(BESIDE) * height)) + 1
    count = int(np.ceil(across[1] - across[0])) + 1
    rows = PARTS * ROWS
    step = (down[1] - down[0]) / rows
    best = np.full(count, -np.inf)
    for leaning in LEANING:
        # From a place of the window to the picture: rows further down lean to one side.
        start = across[0] - margin - leaning * step * (rows - 1) / 2
        to_picture = np.array([[1, leaning * step, start], [0, step, down[0] + step / 2]])
        window = cv2.warpAffine(
            contrast,
            to_picture,
            (count + 2 * margin, rows),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )
        parts = window.reshape(PARTS, ROWS, -1).mean(axis=1)
        middle = parts[:, margin : margin + count]
        for beside in BESIDE:
            away = max(1, round(beside * height))
            sides = [parts[:, margin + at : margin + at + count] for at in (-away, away)]
            for sign in (1, -1):
                ridge = (sign * (middle - np.array(sides))).min(axis=0)
                most = np.sort(ridge, axis=0)[UNCLEAR]
                best = np.maximum(best, np.minimum(most, ridge[[0, -1]].min(axis=0)))
    return best
