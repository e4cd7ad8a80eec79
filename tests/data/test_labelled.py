"""Files of labelled digits that anybody may have made."""

import io
import zipfile

import numpy as np
import pytest

from mnist_core.config import MAX_LABELLED_BYTES
from mnist_core.data import Split, beside, from_npz, last_of_each, to_npz, without
from mnist_core.data.labelled import INSIDE
from mnist_core.errors import DataError

X, Y = np.arange(3 * 784, dtype=np.uint8).reshape(3, 28, 28), np.array([0, 9, 4])


def saved(**arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def packed(files, method=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def array(header, body=b""):
    """The content of an `.npy` with this header, whatever it claims."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + body


def test_what_is_written_is_read_again():
    for found in (from_npz(to_npz(Split(X, Y))), from_npz(saved(x=np.asfortranarray(X), y=Y))):
        assert np.array_equal(found.images, X)
        assert np.array_equal(found.labels, Y)
        assert found.images.dtype == found.labels.dtype == np.uint8
    with np.load(io.BytesIO(to_npz(Split(X, Y)))) as archive:  # as `adapt` reads it
        assert sorted(archive.files) == ["x", "y"]


def test_digits_beside_other_files_are_found_in_their_zip():
    digits = Split(X, Y)
    large = packed({"mine/model.keras": np.random.default_rng(0).bytes(MAX_LABELLED_BYTES)})
    assert np.array_equal(from_npz(beside(large, digits)).images, X)
    nested = packed({INSIDE: packed({INSIDE: to_npz(digits)})})
    for content in (large, nested, packed({INSIDE: bytes(MAX_LABELLED_BYTES + 1)})):
        with pytest.raises(DataError, match=r"at most 2 MB|cannot be read|more than 2 MB"):
            from_npz(content)


def test_an_image_counts_once_with_its_last_label():
    digits = Split(X[[0, 1, 0, 2]], np.array([3, 4, 8, 5], np.uint8))
    found = last_of_each(digits)
    assert np.array_equal(found.images, X[[1, 0, 2]])
    assert found.labels.tolist() == [4, 8, 5]
    assert without(digits, X[:1]).labels.tolist() == [4, 5]
    assert len(without(digits, X)) == 0


HUGE = "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 28, 28)}\n"
OBJECTS = "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}\n"
BAD = {
    "no zip": b"hello",
    "empty": b"",
    "too large": bytes(MAX_LABELLED_BYTES + 1),
    "cut off": saved(x=X, y=Y)[:-30],
    "labels missing": saved(x=X),
    "another shape": saved(x=X[:, :14], y=Y),
    "floats": saved(x=X / 255, y=Y),
    "labels that are floats": saved(x=X, y=Y / 2),
    "labels of another number": saved(x=X, y=Y[:2]),
    "labels above 9": saved(x=X, y=Y + 1),
    "labels below 0": saved(x=X, y=Y - 1),
    "nothing": saved(x=X[:0], y=Y[:0]),
    "bomb": packed({"x.npy": bytes(50 * MAX_LABELLED_BYTES), "y.npy": b""}),
    "claims more": packed({"x.npy": array(HUGE, bytes(100)), "y.npy": array(HUGE)}),
    "objects": saved(x=np.array([X, None], object), y=Y),
    "objects by the header": packed({"x.npy": array(OBJECTS, bytes(24)), "y.npy": b""}),
    "nested header": packed({"x.npy": array("(" * 900), "y.npy": b""}),
    "another method": packed({"x.npy": b"", "y.npy": b""}, zipfile.ZIP_LZMA),
    "many files": packed({f"{place}.npy": b"" for place in range(200)}),
}


@pytest.mark.parametrize("kind", BAD)
def test_other_files_are_refused_in_a_sentence(kind):
    with pytest.raises(DataError, match=r"(Expected an \.npz file|at most|more than) "):
        from_npz(BAD[kind])
