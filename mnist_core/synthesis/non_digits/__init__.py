"""Synthetic non-digits, to learn to reject what shows no digit."""

from mnist_core.synthesis.non_digits.table import KINDS, make

__all__ = ["KINDS", "make"]
