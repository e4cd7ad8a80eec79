"""Labelled handwriting that people gave: kept in a database, deleted by code, exported.

`settings` and `drawing` load without SQLAlchemy: the app imports the rest only once it is used.
"""

from typing import TYPE_CHECKING, Any

from mnist_core.collection.drawing import Drawing, new_code
from mnist_core.collection.export import EXPORTS, to_arrays
from mnist_core.collection.settings import Mode, address, address_of, days_kept, default_file, mode

if TYPE_CHECKING:
    from mnist_core.collection.store import Collection

__all__ = [
    "EXPORTS",
    "Collection",
    "Drawing",
    "Mode",
    "address",
    "address_of",
    "days_kept",
    "default_file",
    "mode",
    "new_code",
    "to_arrays",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - as Python asks for it
    """Load the database's package only where it is used."""
    if name == "Collection":
        from mnist_core.collection.store import Collection

        return Collection
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
