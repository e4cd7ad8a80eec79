"""What can be done with a training and its model: use, rename, download, resume and delete it."""

import math
import time
from collections.abc import Callable

import streamlit as st

from mnist_core import runs, serving
from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import ModelError, RunError
from mnist_core.runs import Status
from mnist_core.serving import Card
from ui.formats import size
from ui.model_actions import DOWNLOADS, confirm_deletion, download_button
from ui.model_choice import MODEL
from ui.session import workspace

RESULT = "training_result"  # the training whose result is shown
COMPARED = "training_compare"
_NEXT = "training_result_next"
_TOLD, _DONE = "training_told", "training_done"
TOLD_FOR = 10  # seconds
DOUBLE_CLICK = 2  # seconds in which a second click is taken for a part of the first
_SAYS = {"success": st.success, "error": st.error}
_ICONS = {"success": "check_circle", "error": "error"}
NOW, RESULTS = "now", "results"  # the places where something is done and told


def choose_result(name: str) -> None:
    """Show this training's result next; works after the choice's widget was drawn too."""
    st.session_state[_NEXT] = name


def take_choice(names: list[str]) -> None:
    """Let the choice of results be one that there is: what was asked for, or else the newest."""
    wanted = st.session_state.pop(_NEXT, None)
    held = wanted if wanted in names else st.session_state.get(RESULT)
    st.session_state[RESULT] = held if held in names else names[0]


def tell(place: str) -> None:
    """Say for a while what became of what was done last in this place."""
    kind, text, moment = st.session_state.get(_TOLD, {}).get(place, ("", "", -math.inf))
    if time.monotonic() - moment < TOLD_FOR:
        _SAYS[kind](text, icon=f":material/{_ICONS[kind]}:")


def show_actions(card: Card, status: Status | None) -> None:
    """Buttons for what can be done with a model that was trained here."""
    shipped = serving.is_shipped(card.name)
    used = st.session_state.get(MODEL) == card.name
    with st.container(horizontal=True, key="training_actions"):
        st.button(
            "In use on all pages" if used else "Use this model",
            key=f"training_use_{card.name}",
            icon=":material/check:" if used else ":material/login:",
            type="secondary" if used else "primary",
            disabled=used,
            on_click=_do,
            args=(RESULTS, _use, card.name),
        )
        if not shipped:
            _rename(card.name)
        with st.popover("Download", icon=":material/download:"):
            for file, purpose in DOWNLOADS.items():
                download_button(card, file, place="training", width="stretch")
                st.caption(f"{size(card.files[file]['bytes'])}, {purpose}.")
        if status and status.resumable:
            _resume_button(status, RESULTS)
        if status or not shipped:
            _delete_button(card.name, RESULTS, has_run=bool(status), has_model=not shipped)


def show_way_on(status: Status, place: str) -> None:
    """Buttons for a training without a model: to go on with it, or to delete it."""
    with st.container(horizontal=True):
        if status.resumable:
            _resume_button(status, place)
        _delete_button(status.name, place, has_run=True, has_model=False)


def stop(name: str) -> None:
    """Ask a training to stop."""
    _do(NOW, _stop, name)


def _resume_button(status: Status, place: str) -> None:
    st.button(
        "Resume",
        key=f"training_resume_{place}_{status.name}",
        icon=":material/resume:",
        on_click=_do,
        args=(place, _resume, status.name),
    )


def _delete_button(name: str, place: str, *, has_run: bool, has_model: bool) -> None:
    """A button that deletes a training and its model when a second one confirms it."""
    what = " and ".join(["the training"] * has_run + ["its model"] * has_model)
    confirm_deletion(
        f"This permanently deletes {what} `{name}`.",
        keys=(f"training_deleting_{place}_{name}", f"training_delete_{place}_{name}"),
        on_click=_do,
        args=(place, _delete, name, has_run, has_model),
    )


def _rename(name: str) -> None:
    with st.popover("Rename", icon=":material/edit:", key=f"training_renaming_{name}"):
        key = f"training_name_{name}"
        st.text_input("New name", name, key=key, max_chars=41)
        st.caption("Use lowercase letters, digits and hyphens, starting with a letter or digit.")
        st.button(
            "Rename",
            key=f"training_rename_{name}",
            on_click=lambda: _do(RESULTS, _renamed, name, st.session_state[key]),
            width="stretch",
        )


def _do(place: str, action: Callable, *arguments) -> None:
    """Do what a button says before the page runs, and keep what is to be said of it."""
    state, now = st.session_state, time.monotonic()
    done, moment = state.get(_DONE, (None, -math.inf))
    if done == (action, arguments) and now - moment < DOUBLE_CLICK:
        return
    state[_DONE] = (action, arguments), now
    try:
        kind, text = "success", action(*arguments)
    except (RunError, ModelError, ValueError, OSError) as error:
        kind, text = "error", str(error)
    state[_TOLD] = {place: (kind, text, now)} if text else {}


def _use(name: str) -> str:
    serving.load_card(name, workspace=workspace())  # somebody else may have deleted it
    st.session_state[MODEL] = name
    return f"{name} now reads digits on all pages."


def _stop(name: str) -> str:
    runs.stop(name, workspace=workspace())
    return ""


def _resume(name: str) -> str:
    runs.resume(name, workspace=workspace())
    return f"{name} continues; the top of this page shows its progress."


def _renamed(old: str, new: str) -> str:
    new = new.strip()
    if new == old:
        return ""
    runs.rename(old, new, workspace=workspace())
    state = st.session_state
    choose_result(new)
    if state.get(MODEL) == old:
        state[MODEL] = new
    if COMPARED in state:
        state[COMPARED] = [new if name == old else name for name in state[COMPARED]]
    return f"{old} is now called {new}."


def _delete(name: str, has_run: bool, has_model: bool) -> str:
    if has_run:
        runs.delete(name, workspace=workspace())
    if has_model:
        serving.delete_model(name, workspace=workspace())
    if has_model and st.session_state.get(MODEL) == name:
        st.session_state[MODEL] = DEFAULT_MODEL
    return f"{name} was deleted."
