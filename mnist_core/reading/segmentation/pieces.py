"""Pieces of ink, and which of them make a digit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

MOST = 1000  # more pieces than these are grain
OVERLAP = 6  # boxes that cover the picture so many times are no writing either
SPECK = 0.28  # pieces lower than this share of a digit's height are specks and punctuation
LARGE = 0.6  # pieces taller than this share are digits, or large parts of one
MOST_SMALL = 500  # of the small ones so many are looked at; the rest is grain
MARGIN = 0.15  # of the picture's side, where frames are
LINE = 3  # lines are so many times longer than wide
NEAR = 0.14  # pieces this close, in digit heights, are parts of one digit


class Boxed(Protocol):
    """Anything that has a box: (x, y, width, height) in pixels."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Where it is."""
        ...

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        ...


@dataclass(frozen=True)
class Piece:
    """A connected piece of ink, or several that belong together.

    Attributes
    ----------
    labels : its connected components
    box : (x, y, width, height) in pixels of the ink's arrays
    """

    labels: tuple[int, ...]
    box: tuple[int, int, int, int]

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box, (x, y) in pixels."""
        x, y, width, height = self.box
        return x + width / 2, y + height / 2


def pieces(mask: np.ndarray) -> tuple[np.ndarray, list[Piece]]:
    """Find the connected components of ink.

    Parameters
    ----------
    mask : uint8 (h, w), 1 where there is ink

    Returns
    -------
    int32 (h, w), the label of each pixel, 0 where there is no ink
    the tallest pieces ones as far as MOST and OVERLAP allow
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    tallest = np.argsort(-stats[1:, cv2.CC_STAT_HEIGHT], kind="stable")[:MOST] + 1
    areas = np.cumsum(stats[tallest, 2].astype(float) * stats[tallest, 3])
    tallest = tallest[areas <= OVERLAP * mask.size]
    return labels, [Piece((i,), tuple(stats[i, :4].tolist())) for i in sorted(tallest.tolist())]


def join(group: Sequence[Piece]) -> Piece:
    """Make one piece of several."""
    left, top = (min(p.box[i] for p in group) for i in (0, 1))
    right, bottom = (max(p.box[i] + p.box[i + 2] for p in group) for i in (0, 1))
    labels = tuple(label for p in group for label in p.labels)
    return Piece(labels, (left, top, right - left, bottom - top))


def digit_height(found: Sequence[Boxed]) -> float:
    """Estimate how tall the digits are: the median height of the pieces, tall ones counting more.

    Parameters
    ----------
    found : at least one
    """
    heights = np.sort([piece.box[3] for piece in found]).astype(float)
    weights = np.cumsum(heights**2)
    return float(heights[np.searchsorted(weights, weights[-1] / 2)])


def without_margins(found: list[Piece], shape: tuple[int, ...]) -> list[Piece]:
    """Leave out what reaches into the picture from outside: a table's edge, a thumb, a frame.

    A digit may touch the edge of the picture as well; it is as tall as those that do not.

    Parameters
    ----------
    shape : (height, width) of the picture

    Returns
    -------
    all pieces if none were left otherwise
    """
    inside = [piece for piece in found if not _touches(piece, shape)]
    outside = [piece for piece in found if _touches(piece, shape)]
    tallest = max((p.box[3] for p in outside), default=0)
    if not inside or max(p.box[3] for p in inside) < 0.2 * tallest:
        return found
    usual = digit_height(inside)
    return inside + [
        piece
        for piece in outside
        if 0.5 * usual <= piece.box[3] <= 1.6 * usual and piece.box[2] <= 3 * usual
    ]


def _touches(piece: Piece, shape: tuple[int, ...]) -> bool:
    x, y, width, height = piece.box
    return x <= 1 or y <= 1 or x + width >= shape[1] - 1 or y + height >= shape[0] - 1


