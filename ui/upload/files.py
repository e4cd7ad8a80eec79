"""What a person brings to the upload page: files, a folder, a zip, a picture of the camera."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from mnist_core.config import MAX_BYTES, MAX_PICTURES, MAX_PIXELS
from mnist_core.errors import PictureError
from mnist_core.pictures import archives, formats

FILES, FOLDER, CAMERA = "Files or a zip", "A folder", "Camera"
LIMITS = (
    f"Up to {MAX_PICTURES} pictures at a time, each of up to {MAX_BYTES / 1e6:.0f} MB and "
    f"{MAX_PIXELS / 1e6:.0f} megapixels, or a zip of them. They are kept in the server's "
    "memory only, until you remove them or close the page."
)
_SOURCE = "upload_source"
_LISTED = "upload_listed"


@dataclass(frozen=True)
class Upload:
    """One picture that a person brought."""

    name: str  # for people to read: never a path to open
    file: str  # the uploader's id of its file
    place: int  # in that file, if it is a zip
    checksum: str  # of its content; empty if there is none
    error: str  # why there is none


def choose_files() -> tuple[list, bool]:
    """Show the ways to bring pictures.

    Returns
    -------
    files : list of Streamlit's UploadedFile
    single : bool, whether each picture holds one digit
    """
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.segmented_control(
            "Where the pictures come from",
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
            help="Everything in a picture is taken for parts of one digit. For pictures that are "
            "cut out closely around a digit.",
        )
    with st.container(key="upload_files"):
        files = _brought(st.session_state[_SOURCE])
        if not files:
            st.caption(LIMITS)
    return files, single


def list_uploads(files: Sequence) -> tuple[list[Upload], int]:
    """Find the pictures in these files; a zip is looked through once.

    Returns
    -------
    uploads : list of Upload, at most `MAX_PICTURES`
    left_out : int, how many more there are
    """
    kept = st.session_state.get(_LISTED, {})
    listed = {}
    for file in files:
        listed[file.file_id] = kept.get(file.file_id) or tuple(_look_through(file))
    st.session_state[_LISTED] = listed
    uploads = [upload for found in listed.values() for upload in found]
    return uploads[:MAX_PICTURES], len(uploads[MAX_PICTURES:])


def contents(file) -> Iterator[tuple[str, bytes | PictureError]]:
    """Yield the name and content of each picture of a file, or why it cannot be had."""
    if not _is_zip(file):
        yield file.name, file.getvalue()
        return
    try:
        yield from archives.unpack(file.getvalue())
    except PictureError as error:
        yield file.name, error


def content_of(upload: Upload, files: Sequence) -> bytes:
    """Return a picture's content."""
    (file,) = (file for file in files if file.file_id == upload.file)
    if _is_zip(file):
        return archives.unpack_one(file.getvalue(), upload.place)
    return file.getvalue()


def accepted_types() -> list[str]:
    """Return how the names of files end that can be brought, without the dot."""
    return [ending.lstrip(".") for ending in (*formats.extensions(), ".zip")]


def _is_zip(file: UploadedFile) -> bool:
    return file.name.lower().endswith(".zip")


def _brought(source: str) -> list:
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


def _look_through(file) -> Iterator[Upload]:
    place = -1
    for place, (name, content) in enumerate(contents(file)):
        failed = isinstance(content, PictureError)
        checksum = "" if failed else hashlib.sha256(content).hexdigest()
        error = str(content) if failed else ""
        yield Upload(_shown(name), file.file_id, place, checksum, error)
    if place < 0:
        yield Upload(_shown(file.name), file.file_id, 0, "", "The zip archive holds no pictures.")


def _shown(name: str) -> str:
    return archives.shown_name(name) or "unnamed"
