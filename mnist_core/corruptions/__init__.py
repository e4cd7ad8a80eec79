"""Damage to images: one table of corruptions, one of recipes that combine them."""

from mnist_core.corruptions.table import (
    ALL_CORRUPTIONS,
    CHUNK,
    CORRUPTIONS,
    FAMILIES,
    RECIPES,
    check_name,
    check_severity,
    corrupt,
    describe,
    title,
)

__all__ = [
    "ALL_CORRUPTIONS",
    "CHUNK",
    "CORRUPTIONS",
    "FAMILIES",
    "RECIPES",
    "check_name",
    "check_severity",
    "corrupt",
    "describe",
    "title",
]
