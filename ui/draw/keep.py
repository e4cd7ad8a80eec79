"""What was taught as files: the digits to take away and bring back, and the taught model."""

import threading
import uuid
from functools import partial
from pathlib import Path

import streamlit as st

from mnist_core import data
from mnist_core.config import MAX_TAUGHT
from mnist_core.data import Split
from mnist_core.errors import DataError
from mnist_core.serving import Card
from mnist_core.workspace import Workspace
from ui.errors import in_public
from ui.session import workspace
from ui.shell import remove_uploads
from ui.sweep import give_back_memory
from ui.taught import TaughtDigit, as_split, in_words, is_known, taught_digits, teach
from ui.uploads import REFUSALS

FILE = "taught_file"  # what the uploader's key begins with; a number follows
MINE = "-mine"  # ends the name of the taught model
NO_MNIST = (
    "The taught model is measured on MNIST first, which is not on this computer yet: download it "
    "on the Robustness page."
)
_COUNT, _OUTCOME = "taught_file_count", "taught_file_outcome"
SOURCE = "a visitor's digits"  # on cards
measuring = threading.Lock()  # measuring takes some 100 MB for a moment


def show_files(card: Card) -> None:
    """Offer what was taught as files, and take it back from one."""
    digits = taught_digits()
    with st.container(horizontal=True, key="taught_files"):
        if digits:
            known = as_split(digits)
            st.download_button(
                "Download my digits",
                partial(data.to_npz, known),
                file_name="my-digits.npz",
                mime="application/octet-stream",
                key="taught_download_digits",
                icon=":material/download:",
                on_click="ignore",
                help="Bring this file back another day, or give it to the command `adapt`.",
            )
            path = data.local_copy()
            st.download_button(
                "Download the taught model",
                partial(_pack, card, known, path, workspace()) if path else b"",
                file_name=f"{taught_name(card)}.zip",
                mime="application/zip",
                key="taught_download_model",
                icon=":material/download:",
                on_click="ignore",
                disabled=not path,
                help="A folder to unpack in `models`, with both files of the model and its card. "
                "It is measured on MNIST first, which takes a few seconds."
                if path
                else NO_MNIST,
            )
        with st.popover("Bring my digits back", icon=":material/upload:", key="taught_bring"):
            key = f"{FILE}_{st.session_state.get(_COUNT, 0)}"
            st.file_uploader(
                "A file of digits that you taught",
                type=["npz"],
                key=key,
                max_upload_size=2,
                on_change=_bring,
                args=(key,),
            )
    is_error, words = st.session_state.pop(_OUTCOME, (False, ""))
    if words:
        (st.error if is_error else st.success)(words)


def _bring(key: str) -> None:
    """Teach the digits of a file; those that are there already are not taught twice."""
    state = st.session_state
    file = state.get(key)
    if file is None:
        return
    state[_COUNT] = state.get(_COUNT, 0) + 1  # a new uploader, empty again
    content, refusal = file.getvalue(), REFUSALS.get(file.type)
    remove_uploads([file.file_id])
    if refusal:
        state[_OUTCOME] = True, refusal
        return
    try:
        found = data.from_npz(content)
    except DataError as error:
        state[_OUTCOME] = True, in_public(error)
        return
    last = {
        (int(label), image.tobytes()): image
        for image, label in zip(found.images, found.labels, strict=True)
    }
    added = [
        TaughtDigit(image.copy(), label, uuid.uuid4().hex)
        for (label, _), image in list(last.items())[-MAX_TAUGHT:]
        if not is_known(image, label)
    ]
    teach(*added)
    words = f"{in_words(len(added))} taught from your file."
    if len(added) < len(found.labels):
        words += (
            f" It holds {len(found.labels):,}: those that were taught already are left out, and "
            f"at most {MAX_TAUGHT} are kept, the last ones."
        )
    state[_OUTCOME] = False, words


def _pack(card: Card, digits: Split, mnist: Path, folders: Workspace) -> bytes:
    """Return the taught model as a zip."""
    from mnist_core.training.export import pack_taught

    with measuring:
        packed = pack_taught(
            taught_name(card),
            digits,
            data.read_mnist(mnist),
            source=SOURCE,
            model=card.name,
            workspace=folders,
        )
        give_back_memory()
    return packed


def taught_name(card: Card) -> str:
    """Return how a taught copy of a model is called, unless somebody chooses another name."""
    return card.name[: 41 - len(MINE)].rstrip("-") + MINE
