"""Digits and separators on a page -> lines, what is written there, and tables."""

from mnist_core.reading.layout.lines import find_lines, nearest_line
from mnist_core.reading.layout.turns import box_as_given, upright_box
from mnist_core.reading.layout.writing import with_digits

__all__ = ["box_as_given", "find_lines", "nearest_line", "upright_box", "with_digits"]
