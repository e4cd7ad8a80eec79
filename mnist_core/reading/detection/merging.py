"""The same mark was found at several scales: keep the best of it, and pool what all say of it."""

import numpy as np

from mnist_core.reading.detection.marks import Marks, no_marks

LEAST_UNION, LEAST_SMALLER = 0.3, 0.6  # overlap by the union, or by the smaller box: one mark
OF_OTHER_KIND = 0.5  # overlap by the union, of a digit and a separator
SAME = 0.5  # overlap by the union of those that say which mark it is
BY_AREA, BY_AREA_SINGLE = 0.1, 0.3  # power of the area in a mark's rank
MOST = 800  # marks; more are noise


def merge(found: Marks, weights: np.ndarray, *, by_area: float = BY_AREA) -> Marks:
    """Return each mark once.

    Parameters
    ----------
    found : at all scales, in pixels of one
    weights : (n,) in [0, 1], see `peaks.weights`
    by_area : larger marks rank higher by their area to this power

    Returns
    -------
    the best first; its class probabilities are those of all that overlap it, by their scores
    """
    scores = found.scores * weights
    areas = np.maximum(found.boxes[:, 2:], 1e-3).prod(axis=1)
    order = np.argsort(-scores * areas**by_area, kind="stable")
    order = order[scores[order] > 0]
    boxes, scores, areas = found.boxes[order], scores[order], areas[order]
    classes, groups = found.classes[order], found.groups[order]
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    free = np.ones(len(order), bool)
    kept: list[int] = []
    pooled: list[np.ndarray] = []
    while free.any() and len(kept) < MOST:
        best = int(free.argmax())
        sides = np.minimum(high, high[best]) - np.maximum(low, low[best])
        common = np.maximum(sides, 0).prod(axis=1)
        union = common / (areas + areas[best] - common)
        smaller = common / np.minimum(areas, areas[best])
        own = groups == groups[best]
        gone = np.where(
            own, (union >= LEAST_UNION) | (smaller >= LEAST_SMALLER), union >= OF_OTHER_KIND
        )
        say = free & (union >= SAME)
        say[best] = True
        kept.append(best)
        pooled.append(scores[say] @ classes[say] / scores[say].sum())
        free &= ~gone
        free[best] = False
    return Marks(boxes[kept], scores[kept], np.array(pooled)) if kept else no_marks()
