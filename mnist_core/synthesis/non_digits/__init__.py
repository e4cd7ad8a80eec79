"""Synthetic non-digits, to learn rejection from."""

from mnist_core.synthesis.non_digits.table import HELD_OUT, KINDS, make

__all__ = ["HELD_OUT", "KINDS", "make"]
