"""Digits that touch: where they may be cut apart."""

import cv2
import numpy as np

from mnist_core.reading.segmentation.pieces import Piece

ROWS = 64  # a piece is shrunk to so many rows to look for cuts
APART = 0.15  # so far apart, by the piece's height, cuts end
TALL = 0.45  # an atom is at least so tall, as a share of the piece it was cut from


def cut(
    ink: np.ndarray, labels: np.ndarray, piece: Piece, cuts: int
) -> tuple[list[Piece], list[float]]:
    """Cut a piece into atoms along the paths of least ink, from top to bottom.

    Parameters
    ----------
    ink : float32 (h, w), strength
    labels : int32 (h, w); the atoms get new labels in it
    cuts : at most so many

    Returns
    -------
    atoms from left to right
    how much ink each cut went through, in pixels
    """
    x, y, width, height = piece.box
    window = np.s_[y : y + height, x : x + width]
    own = np.isin(labels[window], piece.labels)
    column, sides = np.arange(width)[None], []
    for path, through in _paths(np.where(own, np.minimum(ink[window], 1), 0)):
        side = own & (column <= path[:, None])
        if min(_tall(side), _tall(own & ~side)) >= TALL * height:
            sides.append((int(side.sum()), through, side))
    sides = sorted(sorted(sides, key=lambda s: s[1])[:cuts], key=lambda s: s[0])
    atoms, costs, order = [], [], np.zeros(own.shape, np.int32)
    before = np.zeros_like(own)
    for _, through, side in sides:
        if _tall(side & ~before) >= TALL * height:
            order += ~side
            before |= side
            costs.append(through)
    first = int(labels.max()) + 1
    labels[window][own] = first + order[own]
    for index in range(len(costs) + 1):
        left, top, wide, tall = cv2.boundingRect((own & (order == index)).astype(np.uint8))
        if wide:
            atoms.append(Piece((first + index,), (x + left, y + top, wide, tall)))
    return atoms, costs[: len(atoms) - 1]


def _tall(mask: np.ndarray) -> int:
    rows = np.flatnonzero(mask.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0


def _paths(ink: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return paths of least ink through a piece of any size, see `_seams`."""
    height, width = ink.shape
    factor = min(1.0, ROWS / height)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    rows = np.minimum((np.arange(height) * factor).astype(int), len(small) - 1)
    return [
        (((path[rows] + 0.5) / factor - 0.5).astype(int), through / factor)
        for path, through in _seams(small)
    ]


def _seams(ink: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return paths of little ink all over a piece, as a column for each row, and the ink on them.

    Source: S. Avidan and A. Shamir, "Seam carving for content-aware image resizing" (2007).
    """
    height, width = ink.shape
    if width < 8:
        return []
    price = ink + 0.02
    total = price[0].copy()
    back = np.zeros((height, width), np.int8)
    for row in range(1, height):
        beside = np.stack(
            [
                np.concatenate([[np.inf], total[:-1] + 0.01]),
                total,
                np.concatenate([total[1:] + 0.01, [np.inf]]),
            ]
        )
        best = beside.argmin(axis=0)
        back[row] = best - 1
        total = beside[best, np.arange(width)] + price[row]
    paths = []
    usable = np.full(width, True)
    usable[: max(2, width // 10)] = usable[-max(2, width // 10) :] = False
    apart = max(2, int(APART * height))
    while usable.any():
        path = np.empty(height, np.int64)
        path[-1] = int(np.where(usable, total, np.inf).argmin())
        for row in range(height - 1, 0, -1):
            path[row - 1] = path[row] + back[row, path[row]]
        usable[max(0, path[-1] - apart) : path[-1] + apart + 1] = False
        paths.append((path, float(ink[np.arange(height), path].sum())))
    return paths
