"""MNIST's images, loaded once for all sessions, and their download."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from mnist_core import data
from mnist_core.errors import DataError
from mnist_core.pixels import to_float

LEARNED = 20_000  # training images among which similar ones are found
TEST_WANTED = (
    "This page measures how well a model classifies the 10,000 test images of MNIST when they are "
    "corrupted."
)


@dataclass(frozen=True)
class TestSet:
    """The 10,000 digits that no model was trained on."""

    images: np.ndarray  # float32 (n, 28, 28) in [0, 1]
    labels: np.ndarray  # uint8 (n,)


def test_set() -> TestSet | None:
    """Return MNIST's test images; None if MNIST would have to be downloaded.

    Raises
    ------
    DataError : this computer's copy is damaged, or the file that MNIST_PATH names is missing
    """
    path = data.local_copy()
    if path:
        return _load(str(path), path.stat().st_mtime_ns)
    return _read(_named()) if _named() else None


def require_test_set() -> TestSet:
    """Return MNIST's test images where `ensure_mnist` has found them.

    Raises
    ------
    DataError : as `test_set`; or MNIST is no longer on this computer
    """
    found = test_set()
    if found is None:
        raise DataError("MNIST is no longer on this computer; reload the page to download it.")
    return found


@dataclass(frozen=True)
class Digits:
    """Digits to be shown."""

    images: np.ndarray  # uint8 (n, 28, 28)
    labels: np.ndarray  # uint8 (n,)
    version: str  # of the file that they are from


def learned() -> Digits | None:
    """Return the first of MNIST's training images; None if MNIST would have to be downloaded.

    Raises
    ------
    DataError : as `test_set`
    """
    return _load_shown(_load_learned)


def tested() -> Digits | None:
    """Return MNIST's test images to be shown; None if MNIST would have to be downloaded.

    Raises
    ------
    DataError : as `test_set`
    """
    return _load_shown(_load_tested)


def ensure_mnist(wanted: str = TEST_WANTED) -> bool:
    """Return whether MNIST is here; if not, say what it is needed for and offer to download it."""
    try:
        if test_set():
            return True
    except DataError as error:
        st.error(error.in_public, icon=":material/error:")
        if not _named():  # a file that the person chose is not ours to replace
            _offer_download("Download MNIST again")
        return False
    st.info(
        f"{wanted} MNIST is not on this computer yet. It is a file of 11 MB, which the app "
        f"downloads once from {data.MNIST_URL.split('/')[2]} and keeps.",
        icon=":material/download:",
    )
    _offer_download("Download MNIST")
    return False


def _offer_download(label: str) -> None:
    """Download MNIST into Keras's cache when the person says so."""
    if not st.button(label, key="mnist_download", icon=":material/download:"):
        return
    bar = st.progress(0.0, "Downloading MNIST")

    def show(done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{done / 1e6:.1f} MB downloaded")

    try:
        data.download(data.cache_path(), progress=show)
    except DataError as error:
        bar.empty()
        st.error(error.in_public, icon=":material/error:")
    else:
        st.rerun()


def _named() -> str:
    """Return the file that MNIST_PATH names; empty if there is none."""
    return os.environ.get("MNIST_PATH", "")


def _load_shown(load: Callable[[str, int], Digits]) -> Digits | None:
    path = data.local_copy() or _named()
    if not path:
        return None
    return load(str(path), Path(path).stat().st_mtime_ns if Path(path).exists() else 0)


# The file's time is part of the key, so that a repaired file is read again.
@st.cache_resource(max_entries=1, show_spinner="Loading the test images")
def _load(path: str, changed: int) -> TestSet:  # noqa: ARG001
    return _read(path)


@st.cache_resource(max_entries=1, show_spinner=False)
def _load_learned(path: str, changed: int) -> Digits:
    train = data.read_mnist(path).train
    return Digits(train.images[:LEARNED].copy(), train.labels[:LEARNED].copy(), f"{path} {changed}")


@st.cache_resource(max_entries=1, show_spinner=False)
def _load_tested(path: str, changed: int) -> Digits:
    test = data.read_mnist(path).test
    return Digits(test.images.copy(), test.labels.copy(), f"{path} {changed}")


def _read(path: str) -> TestSet:
    test = data.read_mnist(path).test
    return TestSet(to_float(test.images), test.labels.copy())
