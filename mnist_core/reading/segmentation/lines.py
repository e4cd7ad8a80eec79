"""Lines of writing: how they slope, which pieces each of them holds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import cv2
import numpy as np

from mnist_core.reading.segmentation.ink import Ink
from mnist_core.reading.segmentation.pieces import Boxed

STEEPEST = 50  # degrees that a line of writing may rise or fall

T = TypeVar("T", bound=Boxed)


def slope(found: Sequence[Boxed], height: float) -> float:
    """Estimate by how many degrees the lines of writing fall, from left to right.

    Parameters
    ----------
    height : of a digit, in pixels

    Returns
    -------
    degrees; 0 if it cannot be estimated
    """
    middles = np.array([p.middle for p in found if p.box[3] > 0.5 * height])
    if len(middles) < 3:
        return 0.0
    across = middles[None] - middles[:, None]
    far = across[..., 0] + 2 * np.abs(across[..., 1])
    far[(across[..., 0] < 0.2 * height) | (4 * height < np.hypot(*across.T).T)] = np.inf
    nearest = far.argmin(axis=1)
    linked = np.isfinite(far.min(axis=1))
    steps = across[np.arange(len(middles)), nearest][linked]
    if len(steps) < 2:
        return 0.0
    angles = np.degrees(np.arctan2(steps[:, 1], steps[:, 0]))
    middle = float(np.median(angles))
    spread = float(np.median(np.abs(angles - middle)))
    return middle if abs(middle) <= STEEPEST and spread < 15 else 0.0


def lines(found: Sequence[T], *, falls: float = 0.0) -> list[list[T]]:
    """Sort pieces into lines of writing, top to bottom, and each line from left to right.

    Parameters
    ----------
    falls : by how many degrees the lines fall
    """
    turn = np.radians(falls)
    along, down = (np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))
    places = {
        id(piece): (np.dot(piece.middle, along), np.dot(piece.middle, down)) for piece in found
    }
    spans = {
        id(piece): (y - piece.box[3] / 2, y + piece.box[3] / 2)
        for piece, (_, y) in zip(found, places.values(), strict=True)
    }
    rows: list[list[T]] = []
    for piece in sorted(found, key=lambda p: places[id(p)][0]):
        beside = [_beside([spans[id(p)] for p in row[-2:]], spans[id(piece)]) for row in rows]
        best = int(np.argmax(beside)) if rows else -1
        if rows and beside[best] > 0.3:
            rows[best].append(piece)
        else:
            rows.append([piece])
    return sorted(rows, key=lambda row: float(np.mean([places[id(p)][1] for p in row])))


def _beside(ends: list[tuple[float, float]], span: tuple[float, float]) -> float:
    """Return how much of a piece's height lies beside the end of a row."""
    top, bottom = min(end[0] for end in ends), max(end[1] for end in ends)
    overlap = min(bottom, span[1]) - max(top, span[0])
    return overlap / min(bottom - top, span[1] - span[0])


def rotated(ink: Ink, degrees: float) -> tuple[Ink, np.ndarray]:
    """Rotate ink so that writing that falls by so many degrees becomes level.

    Returns
    -------
    the rotated ink
    (2, 3), the affine map from pixels of the result to pixels of `ink`
    """
    height, width = ink.mask.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]]) @ turn.T
    turn[:, 2] -= corners.min(axis=0)
    size = [int(np.ceil(side)) for side in np.ptp(corners, axis=0)]
    strength = cv2.warpAffine(ink.strength, turn, size, flags=cv2.INTER_LINEAR)
    mask = (cv2.warpAffine(ink.mask * 255, turn, size) > 127).astype(np.uint8)
    return replace(ink, strength=strength, mask=mask), cv2.invertAffineTransform(turn)