def _marginal(piece: Piece, main: Piece, shape: tuple[int, ...]) -> bool:
    """Return whether a piece reaches in from outside, or is left of a frame, beside a digit."""
    if _touches(piece, shape):
        return not _touches(main, shape)
    for low, size, side in ((0, 2, shape[1]), (1, 3, shape[0])):
        edge = piece.box[low] + piece.box[size] <= MARGIN * side
        edge |= piece.box[low] >= (1 - MARGIN) * side
        beside = piece.box[low] + piece.box[size] <= main.box[low]
        beside |= piece.box[low] >= main.box[low] + main.box[size]
        if edge and beside and piece.box[5 - size] > LINE * piece.box[size]:
            return True
    return False


def gather(found: Sequence[Piece], height: float) -> list[Piece]:
    """Join small pieces to the digits they broke off, and leave out specks.

    Parameters
    ----------
    height : of a digit, in pixels

    Returns
    -------
    pieces at least SPECK times as tall as a digit
    """
    digits = [p for p in found if p.box[3] > LARGE * height]
    small = [p for p in found if not p.box[3] > LARGE * height]
    boxes = np.zeros((len(found), 4), int)
    boxes[: len(digits)] = np.reshape([digit.box for digit in digits], (-1, 4))
    # The larger pieces first: what joins a digit may reach a piece that lies beyond.
    for piece in sorted(small, key=lambda p: -p.box[2] * p.box[3])[:MOST_SMALL]:
        gaps = _gaps(piece.box, boxes[: len(digits)])
        within = np.flatnonzero(gaps < _reach(piece.box, boxes[: len(digits)]) * height)
        near = [(gaps[i], i) for i in within if _fits(piece, digits[i], height)]
        index = min(near)[1] if near else len(digits)
        if near:
            digits[index] = join([digits[index], piece])
        else:
            digits.append(piece)
        boxes[index] = digits[index].box
    return [digit for digit in digits if digit.box[3] >= SPECK * height]


def _distance(a: Piece, b: Piece) -> float:
    """Return the gap between two pieces' boxes, 0 if they overlap."""
    return float(_gaps(a.box, np.array([b.box]))[0])


def _gaps(box: tuple[int, int, int, int], others: np.ndarray) -> np.ndarray:
    """Return the gaps between a box and others, 0 where they overlap; float array (n,)."""
    low, size = np.array(box[:2]), np.array(box[2:])
    after, before = others[:, :2] - low - size, low - others[:, :2] - others[:, 2:]
    return np.hypot(*np.maximum(np.maximum(after, before), 0).T)


def _reach(box: tuple[int, int, int, int], others: np.ndarray) -> np.ndarray:
    """Return how far a piece may lie from the digits it belongs to, in digit heights.

    Further above and below them than beside; float array (n,).
    """
    x, _, width, _ = box
    right = np.minimum(x + width, others[:, 0] + others[:, 2])
    return np.where(right - np.maximum(x, others[:, 0]) > 0.5 * width, 0.3, NEAR)


def _fits(small: Piece, other: Piece, height: float) -> bool:
    """Return whether two pieces together are no larger than a digit."""
    _, _, width, tall = join([small, other]).box
    return tall <= 1.35 * max(height, other.box[3]) and width <= max(
        1.3 * height, 1.05 * other.box[2]
    )


def main_piece(found: Sequence[Piece], shape: tuple[int, ...]) -> Piece:
    """Choose the one digit of a picture: its largest piece, and what belongs to it.

    Parameters
    ----------
    found : at least one
    shape : (height, width) of the picture
    """
    height, width = shape

    def weight(piece: Piece) -> float:
        (x, y), (_, _, w, h) = piece.middle, piece.box
        off = np.hypot((x - width / 2) / width, (y - height / 2) / height)
        return max(w, h) * np.exp(-2 * off**2)

    main = max(found, key=weight)
    group = [main]
    size = max(main.box[2:])
    for piece in sorted(found, key=lambda p: _distance(p, main)):
        together = join(group)
        if piece is main or max(piece.box[2:]) < 0.08 * size:
            continue
        if _marginal(piece, main, shape):
            continue
        if _distance(piece, together) < 0.15 * size and max(piece.box[2:]) < 1.2 * size:
            group.append(piece)
    return join(group)
