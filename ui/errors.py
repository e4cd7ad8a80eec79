"""Errors of the core as sentences on the page."""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.delta_generator import DeltaGenerator

from mnist_core.errors import ModelError, PictureError


@contextmanager
def show_errors_in(place: DeltaGenerator) -> Iterator[None]:
    """Show in a sentence why a model, picture or drawing cannot be read; the page goes on."""
    try:
        yield
    except (ModelError, PictureError) as error:
        place.error(str(error), icon=":material/error:")
