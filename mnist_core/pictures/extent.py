"""How far a drawing's ink extends: whether it is enough to read, and whether it is one digit."""

from collections.abc import Sequence

import cv2
import numpy as np

from mnist_core.pictures.strokes import Stroke, draw_with_pens, without_specks

# Two strokes and a gap between them, each as wide as the pen: from middle to middle two pens. In
# less ink no two strokes can be told apart, whatever was meant.
LEAST = 2
BETWEEN = 0.25  # pens; so much blank paper lies between two digits
OVERLAP = 0.5  # of the narrower one; what lies so far above or below is part of the same digit
GRID = 200  # pixels of the drawing's longer side, to see what touches
SMALLEST = 0.5  # of the tallest's height; what is smaller is a dot or a sign beside it


def is_too_little(strokes: Sequence[Stroke]) -> bool:
    """Return whether a drawing is a dab or a blot: hardly larger than the pen that made it.

    Parameters
    ----------
    strokes : at least one; those whose pen has no width are never too little
    """
    points = _points(strokes)
    pen = max(stroke.pen for stroke in strokes)
    return bool(np.ptp(points, axis=0).max() < LEAST * pen)


def side_by_side(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """Return the strokes in groups that stand side by side without touching, from left to right.

    Dots are left out, as the network does not see them.

    Parameters
    ----------
    strokes : at least one

    Returns
    -------
    one group, unless each is at least half as tall as the tallest
    """
    kept = {id(points) for points in without_specks([stroke.points for stroke in strokes])}
    seen = [stroke for stroke in strokes if id(stroke.points) in kept]
    groups: list[list[Stroke]] = []
    for piece in sorted(_pieces(seen), key=lambda piece: _ends(piece)[0]):
        if groups and _overlap(groups[-1], piece) > OVERLAP:
            groups[-1] += piece
        else:
            groups.append(piece)
    heights = [np.ptp(_points(group)[:, 1]) for group in groups]
    return groups if min(heights) >= SMALLEST * max(heights) else [seen]


def _pieces(strokes: Sequence[Stroke]) -> list[list[Stroke]]:
    """Return the strokes in groups whose ink touches, or nearly so."""
    points = _points(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = GRID / max(float((high - low).max()), 1e-6)
    near = (1 + BETWEEN) * scale
    margin = min(max(stroke.pen for stroke in strokes) * near, GRID) / 2 + 2
    width, height = np.ceil((high - low) * scale + 2 * margin).astype(int)
    placed = [Stroke((s.points - low) * scale + margin, s.pen * near) for s in strokes]
    _, labels = cv2.connectedComponents((draw_with_pens(placed, (height, width)) > 0).astype("u1"))
    pieces: dict[int, list[Stroke]] = {}
    for stroke, there in zip(strokes, placed, strict=True):
        x, y = there.points[0].round().astype(int)
        pieces.setdefault(int(labels[y, x]), []).append(stroke)
    return list(pieces.values())


def _points(strokes: Sequence[Stroke]) -> np.ndarray:
    return np.concatenate([stroke.points for stroke in strokes])


def _ends(strokes: Sequence[Stroke]) -> tuple[float, float]:
    """Return where ink begins at the left and ends at the right."""
    return (
        min(float(stroke.points[:, 0].min()) - stroke.pen / 2 for stroke in strokes),
        max(float(stroke.points[:, 0].max()) + stroke.pen / 2 for stroke in strokes),
    )


def _overlap(one: Sequence[Stroke], other: Sequence[Stroke]) -> float:
    """Return how much of the narrower one lies above or below the other."""
    (left, right), (begin, end) = _ends(one), _ends(other)
    shared = min(right, end) - max(left, begin)
    return shared / max(min(right - left, end - begin), 1e-6)
