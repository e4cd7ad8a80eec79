"""Labelled digits as the content of one `.npz` file, read safely whatever it holds or claims."""

import io
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

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
INSIDE = "my-digits.npz"  # beside the taught model in its zip


def to_npz(digits: Split) -> bytes:
    """Return the content of a file that `adapt`, `evaluate --data` and `from_npz` read."""
    file = io.BytesIO()
    np.savez_compressed(
        file, x=np.asarray(digits.images, np.uint8), y=np.asarray(digits.labels, np.uint8)
    )
    return file.getvalue()


def beside(packed: bytes, digits: Split) -> bytes:
    """Return a zip with these digits added, which `from_npz` finds there."""
    file = io.BytesIO(packed)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(INSIDE, to_npz(digits))
    return file.getvalue()


def from_npz(content: bytes) -> Split:
    """Read labelled digits from the content of a file that anybody may have made.

    The zip that `beside` makes will do as well. Nothing beyond MAX_LABELLED_BYTES is unpacked, and
    nothing in it is run.

    Raises
    ------
    DataError : it is too large, no `.npz`, or holds other arrays
    """
    if content.count(b"PK\1\2") > FILES:
        raise DataError(f"The file lists too many arrays. {EXPECTED}")
    with _in_words(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        if INSIDE in archive.namelist():
            content = _unpack(archive, INSIDE)
    return _read(content)


def _read(content: bytes) -> Split:
    """Read labelled digits from the content of an `.npz`; errors are those of `from_npz`."""
    if len(content) > MAX_LABELLED_BYTES:
        most = f"{MAX_LABELLED_BYTES / 1e6:g} MB"
        raise DataError(f"The file has {len(content) / 1e6:,.1f} MB; at most {most} are read.")
    if content.count(b"PK\1\2") > FILES:
        raise DataError(f"The file lists too many arrays. {EXPECTED}")
    with _in_words(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        images, labels = (_array(_unpack(archive, f"{name}.npy")) for name in ("x", "y"))
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


def last_of_each(digits: Split) -> Split:
    """Return each image once, with the last of its labels, in the order of these."""
    last = {image.tobytes(): place for place, image in enumerate(digits.images)}
    places = sorted(last.values())
    return Split(digits.images[places], digits.labels[places])


def without(digits: Split, images: np.ndarray) -> Split:
    """Return the digits whose image is none of these, whatever their labels.

    Parameters
    ----------
    images : uint8 (n, 28, 28)
    """
    known = {image.tobytes() for image in images}
    kept = np.array([image.tobytes() not in known for image in digits.images], bool)
    return Split(digits.images[kept], digits.labels[kept])


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn the errors of reading an archive into a sentence."""
    try:
        yield
    except DataError:
        raise
    except Exception as error:  # zipfile, zlib and NumPy's headers raise many kinds
        raise DataError(f"The file cannot be read. {EXPECTED}") from error


def _unpack(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the content of a file in an archive, of bounded size."""
    info = archive.getinfo(name)
    if info.compress_type not in METHODS:
        raise ValueError(f"{name} is packed by another method")
    with archive.open(info) as packed:
        content = packed.read(MAX_LABELLED_BYTES + 1)
    if len(content) > MAX_LABELLED_BYTES:
        raise DataError(
            f"The file unpacks to more than {MAX_LABELLED_BYTES / 1e6:g} MB: bring fewer digits."
        )
    return content


def _array(content: bytes) -> np.ndarray:
    """Return the array of an `.npy`; NumPy's own reader makes room for whatever a header claims."""
    file = io.BytesIO(content)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[np.lib.format.read_magic(file)]
    shape, by_columns, kind = read_header(file, max_header_size=HEADER)
    if kind.hasobject or min(shape, default=0) < 0:
        raise ValueError("objects, or less than nothing")
    values = np.frombuffer(content, kind, math.prod(shape), file.tell())
    return values.reshape(shape, order="F" if by_columns else "C").copy()
