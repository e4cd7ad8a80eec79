"""Buttons for what can be done with a training and its model."""

import streamlit as st

from mnist_core import runs, serving
from mnist_core.config import DEFAULT_MODEL
from mnist_core.runs import Status
from mnist_core.serving import Card
from ui.formats import size
from ui.model_actions import DOWNLOADS, confirm_deletion, download_button
from ui.model_choice import MODEL
from ui.session import person, workspace
from ui.training import tabs
from ui.training.feedback import NOW, RESULTS, act
from ui.training.names import LONGEST
from ui.training.selection import rename_selected

CONTINUES = "It can be renamed and deleted when its training has ended."


def show_model_actions(card: Card, status: Status | None, *, finished: bool) -> None:
    """Show buttons for what can be done with a model that was trained here.

    Parameters
    ----------
    card : of the model
    status : of its training, None if that is forgotten
    finished : whether an epoch was finished; if none was, going on comes first
    """
    shipped = serving.is_shipped(card.name)
    refusal = runs.change_refusal(card.name, workspace=workspace(), by=person())
    if status and status.alive:
        refusal = refusal or CONTINUES
    resumable = bool(status and status.resumable) and not refusal
    resume_first = resumable and not finished
    with st.container(horizontal=True, key="training_actions"):
        if status and resume_first:
            _resume_button(status, RESULTS, main=True)
        if not card.is_detector:
            _use_button(card.name, main=not resume_first)
        if not shipped and not refusal:
            _show_rename(card.name)
        with st.popover("Download", icon=":material/download:"):
            for file, purpose in DOWNLOADS.items():
                download_button(card, file, place="training", width="stretch")
                st.caption(f"{size(card.files[file]['bytes'])}, {purpose}.")
        if status and resumable and not resume_first:
            _resume_button(status, RESULTS)
        if (status or not shipped) and not refusal:
            _delete_button(card.name, RESULTS, has_run=bool(status), has_model=not shipped)
    if refusal and not shipped:
        st.caption(refusal)


def show_run_actions(status: Status, place: str) -> None:
    """Show buttons for a training without a model: to resume it, or to delete it."""
    if refusal := runs.change_refusal(status.name, workspace=workspace(), by=person()):
        st.caption(refusal)
        return
    with st.container(horizontal=True):
        if status.resumable:
            _resume_button(status, place, main=place == RESULTS)
        _delete_button(status.name, place, has_run=True, has_model=False)


def show_resume(status: Status, place: str) -> None:
    """Show a button that resumes a training, if this person may and it can be."""
    if status.resumable and not runs.change_refusal(
        status.name, workspace=workspace(), by=person()
    ):
        _resume_button(status, place)


def stop(name: str) -> None:
    """Ask a training to stop."""
    act(NOW, _stop, name)


def discard(name: str) -> None:
    """End a training at once, and delete it."""
    act(NOW, _discard, name)


def _use_button(name: str, *, main: bool) -> None:
    used = st.session_state.get(MODEL) == name
    st.button(
        "In use on all pages" if used else "Use this model",
        key=f"training_use_{name}",
        icon=":material/check:" if used else ":material/login:",
        type="primary" if main and not used else "secondary",
        disabled=used,
        on_click=act,
        args=(RESULTS, _use, name),
    )


def _resume_button(status: Status, place: str, *, main: bool = False) -> None:
    st.button(
        "Resume",
        key=f"training_resume_{place}_{status.name}",
        icon=":material/resume:",
        type="primary" if main else "secondary",
        on_click=act,
        args=(place, _resume, status.name),
    )


def _delete_button(name: str, place: str, *, has_run: bool, has_model: bool) -> None:
    """Show a button that deletes a training and its model when a second one confirms it."""
    what = " and ".join(["the training"] * has_run + ["its model"] * has_model)
    confirm_deletion(
        f"This permanently deletes {what} `{name}`.",
        keys=(f"training_deleting_{place}_{name}", f"training_delete_{place}_{name}"),
        on_click=act,
        args=(place, _delete, name, has_run, has_model),
    )


def _show_rename(name: str) -> None:
    with st.popover("Rename", icon=":material/edit:", key=f"training_renaming_{name}"):
        key = f"training_name_{name}"
        st.text_input("New name", name, key=key, max_chars=LONGEST)
        st.caption("Use lowercase letters, digits and hyphens, starting with a letter or digit.")
        st.button(
            "Rename",
            key=f"training_rename_{name}",
            on_click=lambda: act(RESULTS, _rename, name, st.session_state[key]),
            width="stretch",
        )


def _use(name: str) -> str:
    serving.load_card(name, workspace=workspace())  # somebody else may have deleted it
    st.session_state[MODEL] = name
    return f"{name} now reads digits on all pages."


def _stop(name: str) -> str:
    runs.stop(name, workspace=workspace(), by=person())
    return ""  # the panel shows it


def _discard(name: str) -> str:
    runs.discard(name, workspace=workspace(), by=person())
    return f"{name} was discarded."


def _resume(name: str) -> str:
    runs.resume(name, workspace=workspace(), by=person())
    tabs.open_next(tabs.LIVE)
    return f"{name} continues."


def _rename(old: str, new: str) -> str:
    new = new.strip()
    if new == old:
        return ""
    runs.rename(old, new, workspace=workspace(), by=person())
    rename_selected(old, new)
    if st.session_state.get(MODEL) == old:
        st.session_state[MODEL] = new
    return f"{old} is now called {new}."


def _delete(name: str, has_run: bool, has_model: bool) -> str:
    if has_run:
        runs.delete(name, workspace=workspace(), by=person())
    if has_model:
        serving.delete_model(name, workspace=workspace(), by=person())
    if has_model and st.session_state.get(MODEL) == name:
        st.session_state[MODEL] = DEFAULT_MODEL
    return f"{name} was deleted."
