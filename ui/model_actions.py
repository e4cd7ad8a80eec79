"""Buttons for a model's files: to download them and to delete them."""

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import streamlit as st

from mnist_core import serving
from mnist_core.serving import Card
from ui.session import workspace

# A file, and what it is good for.
DOWNLOADS = {
    "model.keras": "for further training with Keras",
    "model.tflite": "for reading digits with LiteRT, also on phones",
}


def download_button(
    card: Card,
    file: str,
    *,
    place: str,
    more: str = "",
    help: str | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """Show a button that downloads a file of a model; it is read when it is asked for.

    Parameters
    ----------
    card : Card of the model
    file : a key of DOWNLOADS
    place : what the button's key begins with
    more : follows the file's ending on the button
    help, width : as Streamlit has them
    """
    ending = file.removeprefix("model")
    st.download_button(
        f"Download {ending}{more}",
        partial(serving.read_file, card, file, workspace=workspace()),
        file_name=f"{card.name}{ending}",
        mime="application/octet-stream",
        key=f"{place}_download_{ending.strip('.')}",
        icon=":material/download:",
        on_click="ignore",
        help=help,
        width=width,
    )


def confirm_deletion(
    text: str, *, keys: tuple[str, str], on_click: Callable[..., Any], args: tuple[Any, ...]
) -> None:
    """Show a button that opens a warning, and in it a second one that deletes.

    Parameters
    ----------
    text : what will be deleted
    keys : of the popover and of the second button
    on_click, args : what deletes
    """
    opens, deletes = keys
    with st.popover("Delete", icon=":material/delete:", key=opens):
        st.write(text)
        st.button("Delete permanently", key=deletes, on_click=on_click, args=args, width="stretch")
