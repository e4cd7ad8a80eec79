"""The same mark was found at several scales: keep the best of it, and pool what all say of it."""

import numpy as np

from mnist_core.boxes import overlaps
from mnist_core.reading.detection.marks import DIGIT, SEPARATOR, Marks, no_marks
from mnist_core.reading.detection.scales import answered

LEAST_UNION, LEAST_SMALLER = 0.3, 0.6  # overlap by the union, or by the smaller box: one mark
# Boxes of slanted digits that touch overlap as well. A part of a digit is lower than the digit, or
# lies in it nearly whole.
PART_HEIGHT, NEARLY_WHOLE = 0.75, 0.85
# Two different digits, both clear: a slanted 1 and a 0 beside it may overlap so far.
RIVAL, OF_RIVALS = 0.6, 0.45
LEAST_SIDE = 0.3  # heights of the digits; separators are taken to be as large at least
OF_OTHER_KIND = 0.5  # overlap by the union, of a digit and a separator
SAME = 0.5  # overlap by the union of those that say which mark it is
NARROWEST = 0.4  # heights; narrower digits count as so wide there: a pixel would part them
BY_AREA, BY_AREA_SINGLE = 0.1, 0.3  # power of the area in a mark's rank
# A box or circle around a digit looks like a 0. The digit in it has room on all sides, in parts of
# the frame's; it is smaller by so much, and nearly as clear.
ROOM, LARGEST_FRAMED, AS_CLEAR = 0.06, 0.8, 0.85
CLEAR = 0.45  # score of a digit in a frame
SEVERAL = 3  # frames around digits, so that one as large is one as well
AS_LARGE = 0.12  # difference of the logarithms of sides; frames of one form are so much alike
MOST = 800  # marks; more are noise


def merge(
    found: Marks,
    weights: np.ndarray,
    *,
    scales: np.ndarray,
    places: np.ndarray,
    by_area: float = BY_AREA,
) -> Marks:
    """Return each mark once.

    Parameters
    ----------
    found : at all scales, in pixels of one
    weights : (n,) in [0, 1], see `peaks.weights`
    scales : (k,), at which the picture was looked at
    places : int (n,), at which of the scales each was found
    by_area : larger marks rank higher by their area to this power

    Returns
    -------
    the best first; its class probabilities are those of all that overlap it, by their scores
    """
    scores = found.scores * weights
    scores = np.where(_are_frames(found, scores), 0.0, scores)
    areas = np.maximum(found.boxes[:, 2:], 1e-3).prod(axis=1)
    order = np.argsort(-scores * areas**by_area, kind="stable")
    order = order[scores[order] > 0]
    found, scores, places = found[order], scores[order], places[order]
    boxes = _grown(found)
    areas = boxes[:, 2:].prod(axis=1)
    classes, groups, heights = found.classes, found.groups, boxes[:, 3]
    kinds = classes.argmax(axis=1)
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    wide = _widened(boxes)
    free = np.ones(len(order), bool)
    kept: list[int] = []
    pooled: list[np.ndarray] = []
    support: list[float] = []
    while free.any() and len(kept) < MOST:
        best = int(free.argmax())
        sides = np.minimum(high, high[best]) - np.maximum(low, low[best])
        common = np.maximum(sides, 0).prod(axis=1)
        union = common / (areas + areas[best] - common)
        smaller = common / np.minimum(areas, areas[best])
        own = groups == groups[best]
        lower = np.minimum(heights, heights[best]) < PART_HEIGHT * np.maximum(
            heights, heights[best]
        )
        part = smaller >= np.where(lower, LEAST_SMALLER, NEARLY_WHOLE)
        rival = (kinds != kinds[best]) & (scores >= RIVAL * scores[best])
        alike = union >= np.where(rival, OF_RIVALS, LEAST_UNION)
        widened = overlaps(wide[best : best + 1], wide)[0]
        gone = np.where(own, alike | part, widened >= OF_OTHER_KIND)
        say = free & (widened >= SAME)
        say[best] = True
        kept.append(best)
        pooled.append(scores[say] @ classes[say] / scores[say].sum())
        by_scale = np.zeros(len(scales))
        np.maximum.at(by_scale, places[say & own], scores[say & own])
        asked = answered(heights[best] * scales).sum()
        support.append(float(min(1.0, by_scale.sum() / max(asked, scores[best], 1e-6))))
        free &= ~gone
        free[best] = False
    if not kept:
        return no_marks()
    return Marks(found.boxes[kept], scores[kept], np.array(pooled), np.array(support))


def _are_frames(found: Marks, scores: np.ndarray) -> np.ndarray:
    """Return which zeros are boxes or circles of a form; bool (n,).

    They are around other digits, or are empty and as large as several that are.
    """
    kinds = found.classes.argmax(axis=1)
    zeros = np.flatnonzero((kinds == 0) & (scores > 0))
    clear = scores * found.digit_share
    inside = np.flatnonzero((found.groups == DIGIT) & (kinds != 0) & (clear >= CLEAR))
    low, high = found.boxes[:, :2], found.boxes[:, :2] + found.boxes[:, 2:]
    room = np.minimum(low[inside] - low[zeros, None], high[zeros, None] - high[inside])
    has_room = (room >= ROOM * found.boxes[zeros, None, 2:]).all(axis=2)
    is_small = found.boxes[inside, 3] <= LARGEST_FRAMED * found.boxes[zeros, None, 3]
    framed = has_room & is_small & (clear[inside] >= AS_CLEAR * scores[zeros, None])
    are_frames = np.zeros(len(found), bool)
    around = zeros[framed.any(axis=1)]
    are_frames[around] = True
    sides = np.log(found.boxes[:, 2:])
    alike = (np.abs(sides[zeros, None] - sides[around]) <= AS_LARGE).all(axis=2)
    are_frames[zeros[alike.sum(axis=1) >= SEVERAL]] = True
    return are_frames


def _widened(boxes: np.ndarray) -> np.ndarray:
    """Return the boxes, each at least NARROWEST heights wide about its middle."""
    more = np.maximum(NARROWEST * boxes[:, 3] - boxes[:, 2], 0)
    return boxes + np.stack([-more / 2, np.zeros_like(more), more, np.zeros_like(more)], axis=1)


def _grown(found: Marks) -> np.ndarray:
    """Return the boxes, those of separators as large as they need be to be found at one place.

    A point is a few pixels large, and at each scale it is found a pixel beside.
    """
    boxes, groups = np.maximum(found.boxes, [-np.inf, -np.inf, 1e-3, 1e-3]), found.groups
    digits, separators = boxes[groups == DIGIT], groups == SEPARATOR
    if len(digits) and separators.any():
        least = LEAST_SIDE * float(np.median(digits[:, 3]))
        more = np.maximum(least - boxes[separators, 2:], 0)
        boxes[separators] += np.concatenate([-more / 2, more], axis=1)
    return boxes
