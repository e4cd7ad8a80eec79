"""What a person brings to the upload page: files, a folder, a zip or a camera picture."""

import hashlib
import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import streamlit as st

from mnist_core.config import MAX_BYTES, MAX_PICTURES, MAX_PIXELS
from mnist_core.errors import PictureError
from mnist_core.pictures import archives, formats
from ui.style import html

FILES, FOLDER, CAMERA = "Files or zip", "Folder", "Camera"
LIMITS = (
    f"Up to {MAX_PICTURES} pictures at a time, each up to {MAX_BYTES / 1e6:.0f} MB and "
    f"{MAX_PIXELS / 1e6:.0f} megapixels, or a zip of them. They stay in the server's memory only, "
    "until you remove them or close the page."
)
HINT = (
    '<div class="dl-hint"><p><b>No pictures yet.</b> Photograph or scan handwritten digits or '
    "numbers, in one line or several. This works best:</p><ul>"
    "<li>a dark pen on plain, ruled or squared light paper, or chalk on a board</li>"
    "<li>a sharp picture from straight above, without your hand's shadow</li>"
    "<li>digits that do not touch, with some space around them</li></ul>"
    "<p>You can check how sure the network is of each digit, correct its mistakes and export the "
    "results.</p></div>"
)
_SOURCE = "upload_source"
_LISTED = "upload_listed"


class UploadedFile(Protocol):
    """A file that a person uploaded, as Streamlit holds it."""

    file_id: str
    name: str

    def getvalue(self) -> bytes:
        """Return its content."""
        ...


@dataclass(frozen=True)
class Upload:
    """One picture that a person uploaded.

    Attributes
    ----------
    name : for people to read, never a path to open
    file : the uploader's id of its file
    place : in that file, if it is a zip
    checksum : of its content; empty if there is none
    error : why there is no content; empty if there is
    """

    name: str
    file: str
    place: int
    checksum: str
    error: str


def choose_files() -> tuple[Sequence[UploadedFile], bool]:
    """Show the ways to bring pictures.

    Returns
    -------
    the files
    whether each picture holds one digit
    """
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.segmented_control(
            "Source of the pictures",
            (FILES, FOLDER, CAMERA),
            default=FILES,
            required=True,
            key=_SOURCE,
            label_visibility="collapsed",
            persist_state="session",
        )
        single = st.toggle(
            "One digit per picture",
            key="upload_single",
            persist_state="session",
            help="Reads everything in a picture as one digit. For pictures that are cropped "
            "closely around a digit.",
        )
    with st.container(key="upload_files"):
        files = _uploaded(st.session_state[_SOURCE])
        if not files:
            st.caption(LIMITS)
    return files, single


def show_hint() -> None:
    """Say what to do while there is no picture."""
    html(HINT)


def list_uploads(files: Sequence[UploadedFile]) -> tuple[list[Upload], int]:
    """Find the pictures in these files; a zip is looked through once.

    Returns
    -------
    at most `MAX_PICTURES` pictures
    how many more there are
    """
    kept = st.session_state.get(_LISTED, {})
    listed = {}
    for file in files:
        listed[file.file_id] = kept.get(file.file_id) or tuple(_look_through(file))
    st.session_state[_LISTED] = listed
    uploads = [upload for found in listed.values() for upload in found]
    return uploads[:MAX_PICTURES], len(uploads[MAX_PICTURES:])


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


def accepted_types() -> list[str]:
    """Return which files can be brought, by how their names end, without the dot."""
    return [ending.lstrip(".") for ending in (*formats.extensions(), ".zip")]


def _is_zip(file: UploadedFile) -> bool:
    return file.name.lower().endswith(".zip")


def _uploaded(source: str) -> Sequence[UploadedFile]:
    if source == CAMERA:
        taken = st.camera_input("Take a picture", key="upload_camera", resolution="1080p")
        return [taken] if taken else []
    return st.file_uploader(
        "Pictures of digits",
        type=accepted_types(),
        accept_multiple_files="directory" if source == FOLDER else True,
        key="upload_folder" if source == FOLDER else "upload_chosen",
        label_visibility="collapsed",
    )


def _look_through(file: UploadedFile) -> Iterator[Upload]:
    place = -1
    for place, name, content in contents(file):
        if isinstance(content, PictureError):
            checksum, error = "", str(content)
        else:
            checksum, error = hashlib.sha256(content).hexdigest(), ""
        yield Upload(_shown(name), file.file_id, place, checksum, error)
    if place < 0:
        yield Upload(
            _shown(file.name), file.file_id, 0, "", "The zip archive contains no pictures."
        )


def _shown(name: str) -> str:
    return archives.shown_name(name) or "unnamed"
