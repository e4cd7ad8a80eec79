"""What is kept of uploaded pictures: copies as large as reading needs, in the place of files."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from mnist_core.errors import PictureError
from mnist_core.pictures.compact import Compact, compact
from mnist_core.pictures.record import Picture
from ui.shell import release_upload
from ui.upload.files import Upload, UploadedFile

SMALL = 200_000  # bytes; files that are no larger stay as they came
_KEPT = "upload_kept"  # session key


@dataclass
class _Kept:
    """The copies of a visit.

    Attributes
    ----------
    copies : by checksum and page, or why that picture cannot be opened
    whole : ids of the files that stay as they came: copies would be larger
    released : ids of the files that are there no longer
    """

    copies: dict[tuple[str, int], Compact | str] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)


def kept(upload: Upload) -> Picture | None:
    """Return a picture from its copy; None if there is none.

    Raises
    ------
    PictureError : it could not be opened when its file was there
    """
    found = _kept().copies.get((upload.checksum, upload.page))
    if isinstance(found, str):
        raise PictureError(found)
    return found.picture() if found else None


def is_released(file: UploadedFile) -> bool:
    """Return whether only copies are left of a file."""
    return file.file_id in _kept().released


def keep(
    upload: Upload,
    opened: Picture | PictureError,
    file: UploadedFile,
    in_file: Sequence[Upload],
) -> None:
    """Keep a copy of a picture, and let go of its file once all in it was opened.

    Parameters
    ----------
    opened : the picture as the file has it, not turned; or why it cannot be opened
    in_file : all pictures and pages of the file that are read
    """
    state = _kept()
    if file.file_id in state.whole | state.released:
        return
    size = len(file.getvalue())
    if size > SMALL:
        bad = isinstance(opened, PictureError)
        state.copies[upload.checksum, upload.page] = str(opened) if bad else compact(opened)
    keys = _keys(in_file)
    copied = keys & state.copies.keys()
    if size <= SMALL or sum(_size(state.copies[key]) for key in copied) > size:
        state.whole.add(file.file_id)
    elif copied == keys:
        state.released.add(file.file_id)
        release_upload(file.file_id)
        file.seek(0)
        file.truncate()


def forget_copies(uploads: Sequence[Upload]) -> None:
    """Drop the copies that no file needs: it is gone, or stays as it came."""
    state = _kept()
    here = {upload.file for upload in uploads}
    state.whole &= here
    state.released &= here
    needed = _keys([upload for upload in uploads if upload.file not in state.whole])
    state.copies = {key: found for key, found in state.copies.items() if key in needed}


def _keys(uploads: Sequence[Upload]) -> set[tuple[str, int]]:
    return {(upload.checksum, upload.page) for upload in uploads if not upload.error}


def _size(copy: Compact | str) -> int:
    return len(copy.content) if isinstance(copy, Compact) else len(copy)


def _kept() -> _Kept:
    return st.session_state.setdefault(_KEPT, _Kept())
