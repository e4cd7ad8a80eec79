"""Synthetic non-digits, to learn rejection from."""

from mnist_core.synthesis.non_digits.table import KINDS, make

__all__ = ["KINDS", "make"]
