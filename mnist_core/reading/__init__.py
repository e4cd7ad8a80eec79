"""A picture -> the digits on it, the number they make, and how sure that is."""

from mnist_core.reading.number import (
    AT_EDGE,
    LEVEL,
    STEEP,
    Digit,
    Reading,
    read,
    read_boxes,
    read_ink,
)

__all__ = [
    "AT_EDGE",
    "LEVEL",
    "STEEP",
    "Digit",
    "Reading",
    "read",
    "read_boxes",
    "read_ink",
]
