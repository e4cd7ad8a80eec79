"""A picture -> the digits on it, the number they make, and how sure that is."""

from mnist_core.reading.drawn import read_ink
from mnist_core.reading.evidence import Line, lines_of
from mnist_core.reading.layout import with_digits
from mnist_core.reading.reader import read, read_boxes
from mnist_core.reading.result import Box, Digit, Reading, Separator, with_remark

__all__ = [
    "Box",
    "Digit",
    "Line",
    "Reading",
    "Separator",
    "lines_of",
    "read",
    "read_boxes",
    "read_ink",
    "with_digits",
    "with_remark",
]
