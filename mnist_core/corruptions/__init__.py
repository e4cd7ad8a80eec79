"""Damage to images: one table of corruptions, one of recipes that combine them."""

from mnist_core.corruptions.table import (
    CHUNK,
    CORRUPTIONS,
    DAMAGE,
    FAMILIES,
    RECIPES,
    check_name,
    check_severity,
    corrupt,
    describe,
    title,
)

__all__ = [
    "CHUNK",
    "CORRUPTIONS",
    "DAMAGE",
    "FAMILIES",
    "RECIPES",
    "check_name",
    "check_severity",
    "corrupt",
    "describe",
    "title",
]
