"""Small files of arrays in a run's folder, read safely whatever they hold."""

import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mnist_core import atomic
from mnist_core.data import UNREADABLE, Split, to_npz
from mnist_core.training.run_folder.layout import read_file

LARGEST = 2**18  # bytes, unpacked


def write_digits(path: Path, digits: Split) -> None:
    """Write labelled digits, which join those of MNIST."""
    atomic.write_bytes(path, to_npz(digits))


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, np.ndarray] | None:
    """Return these arrays of an `.npz` file; None if it is missing, damaged or too large."""
    content = read_file(path)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST:
                return None
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            return {name: archive[name] for name in names}
    except (*UNREADABLE, MemoryError, OverflowError, RuntimeError, struct.error):
        return None
