"""Labelled digits as the content of one `.npz` file, read safely whatever it holds or claims."""

import io
import math
import zipfile

import numpy as np

from mnist_core.config import CLASSES, IMAGE_SIZE, MAX_LABELLED_BYTES
from mnist_core.data.mnist import Split
from mnist_core.errors import DataError

EXPECTED = (
    f"Expected an .npz file with x uint8 (n, {IMAGE_SIZE}, {IMAGE_SIZE}), white on black, and "
    f"y (n,), whole numbers from 0 to {CLASSES - 1}."
)
FILES = 100  # in the archive; two are looked at
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # only these unpack in bounded steps
HEADER = 1000  # characters of an array's header


def to_npz(digits: Split) -> bytes:
    """Return the content of a file that `adapt`, `evaluate --data` and `from_npz` read."""
    file = io.BytesIO()
    np.savez_compressed(
        file, x=np.asarray(digits.images, np.uint8), y=np.asarray(digits.labels, np.uint8)
    )
    return file.getvalue()


def from_npz(content: bytes) -> Split:
    """Read labelled digits from the content of a file that anybody may have made.

    Nothing beyond MAX_LABELLED_BYTES is unpacked, and nothing in it is run.

    Raises
    ------
    DataError : it is too large, no `.npz`, or holds other arrays
    """
    most = f"{MAX_LABELLED_BYTES / 1e6:g} MB"
    if len(content) > MAX_LABELLED_BYTES:
        raise DataError(f"The file has {len(content) / 1e6:,.1f} MB; at most {most} are read.")
    if content.count(b"PK\1\2") > FILES:
        raise DataError(f"The file lists too many arrays. {EXPECTED}")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            images, labels = (_unpack(archive, f"{name}.npy") for name in ("x", "y"))
    except DataError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy's headers raise many kinds
        raise DataError(f"The file cannot be read. {EXPECTED}") from error
    n = len(labels) if labels.ndim == 1 else 0
    shapes = images.shape, images.dtype, labels.dtype.kind in "iu"
    if not n or shapes != ((n, IMAGE_SIZE, IMAGE_SIZE), np.uint8, True):
        raise DataError(
            f"The file holds x {images.dtype.name} {images.shape} and y {labels.dtype.name} "
            f"{labels.shape}. {EXPECTED}"
        )
    if labels.min() < 0 or labels.max() >= CLASSES:
        raise DataError(f"The file has labels from {labels.min()} to {labels.max()}. {EXPECTED}")
    return Split(images, labels.astype(np.uint8))


def _unpack(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """Return an array of an archive; NumPy's own reader makes room for whatever a header claims."""
    info = archive.getinfo(name)
    if info.compress_type not in METHODS:
        raise ValueError(f"{name} is packed by another method")
    with archive.open(info) as packed:
        content = packed.read(MAX_LABELLED_BYTES + 1)
    if len(content) > MAX_LABELLED_BYTES:
        raise DataError(
            f"The file unpacks to more than {MAX_LABELLED_BYTES / 1e6:g} MB: bring fewer digits."
        )
    file = io.BytesIO(content)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[np.lib.format.read_magic(file)]
    shape, by_columns, kind = read_header(file, max_header_size=HEADER)
    if kind.hasobject or min(shape, default=0) < 0:
        raise ValueError(f"{name} holds objects, or less than nothing")
    values = np.frombuffer(content, kind, math.prod(shape), file.tell())
    return values.reshape(shape, order="F" if by_columns else "C").copy()
