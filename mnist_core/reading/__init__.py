"""A picture -> the digits on it, the number they make, and how sure that is."""

from mnist_core.reading.reader import read, read_boxes, read_ink
from mnist_core.reading.result import Box, Digit, Reading

__all__ = ["Box", "Digit", "Reading", "read", "read_boxes", "read_ink"]
