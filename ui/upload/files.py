"""The pictures and pages in the files that a person brings to the upload page."""

import hashlib
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import streamlit as st

from mnist_core.config import MAX_PAGES, MAX_PICTURES
from mnist_core.errors import PictureError
from mnist_core.pictures import archives
from mnist_core.pictures.imaging import count_pages
from ui.shell import remove_uploads
from ui.uploads import REFUSALS

_LISTED = "upload_listed"  # session key: the uploads of each file
_TURNED = "upload_turned"  # session key: by how many degrees a person has turned each upload


UploadKey = tuple[str, int, int]  # the checksum of the content, the page, how it is turned


class UploadedFile(Protocol):
    """A file that a person uploaded, as Streamlit holds it."""

    file_id: str
    name: str
    type: str

    def getvalue(self) -> bytes:
        """Return its content."""
        ...

    def seek(self, offset: int, /) -> int:
        """Go to a place in it."""
        ...

    def truncate(self) -> int:
        """Drop what comes after that place."""
        ...


@dataclass(frozen=True)
class Upload:
    """One picture that a person uploaded, or one page of it.

    Attributes
    ----------
    name : for people to read, never a path to open
    file : the uploader's id of its file
    place : in that file, if it is a zip
    checksum : of its content; empty if there is none
    error : why there is no content; empty if there is
    page : counted from 1
    pages : how many its content has
    turned : 0, 90, 180 or 270; how far the person has turned it clockwise
    stands_for : how many pictures; several, or None if nobody counted them, where its file was
        read no further than here
    """

    name: str
    file: str
    place: int
    checksum: str
    error: str = ""
    page: int = 1
    pages: int = 1
    turned: int = 0
    stands_for: int | None = 1

    @property
    def title(self) -> str:
        """Its name, and the page if there are several."""
        return f"{self.name}, page {self.page}" if self.pages > 1 else self.name

    @property
    def key(self) -> UploadKey:
        """What tells it from others, and from itself turned."""
        return self.checksum, self.page, self.turned


def list_uploads(files: Sequence[UploadedFile]) -> tuple[list[Upload], list[Upload]]:
    """Find the pictures in these files, and their pages; a file is looked through once.

    Returns
    -------
    at most `MAX_PICTURES` pictures and pages
    those beyond that, which are left out
    """
    kept = st.session_state.get(_LISTED, {})
    listed = {}
    for file in files:
        listed[file.file_id] = kept.get(file.file_id) or tuple(_look_through(file))
    remove_uploads(kept.keys() - listed.keys())
    st.session_state[_LISTED] = listed
    turned = st.session_state.get(_TURNED, {})
    uploads = [
        replace(upload, turned=turned.get((upload.checksum, upload.page), 0))
        for found in listed.values()
        for upload in found
    ]
    st.session_state[_TURNED] = {
        (upload.checksum, upload.page): upload.turned for upload in uploads if upload.turned
    }
    return uploads[:MAX_PICTURES], uploads[MAX_PICTURES:]


def turn(upload: Upload) -> None:
    """Turn a picture by 90 degrees clockwise, wherever it is shown and read from now on."""
    turned = st.session_state.setdefault(_TURNED, {})
    turned[upload.checksum, upload.page] = (upload.turned + 90) % 360


def contents(
    file: UploadedFile, *, only: Collection[int] | None = None
) -> Iterator[tuple[int, str, bytes | PictureError]]:
    """Yield the pictures of a file: the place, the name, and the content or why there is none.

    Parameters
    ----------
    only : the places of the pictures to unpack; None for all
    """
    if not _is_zip(file):
        yield 0, file.name, file.getvalue()
        return
    try:
        unpacked = archives.unpack(file.getvalue(), only=only)
    except PictureError as error:
        yield 0, file.name, error
        return
    places = itertools.count() if only is None else sorted(only)
    for place, (name, content) in zip(places, unpacked, strict=False):
        yield place, name, content


def content_of(upload: Upload, files: Sequence[UploadedFile]) -> bytes:
    """Return a picture's content.

    Raises
    ------
    PictureError : it cannot be unpacked
    """
    (file,) = (file for file in files if file.file_id == upload.file)
    ((_, _, content),) = contents(file, only={upload.place})
    if isinstance(content, PictureError):
        raise content
    return content


def _is_zip(file: UploadedFile) -> bool:
    return file.name.lower().endswith(".zip")


def _look_through(file: UploadedFile) -> Iterator[Upload]:
    if refusal := REFUSALS.get(file.type):
        yield Upload(_shown(file.name), file.file_id, 0, "", refusal)
        return
    place = -1
    for place, name, content in contents(file):
        if isinstance(content, PictureError):
            rest = content.rest if isinstance(content, archives.StoppedError) else 1
            yield Upload(_shown(name), file.file_id, place, "", str(content), stands_for=rest)
            continue
        checksum, pages = hashlib.sha256(content).hexdigest(), _count_pages(content)
        for page in range(1, pages + 1):
            yield Upload(
                _shown(name),
                file.file_id,
                place,
                checksum,
                page=page,
                pages=pages,
                stands_for=1 if page <= MAX_PAGES else None,
            )
    if place < 0:
        yield Upload(
            _shown(file.name), file.file_id, 0, "", "The zip archive contains no pictures."
        )


def _count_pages(content: bytes) -> int:
    try:
        return count_pages(content)
    except PictureError:  # opening it will say so, too
        return 1


def _shown(name: str) -> str:
    return archives.shown_name(name) or "unnamed"
