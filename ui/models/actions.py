"""Actions on the chosen model: download it, or delete it if it is one's own."""

import streamlit as st

from mnist_core import runs, serving
from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import ModelError
from mnist_core.serving import Card
from ui.card_metrics import epochs
from ui.formats import size
from ui.model_actions import DOWNLOADS, confirm_deletion, download_button
from ui.model_choice import MODEL
from ui.session import person, workspace

_MESSAGE = "models_message"  # session key: what became of the deletion, until it was shown
NO_EPOCH = (
    "No epoch of its training was finished: it has not seen all its training images even once. If "
    "the training is still there, the Training page can resume it."
)
STAYS = "Its training stays on the Training page until you delete it there."


def show_feedback() -> None:
    """Show once what became of the last deletion."""
    kind, text = st.session_state.pop(_MESSAGE, ("", ""))
    if kind == "success":
        st.success(text, icon=":material/check_circle:")
    elif kind:
        st.error(text, icon=":material/error:")


def show_actions(card: Card) -> None:
    """Show buttons for the files of a model, and for deleting one of one's own."""
    if epochs(card)[0] == 0:
        st.warning(NO_EPOCH, icon=":material/warning:")
    show_files(card, "models")


def show_files(card: Card, place: str) -> None:
    """Show buttons for the files of a model, and for deleting it if it is one's own.

    Parameters
    ----------
    place : what the buttons' keys begin with
    """
    refusal = runs.change_refusal(card.name, workspace=workspace(), by=person())
    with st.container(horizontal=True, key=f"{place}_actions"):
        for file, purpose in DOWNLOADS.items():
            if file in card.files:
                more = f" ({size(card.files[file]['bytes'])})"
                download_button(card, file, place=place, more=more, help=f"The model, {purpose}.")
        if not serving.is_shipped(card.name) and not refusal:
            confirm_deletion(
                f"This permanently deletes the model `{card.name}`. {STAYS}",
                keys=(f"models_deleting_{card.name}", f"models_delete_{card.name}"),
                on_click=_delete,
                args=(card,),
            )


def _delete(card: Card) -> None:
    """Delete a model before the page runs again; only the one that the person has seen."""
    state = st.session_state
    try:
        if serving.load_card(card.name, workspace=workspace()).files != card.files:
            raise ModelError(f"{card.name} was trained again meanwhile, so it was not deleted.")
        serving.delete_model(card.name, workspace=workspace(), by=person())
    except (ModelError, ValueError, OSError) as error:
        state.setdefault(_MESSAGE, ("error", str(error)))  # a second click finds it gone
        return
    state[_MESSAGE] = ("success", f"{card.name} was deleted.")
    if state.get(MODEL) == card.name:
        state[MODEL] = DEFAULT_MODEL
