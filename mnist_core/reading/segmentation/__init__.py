"""From a picture to pieces of ink that may be digits, in reading order, line by line."""

from mnist_core.reading.segmentation.cuts import cut
from mnist_core.reading.segmentation.ink import Ink, edge_share, find_ink, polarities
from mnist_core.reading.segmentation.lines import lines, rotated, slope
from mnist_core.reading.segmentation.pieces import (
    Piece,
    digit_height,
    gather,
    join,
    main_piece,
    pieces,
    without_margins,
)
from mnist_core.reading.segmentation.rules import without_rules

__all__ = [
    "Ink",
    "Piece",
    "cut",
    "digit_height",
    "edge_share",
    "find_ink",
    "gather",
    "join",
    "lines",
    "main_piece",
    "pieces",
    "polarities",
    "rotated",
    "slope",
    "without_margins",
    "without_rules",
]
