"""Corruptions of images: a table of single ones by family, and one of combinations of them."""

from mnist_core.corruptions.combinations import COMBINATIONS
from mnist_core.corruptions.records import Combination, Corruption
from mnist_core.corruptions.table import (
    ALL_CORRUPTIONS,
    CHUNK,
    COMBINED_FAMILY,
    CORRUPTIONS,
    FAMILIES,
    check_name,
    check_severity,
    corrupt,
    describe,
    family_of,
    family_title,
    title,
)

__all__ = [
    "ALL_CORRUPTIONS",
    "CHUNK",
    "COMBINATIONS",
    "COMBINED_FAMILY",
    "CORRUPTIONS",
    "FAMILIES",
    "Combination",
    "Corruption",
    "check_name",
    "check_severity",
    "corrupt",
    "describe",
    "family_of",
    "family_title",
    "title",
]
