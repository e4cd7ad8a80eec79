"""A picture -> the digits, separators and other marks on it, by the detector."""

from mnist_core.reading.detection.context import ones_from_slashes
from mnist_core.reading.detection.marks import DIGIT, OTHER, SEPARATOR, Marks, no_marks
from mnist_core.reading.detection.merging import BY_AREA_SINGLE, LEAST_UNION
from mnist_core.reading.detection.scales import LONGEST_SINGLE
from mnist_core.reading.detection.search import FindsMarks, find_marks

__all__ = [
    "BY_AREA_SINGLE",
    "DIGIT",
    "LEAST_UNION",
    "LONGEST_SINGLE",
    "OTHER",
    "SEPARATOR",
    "FindsMarks",
    "Marks",
    "find_marks",
    "no_marks",
    "ones_from_slashes",
]
