"""MNIST's test images, loaded once for all sessions, and their download."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core import data


@dataclass(frozen=True)
class TestSet:
    """The 10,000 digits that no model has learned from."""

    images: np.ndarray  # float32 (n, 28, 28) in [0, 1]
    labels: np.ndarray  # uint8 (n,)


def test_set() -> TestSet | None:
    """MNIST's test images; None if MNIST would have to be downloaded.

    Raises
    ------
    DataError : this machine's copy is damaged
    """
    path = data.local_copy()
    return _load(str(path), path.stat().st_mtime_ns) if path else None


def offer_download() -> None:
    """Say what is missing, and fetch it when the person says so."""
    st.info(
        "Here you see how well a model reads the 10,000 test images of MNIST when they are "
        "damaged. MNIST is not on this computer yet: a file of 11 MB, which the app fetches once "
        f"from {data.MNIST_URL.split('/')[2]} and keeps.",
        icon=":material/download:",
    )
    if not st.button("Download MNIST", key="mnist_download", icon=":material/download:"):
        return
    bar = st.progress(0.0, "Downloading MNIST")

    def show(done: int, total: int) -> None:
        bar.progress(min(done / total, 1.0) if total else 0.0, f"{done / 1e6:.1f} MB are here")

    try:
        data.load_mnist(progress=show)
    except data.DataError as error:
        bar.empty()
        st.error(str(error), icon=":material/error:")
    else:
        st.rerun()


# The file's time is part of the key, so that a file that was mended is read again.
@st.cache_resource(max_entries=1, show_spinner="Loading the test images")
def _load(path: str, changed: int) -> TestSet:  # noqa: ARG001
    test = data.load_mnist().test
    return TestSet(data.to_float(test.images), test.labels.copy())
