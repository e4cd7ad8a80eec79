"""Made-up pictures of what is no digit, to learn what a digit is not."""

from mnist_core.synthesis.non_digits.table import (
    KINDS,
    OFTEN,
    make,
)

__all__ = [
    "KINDS",
    "OFTEN",
    "make",
]
