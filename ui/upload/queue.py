"""Opening and reading pictures, in turns with other visits, until the visitor leaves."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import ParamSpec, TypeVar

import numpy as np
import streamlit as st

from mnist_core.pictures.imaging import open_picture
from mnist_core.pictures.record import Picture
from mnist_core.reading.detection import FindsMarks
from mnist_core.runs import memory_free
from mnist_core.serving.detector import Maps
from ui.shell import is_connected, visit_id
from ui.turns import Turns

# A large picture takes up to 300 MB while it is opened and read: no two at once, whoever brings
# them. Documents are rendered by a process of their own, and may take 15 seconds a page: beside the
# others, but no two at once, where there is memory for both.
PICTURES, DOCUMENTS = Turns(), Turns()
BESIDE = 700_000_000  # bytes that have to be free
P = ParamSpec("P")
T = TypeVar("T")


class InTurns:
    """A detector that lets others go first between two looks at a picture."""

    def __init__(self, detector: FindsMarks) -> None:
        self._detector = detector

    def maps(self, contrast: np.ndarray) -> Maps:
        """Return what the detector answers, unless the visitor has left."""
        _end_if_left()
        PICTURES.give_way(_end_if_left)
        return self._detector.maps(contrast)


def in_turn(work: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """Do some work when it is this visit's turn."""
    with PICTURES.turn(visit_id(), _look):
        return work(*arguments, **options)


def open_in_turn(content: bytes, page: int) -> Picture:
    """Open a picture or a page when it is this visit's turn.

    Raises
    ------
    PictureError : it cannot be opened
    """
    with (DOCUMENTS if _is_beside(content) else PICTURES).turn(visit_id(), _look):
        return open_picture(content, page=page)


def turn_to_read(content: bytes) -> AbstractContextManager[None]:
    """Have a turn for opening and reading a picture, which is in memory in between.

    Documents that are rendered beside the others need one only to be read.
    """
    return nullcontext() if _is_beside(content) else PICTURES.turn(visit_id(), _look)


def _is_beside(content: bytes) -> bool:
    return content.startswith(b"%PDF") and memory_free() > BESIDE


def _look() -> None:
    """Let Streamlit end a run that is no longer wanted, which it does where its state is read."""
    _end_if_left()
    st.session_state.get("upload_read")


def _end_if_left() -> None:
    if not is_connected():
        st.stop()
