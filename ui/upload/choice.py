"""What a person brings to the upload page: files, a folder, a zip or a camera picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from mnist_core.config import MAX_BYTES, MAX_PICTURES, MAX_PIXELS
from mnist_core.pictures import formats
from ui.style import html
from ui.upload.examples import choose_example, forget_example
from ui.upload.files import UploadedFile

FILES, FOLDER, CAMERA = "Files or zip", "Folder", "Camera"
LIMITS = (
    f"Up to {MAX_PICTURES} pictures at a time, each up to {MAX_BYTES / 1e6:.0f} MB and "
    f"{MAX_PIXELS / 1e6:.0f} megapixels, or a zip of them, as far as the server has room; each "
    "page of a PDF or TIFF counts. They stay in the server's memory only, until you remove them "
    "or close the page."
)
INTRO = (
    "Photograph or scan handwritten numbers. The app reads each digit and shows how sure it is; "
    "you correct and export."
)
HINT = (
    '<div class="dl-hint"><p><b>No pictures yet.</b> This works best:</p><ul>'
    "<li>a dark pen on plain, ruled or squared light paper, or chalk on a board</li>"
    "<li>a sharp picture from straight above, without your hand's shadow</li>"
    "<li>digits with some paper around them, large enough to read yourself</li></ul></div>"
)
NO_CAMERA = (
    "Browsers let a page use the camera only over https, and this page came over http. Ask the "
    "owner of this app for an https address, or take the picture with another app and upload it."
)
_SOURCE = "upload_source"


@dataclass(frozen=True)
class Choice:
    """What a person brings, and how it is to be read and shown.

    Attributes
    ----------
    single : each picture holds one digit
    digits_only : numbers are shown without what stands between their digits
    """

    files: Sequence[UploadedFile]
    single: bool
    digits_only: bool


def choose_files() -> Choice:
    """Show the ways to bring pictures."""
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
        with st.container(horizontal=True, width="content", key="upload_ways"):
            single = st.toggle(
                "One digit per picture",
                key="upload_single",
                persist_state="session",
                help="Reads everything in a picture as one digit. For pictures that are cropped "
                "closely around a digit.",
            )
            digits_only = st.toggle(
                "Digits only",
                key="upload_digits_only",
                persist_state="session",
                help="Shows numbers without the points, commas, dashes, slashes and wide gaps "
                "that stand between their digits. The export has both.",
            )
    with st.container(key="upload_files"):
        files = _uploaded(st.session_state[_SOURCE])
    if files:
        forget_example()
    else:
        files = choose_example()
    return Choice(files, single, digits_only)


def show_hint() -> None:
    """Say what to do while there is no picture, and how many there may be."""
    html(HINT)
    st.caption(LIMITS)


def accepted_types() -> list[str]:
    """Return which files can be brought, by how their names end, without the dot."""
    return [ending.lstrip(".") for ending in (*formats.extensions(), ".zip")]


def lacks_camera(address: str | None) -> bool:
    """Return whether browsers keep the camera from a page with this address: http from afar."""
    if not address:
        return False
    parts = urlsplit(address)
    host = parts.hostname or ""
    is_local = (
        host in {"localhost", "::1"} or host.startswith("127.") or host.endswith(".localhost")
    )
    return parts.scheme == "http" and not is_local


def _uploaded(source: str) -> Sequence[UploadedFile]:
    if source == CAMERA:
        if lacks_camera(st.context.url):
            st.info(NO_CAMERA, icon=":material/no_photography:")
        taken = st.camera_input("Take a picture", key="upload_camera", resolution="1080p")
        return [taken] if taken else []
    return st.file_uploader(
        "Pictures of digits",
        type=accepted_types(),
        accept_multiple_files="directory" if source == FOLDER else True,
        key="upload_folder" if source == FOLDER else "upload_chosen",
        label_visibility="collapsed",
    )
