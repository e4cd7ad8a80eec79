"""Which models there are, which one is chosen, and their predictors, loaded once for all."""

from contextlib import suppress

import streamlit as st

from mnist_core.config import DEFAULT_MODEL
from mnist_core.errors import ModelError
from mnist_core.serving import (
    DETECTOR,
    Card,
    Detector,
    Predictor,
    list_models,
    load_card,
)
from mnist_core.workspace import Workspace
from ui.address import plain, write_address
from ui.session import has_just_entered, workspace
from ui.shell import went_back_or_forward

MODEL = "model_choice"  # the selectbox's key; its value is a model's name
PARAMETER = "model"  # in the page's address: ?model=cnn-three
PARAMETERS = "models"  # ?models=cnn-three,digit-net; the first one known is the chosen one
_CARD = "model_card"
_UNKNOWN = "unknown_model"


def choose_model() -> None:
    """Show the choice of the model in the sidebar; at first the address has chosen."""
    cards = {card.name: card for card in models()}
    if not cards:
        st.session_state[_CARD] = None
        st.error(
            "There is no model to read digits with: the folder `models` contains no complete one. "
            "Download the project again, or train a model with "
            "`python -m mnist_core train --recipe digit-net --name digit-net`.",
            icon=":material/error:",
        )
        return
    leads = went_back_or_forward() or (has_just_entered() and _asked(cards))
    held = None if leads else st.session_state.get(MODEL)
    if held not in cards:
        wanted = held or _asked(cards) or DEFAULT_MODEL
        st.session_state[MODEL] = wanted if wanted in cards else next(iter(cards))
        st.session_state[_UNKNOWN] = None if wanted in cards else wanted

    st.sidebar.selectbox(
        "Model",
        list(cards),
        key=MODEL,
        help="The model that reads your digits on all pages. The Models page compares them.",
        persist_state="session",
        on_change=_forget_unknown,
    )
    chosen = st.session_state[MODEL]
    st.session_state[_CARD] = cards[chosen]
    if st.session_state.get(_UNKNOWN):
        st.warning(
            f"There is no model called “{plain(st.session_state[_UNKNOWN])}” here, or its "
            f"files are damaged. `{chosen}` reads your digits instead; you can choose another "
            "one in the sidebar.",
            icon=":material/info:",
        )


def chosen_model() -> Card | None:
    """Return the card of the chosen model; None if there are no models at all."""
    return st.session_state[_CARD]


def link_model(card: Card | None) -> None:
    """Keep the chosen model in the address, unless it is the one that everybody begins with."""
    if card:
        first, *_ = models()
        write_address(model="" if card.name == first.name else card.name, models="")


def predictor(card: Card) -> Predictor:
    """Return the model's predictor, shared by all sessions.

    Raises
    ------
    ModelError : the model's files are missing or damaged, or it was replaced meanwhile
    """
    return predictor_of(card.name, card.version)


def predictor_of(name: str, version: str, folders: Workspace | None = None) -> Predictor:
    """Return a model's predictor by its name and its version; see `predictor`.

    Threads without a session say which folders.
    """
    return _load(name, version, folders or workspace())


def detector() -> Detector | None:
    """Return what finds numbers in pictures, shared by all sessions; None where there is no model.

    Raises
    ------
    ModelError : the model's files are damaged
    """
    folders = workspace()
    try:
        changed = (folders.models / DETECTOR / "model.tflite").stat().st_mtime_ns
    except OSError:
        return None
    return _load_detector(folders, changed)


def models() -> list[Card]:
    """Return the cards of all complete classifiers, the default first."""
    return [card for card in all_models() if not card.is_detector]


def all_models() -> list[Card]:
    """Return the cards of all complete models, detectors too; checked again after a change."""
    folders, state = workspace(), []
    for path in sorted(folders.models.glob("[a-z0-9]*/*")):
        with suppress(OSError):  # a training may be replacing it; links may lead in a circle
            state.append((str(path), path.stat().st_mtime_ns, path.stat().st_size))
    return _list(folders, tuple(state))


@st.cache_resource(max_entries=1, show_spinner=False)
def _list(folders: Workspace, fingerprint: tuple) -> list[Card]:  # noqa: ARG001
    return list_models(workspace=folders)


# The checksum is part of the key, so that a model trained again replaces the one in memory.
@st.cache_resource(max_entries=8, show_spinner=False)
def _load(name: str, version: str, folders: Workspace) -> Predictor:
    from mnist_core.serving import load_predictor

    predict = load_predictor(name, workspace=folders)
    if load_card(name, workspace=folders).version != version:
        raise ModelError(f"The model {name} was replaced; reload the page.")
    return predict


# The time of the last change is part of the key, as the checksum is above.
@st.cache_resource(max_entries=2, show_spinner=False)
def _load_detector(folders: Workspace, changed: int) -> Detector | None:  # noqa: ARG001
    from mnist_core.serving import find_detector

    return find_detector(workspace=folders)


def _asked(cards: dict[str, Card]) -> str | None:
    """Return the model that the address asks for; the robustness page's links may name several."""
    names = st.query_params.get(PARAMETERS, "").split(",")
    return next((name for name in names if name in cards), st.query_params.get(PARAMETER))


def _forget_unknown() -> None:
    st.session_state[_UNKNOWN] = None
