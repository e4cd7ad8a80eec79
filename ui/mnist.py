"""MNIST's images, loaded once for all sessions, and their download."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from mnist_core import data
from mnist_core.errors import DataError
from mnist_core.pixels import to_float

LEARNED = 20_000  # of the training images, to find similar ones among
TEST_WANTED = (
    "Here you see how well a model reads the 10,000 test images of MNIST when they are damaged."
)


@dataclass(frozen=True)
class TestSet:
    """The 10,000 digits that no model has learned from."""

    images: np.ndarray  # float32 (n, 28, 28) in [0, 1]
    labels: np.ndarray  # uint8 (n,)


def test_set() -> TestSet | None:
    """MNIST's test images; None if MNIST would have to be downloaded.

    Raises
    ------
    DataError : this computer's copy is damaged, or the file that MNIST_PATH names is missing
    """
    path = data.local_copy()
    if path:
        return _load(str(path), path.stat().st_mtime_ns)
    return _read(_named()) if _named() else None


@dataclass(frozen=True)
class Learned:
    """Digits that the models have learned from."""

    images: np.ndarray  # uint8 (n, 28, 28)
    labels: np.ndarray  # uint8 (n,)
    version: str  # of the file that they are from


def learned() -> Learned | None:
    """The first of MNIST's training images; None if MNIST would have to be downloaded.

    Raises
    ------
    DataError : as `test_set`
    """
    path = data.local_copy() or _named()
    if not path:
        return None
    changed = Path(path).stat().st_mtime_ns if Path(path).exists() else 0
    return _load_learned(str(path), changed)


def ensure_mnist(wanted: str = TEST_WANTED) -> bool:
    """Whether MNIST is here; if not, say what for, and offer what can be done about it."""
    try:
        if test_set():
            return True
    except DataError as error:
        st.error(str(error), icon=":material/error:")
        if not _named():  # what is somebody's own is not ours to replace
            _offer_download("Download MNIST again")
        return False
    st.info(
        f"{wanted} MNIST is not on this computer yet: a file of 11 MB, which the app fetches once "
        f"from {data.MNIST_URL.split('/')[2]} and keeps.",
        icon=":material/download:",
    )
    _offer_download("Download MNIST")
    return False


def _offer_download(label: str) -> None:
    """Fetch MNIST into Keras's cache when the person says so."""
    if not st.button(label, key="mnist_download", icon=":material/download:"):
        return
    bar = st.progress(0.0, "Downloading MNIST")

    def show(done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{done / 1e6:.1f} MB are here")

    try:
        data.download(data.cache_path(), progress=show)
    except DataError as error:
        bar.empty()
        st.error(str(error), icon=":material/error:")
    else:
        st.rerun()


def _named() -> str:
    """The file that the person has named as theirs; empty if there is none."""
    return os.environ.get("MNIST_PATH", "")


# The file's time is part of the key, so that a file that was mended is read again.
@st.cache_resource(max_entries=1, show_spinner="Loading the test images")
def _load(path: str, changed: int) -> TestSet:  # noqa: ARG001
    return _read(path)


@st.cache_resource(max_entries=1, show_spinner=False)
def _load_learned(path: str, changed: int) -> Learned:
    train = data.read_mnist(path).train
    return Learned(
        train.images[:LEARNED].copy(), train.labels[:LEARNED].copy(), f"{path} {changed}"
    )


def _read(path: str) -> TestSet:
    test = data.read_mnist(path).test
    return TestSet(to_float(test.images), test.labels.copy())
