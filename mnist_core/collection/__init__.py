"""Labelled handwriting that people gave: kept in a database, deleted by code, exported."""

from mnist_core.collection.drawing import Drawing, new_code
from mnist_core.collection.export import EXPORTS, to_arrays
from mnist_core.collection.settings import Mode, address, days_kept, mode
from mnist_core.collection.store import Collection

__all__ = [
    "EXPORTS",
    "Collection",
    "Drawing",
    "Mode",
    "address",
    "days_kept",
    "mode",
    "new_code",
    "to_arrays",
]
