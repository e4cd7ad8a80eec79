"""A row of pieces to its most likely digits: pieces are joined or cut where that is likelier.

Source: the over-segmentation and the shortest path of Y. LeCun et al., "Gradient-based learning
applied to document recognition" (1998), section V. All costs are in nats, as is the cost of a
reading, the natural logarithm of one over its probability.
"""

from dataclasses import dataclass

import numpy as np

from mnist_core.reading import segmentation
from mnist_core.reading.glyphs import Glyph, read_pieces
from mnist_core.reading.segmentation import Ink, Piece
from mnist_core.serving import Predictor

WIDE = 0.7  # pieces wider than this share of a digit's height may be several digits
CUT = 1.3  # what a cut costs
CUT_INK = 0.4  # what it costs more for each stroke's width of ink that it goes through
WIDEST = 1.0  # digits are seldom wider than this share of a digit's height
TOO_WIDE = 6.0  # what it costs to be wider, by digit heights
LOWEST = 0.5  # and seldom lower than this share
TOO_LOW = 4.0
GAP = 6.0  # what a gap within a digit costs, by digit heights
WIDEST_GAP = 0.15
STROKE = 0.1  # a stroke's usual width, as a share of a digit's height
PARTS = 4  # a digit is made of so many atoms at most
MOST_CUTS = 12


@dataclass(frozen=True)
class _Between:
    """What is between an atom and the next: a gap, or a cut, and what these cost."""

    gap: float  # in digit heights; 0 for a cut
    to_join: float
    to_part: float


def read_row(
    ink: Ink,
    labels: np.ndarray,
    row: list[Piece],
    height: float,
    predictor: Predictor,
    *,
    back: np.ndarray | None = None,
) -> list[tuple[Glyph, float]]:
    """Read a row of pieces.

    Parameters
    ----------
    labels : int32 (h, w), the connected component of each pixel; changed where pieces are cut
    row : from left to right, at least one
    height : of a digit, in pixels
    back : see `read_pieces`

    Returns
    -------
    glyphs from left to right, and what each cost
    """
    atoms, between = _atoms(ink, labels, row, height)
    spans = [
        (i, j)
        for i in range(len(atoms))
        for j in range(i + 1, min(i + PARTS, len(atoms)) + 1)
        if all(b.gap <= WIDEST_GAP for b in between[i : j - 1])
    ]
    joined = [segmentation.join(atoms[i:j]) for i, j in spans]
    glyphs = read_pieces(ink, labels, joined, predictor, back=back)
    best: dict[int, tuple[float, list[tuple[Glyph, float]]]] = {0: (0.0, [])}
    for (i, j), piece, glyph in sorted(
        zip(spans, joined, glyphs, strict=True), key=lambda way: way[0][1]
    ):
        cost = glyph.cost + _shape_cost(piece, height)
        cost += sum(b.to_join for b in between[i : j - 1])
        cost += between[i - 1].to_part if i else 0.0
        total = best[i][0] + cost
        if j not in best or total < best[j][0]:
            best[j] = total, [*best[i][1], (glyph, cost)]
    return best[len(atoms)][1]


def _atoms(
    ink: Ink, labels: np.ndarray, row: list[Piece], height: float
) -> tuple[list[Piece], list[_Between]]:
    """Cut what may be several digits; return the atoms, and what is between them."""
    atoms: list[Piece] = []
    between: list[_Between] = []
    for piece in row:
        if atoms:
            end = atoms[-1].box[0] + atoms[-1].box[2]
            gap = max(0.0, (piece.box[0] - end) / height)
            between.append(_Between(gap, GAP * gap, 0.0))
        parts, inks = [piece], list[float]()
        if piece.box[2] > WIDE * min(height, piece.box[3]):
            most = max(2, min(MOST_CUTS, round(3 * piece.box[2] / height)))
            parts, inks = segmentation.cut(ink.strength, labels, piece, most)
        atoms += parts
        stroke = max(2.0, STROKE * height)
        between += [_Between(0.0, 0.0, CUT + CUT_INK * through / stroke) for through in inks]
    return atoms, between


def _shape_cost(piece: Piece, height: float) -> float:
    _, _, width, tall = piece.box
    return TOO_WIDE * max(0.0, width / height - WIDEST) + TOO_LOW * max(0.0, LOWEST - tall / height)
