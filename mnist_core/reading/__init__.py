"""A picture -> the digits on it, the number they make, and how sure that is."""

from mnist_core.reading.reader import read, read_boxes, read_ink
from mnist_core.reading.result import Box, Digit, Reading, Separator, with_remark

__all__ = ["Box", "Digit", "Reading", "Separator", "read", "read_boxes", "read_ink", "with_remark"]
