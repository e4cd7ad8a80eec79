"""What was taught as files: the digits to take away and bring back, and the taught model."""

import threading
import uuid
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from mnist_core import data
from mnist_core.config import MAX_TAUGHT, MAX_TAUGHT_ZIP_BYTES
from mnist_core.data import Split
from mnist_core.errors import DataError
from mnist_core.pixels import are_blank, to_float
from mnist_core.serving import Card
from mnist_core.workspace import Workspace
from ui.errors import in_public
from ui.giving import teach_instead
from ui.session import workspace
from ui.shell import remove_uploads
from ui.sweep import give_back_memory
from ui.taught import TaughtDigit, as_split, in_words, is_known, live_digits
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
    live = live_digits()  # what is there at the click: nothing that was removed meanwhile
    with st.container(horizontal=True, key="taught_files"):
        if live:
            st.download_button(
                "Download my digits",
                partial(_to_npz, live),
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
                partial(_pack, card, live, path, workspace()) if path else b"",
                file_name=f"{taught_name(card)}.zip",
                mime="application/zip",
                key="taught_download_model",
                icon=":material/download:",
                on_click="ignore",
                disabled=not path,
                help="A zip with a folder to unpack in `models`, and with your digits, so that it "
                "can be brought back here as well. The model is measured on MNIST first, which "
                "takes a few seconds."
                if path
                else NO_MNIST,
            )
        with st.popover("Bring my digits back", icon=":material/upload:", key="taught_bring"):
            key = f"{FILE}_{st.session_state.get(_COUNT, 0)}"
            st.file_uploader(
                "Your digits, or the zip of your taught model",
                type=["npz", "zip"],
                key=key,
                max_upload_size=MAX_TAUGHT_ZIP_BYTES // 1_000_000,
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
    blank = are_blank(to_float(found.images))
    each = data.last_of_each(Split(found.images[~blank], found.labels[~blank]))
    last = list(zip(each.images, each.labels, strict=True))[-MAX_TAUGHT:]
    new = [
        TaughtDigit(image.copy(), int(label), uuid.uuid4().hex)
        for image, label in last
        if not is_known(image, label)
    ]
    teach_instead(*new)
    left_out = {
        "blank": int(blank.sum()),
        "repeated later in it": len(found) - int(blank.sum()) - len(each),
        f"before the last {MAX_TAUGHT}": len(each) - len(last),
        "taught already": len(last) - len(new),
    }
    words = f"{in_words(len(new))} taught from your file."
    if reasons := [f"{count:,} {why}" for why, count in left_out.items() if count]:
        words += f" Left out: {', '.join(reasons)}."
    state[_OUTCOME] = bool(blank.all()), words


def _to_npz(live: Sequence[TaughtDigit]) -> bytes:
    """Return what is taught now, at least one digit, as a file."""
    return data.to_npz(as_split(list(live)))


def _pack(card: Card, live: Sequence[TaughtDigit], mnist: Path, folders: Workspace) -> bytes:
    """Return the model that was taught the digits that are taught now, at least one, as a zip."""
    from mnist_core.training.export import pack_taught

    with measuring:
        digits = as_split(list(live))
        packed = pack_taught(
            taught_name(card),
            digits,
            data.read_mnist(mnist),
            source=SOURCE,
            model=card.name,
            workspace=folders,
        )
        give_back_memory()
    return data.beside(packed, digits)


def taught_name(card: Card) -> str:
    """Return how a taught copy of a model is called, unless somebody chooses another name."""
    return card.name[: 41 - len(MINE)].rstrip("-") + MINE
