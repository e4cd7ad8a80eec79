"""Digits and separators on a page -> lines, what is written there, and tables."""

from mnist_core.reading.layout.lines import find_lines, nearest_line
from mnist_core.reading.layout.rules import find_rules
from mnist_core.reading.layout.writing import with_digits

__all__ = ["find_lines", "find_rules", "nearest_line", "with_digits"]
