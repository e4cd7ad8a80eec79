"""The lines of ruled and squared paper, and the frames of forms: taken out of the ink."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

LONG = 0.7  # of the picture's side; rules are longer
EDGE = 0.03  # of the side; what ends so close to the edge goes on beyond it
RUNS = (0.25, 0.08)  # of the side; first what is very straight, and hardly ever a stroke
FRAME = 0.15  # of the side; frames are so close to the edge
SIDES = 3  # so many lines along the edges of the picture are a frame
BEYOND = 0.05  # of the side; a frame goes on beyond what is written in it, at both ends
THIN = 0.08  # of the other side; rules are thinner
LONGER = 2.5  # so many times the size of what is written, and a line across is no stroke
FAR_LONGER = 4.0  # and nor is one that ends within the picture
THINNER = 0.6  # of the strokes' width, and a line is not drawn with their pen


@dataclass(frozen=True, eq=False)
class _Rule:
    """A level line: where its ink is, and its thickness, in pixels."""

    top: int
    left: int
    ink: np.ndarray
    thickness: int

    @property
    def right(self) -> int:
        return self.left + self.ink.shape[1]

    @property
    def bottom(self) -> int:
        return self.top + self.ink.shape[0]

    def crosses(self, width: int) -> bool:
        return self.left <= EDGE * width and self.right >= (1 - EDGE) * width

    def at_edge(self, height: int) -> bool:
        return self.bottom <= FRAME * height or self.top >= (1 - FRAME) * height


@dataclass(frozen=True)
class _Written:
    """The box of the largest thing that is written, and the width of its strokes."""

    left: int
    top: int
    right: int
    bottom: int
    stroke: float

    def turned(self) -> "_Written":
        return _Written(self.top, self.left, self.bottom, self.right, self.stroke)


def without_rules(mask: np.ndarray) -> np.ndarray:
    """Take out the lines of ruled and squared paper, and the frames of boxes in forms.

    A rule is straight and thin. It differs from a digit's straight stroke by going on for far
    longer than what is written is tall, by being thinner than the pen, by its likes beside it, by
    running along the edge of the picture and beyond the writing, or, if it is level, by crossing
    a picture in which the writing keeps away from the edges. Where a stroke crosses it, the
    stroke's ink stays.

    Parameters
    ----------
    mask : uint8 (h, w), 1 where there is ink

    Returns
    -------
    uint8 (h, w), C-contiguous
    """
    mask = np.ascontiguousarray(mask)
    level, upright = _rules(mask), _rules(np.ascontiguousarray(mask.T))
    if not level and not upright:
        return mask
    written = _written(_erase(_erase(mask, level).T, upright).T)
    if not written:
        return mask
    height, width = mask.shape
    edges = sum(rule.at_edge(height) for rule in level)
    edges += sum(rule.at_edge(width) for rule in upright)
    framed = edges >= SIDES
    level = _chosen(level, written, mask.shape, level=True, framed=framed)
    upright = _chosen(upright, written.turned(), mask.shape[::-1], level=False, framed=framed)
    return np.ascontiguousarray(_erase(_erase(mask, level).T, upright).T)


def _rules(mask: np.ndarray) -> list[_Rule]:
    found: list[_Rule] = []
    for share in RUNS:
        found += _straight(_erase(mask, found), share)
    return found


def _straight(mask: np.ndarray, share: float) -> list[_Rule]:
    """Find lines made of level runs, each at least this share of the picture's width long."""
    height, width = mask.shape
    run = max(15, round(share * width))
    # A rule that rises is a staircase of runs, each as long as its slope is gentle.
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, run), np.uint8))
    joined = cv2.dilate(runs, np.ones((3, max(3, width // 25) | 1), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for label, (left, top, long, tall, _) in enumerate(stats.tolist()):
        if not label or long < LONG * width or tall > max(8, 0.1 * long):
            continue
        window = np.s_[top : top + tall, left : left + long]
        ink = ((labels[window] == label) & (runs[window] > 0)).astype(np.uint8)
        columns = ink.any(axis=0)
        thickness = int(np.median(ink.sum(axis=0)[columns])) + 1
        if columns.mean() >= 0.6 and thickness <= max(5, THIN * height):
            found.append(_Rule(top, left, ink, thickness))
    return found


def _chosen(
    rules: Sequence[_Rule],
    written: _Written,
    shape: tuple[int, ...],
    *,
    level: bool,
    framed: bool,
) -> list[_Rule]:
    """Return the lines that are rules and no strokes."""
    height, width = shape
    across = [rule for rule in rules if rule.crosses(width)]
    size = written.bottom - written.top
    inside = (
        min(written.left, width - written.right) > EDGE * width
        and min(written.top, height - written.bottom) > EDGE * height
    )
    chosen = []
    for rule in rules:
        long = rule.right - rule.left
        if rule in across:
            is_rule = len(across) > 1 or long >= LONGER * size or (level and inside)
            is_rule |= rule.thickness < THINNER * written.stroke
        else:
            is_rule = long >= FAR_LONGER * size
        beyond = min(written.left - rule.left, rule.right - written.right) > BEYOND * width
        if is_rule or (rule.at_edge(height) and (framed or beyond)):
            chosen.append(rule)
    return chosen


def _erase(mask: np.ndarray, rules: Sequence[_Rule]) -> np.ndarray:
    """Return the ink without these rules, but for where a stroke crosses them."""
    mask = np.ascontiguousarray(mask)
    cleaned = mask.copy()
    for rule in rules:
        margin = rule.thickness + 1
        top, bottom = max(0, rule.top - margin), rule.bottom + margin
        band = np.s_[top:bottom, rule.left : rule.right]
        near = np.zeros(mask[band].shape, np.uint8)
        near[rule.top - top : rule.bottom - top] = rule.ink
        near = cv2.dilate(near, np.ones((3, 3), np.uint8))
        upright = np.ones((rule.thickness + 3, 1), np.uint8)
        strokes = cv2.morphologyEx(mask[band], cv2.MORPH_OPEN, upright)
        cleaned[band][(near > 0) & (strokes == 0)] = 0
    return cleaned


def _written(mask: np.ndarray) -> _Written | None:
    """Measure what is written: its tallest piece stands for all; None if there is none."""
    mask = np.ascontiguousarray(mask)
    height, width = mask.shape
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = [(x, y, x + w, y + h) for x, y, w, h, _ in stats[1:].tolist()]
    # What is left of a frame lies along an edge.
    boxes = [
        box
        for box in boxes
        if box[0] < (1 - FRAME) * width
        and box[1] < (1 - FRAME) * height
        and box[2] > FRAME * width
        and box[3] > FRAME * height
    ] or boxes
    left, top, right, bottom = max(boxes, key=lambda box: box[3] - box[1], default=[0] * 4)
    if bottom - top < 8:
        return None
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_3)
    stroke = 2 * float(np.percentile(distance[mask > 0], 80))
    return _Written(left, top, right, bottom, stroke)
