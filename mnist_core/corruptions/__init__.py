"""Corruptions of images: a table of single ones by family, and recipes that combine them."""

from mnist_core.corruptions.recipes import RECIPES
from mnist_core.corruptions.records import Corruption, Recipe
from mnist_core.corruptions.table import (
    ALL_CORRUPTIONS,
    CHUNK,
    CORRUPTIONS,
    FAMILIES,
    check_name,
    check_severity,
    corrupt,
    describe,
    family_of,
    title,
)

__all__ = [
    "ALL_CORRUPTIONS",
    "CHUNK",
    "CORRUPTIONS",
    "FAMILIES",
    "RECIPES",
    "Corruption",
    "Recipe",
    "check_name",
    "check_severity",
    "corrupt",
    "describe",
    "family_of",
    "title",
]
