"""Errors of the core as sentences on the page."""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.delta_generator import DeltaGenerator

from mnist_core.errors import DataError, DigitLabError, ModelError, PictureError


@contextmanager
def show_errors_in(place: DeltaGenerator) -> Iterator[None]:
    """Show in a sentence why a model, picture or drawing cannot be read; the page goes on."""
    try:
        yield
    except (ModelError, PictureError) as error:
        place.error(str(error), icon=":material/error:")


def in_public(error: Exception) -> str:
    """Return why something failed, without the folders of this computer."""
    if isinstance(error, DataError):
        return error.in_public
    return str(error) if isinstance(error, DigitLabError) else type(error).__name__
