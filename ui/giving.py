"""Consent: digits that a visitor labels go to the collection only where a box was ticked."""

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from mnist_core.collection.settings import Mode, address, days_kept, mode
from mnist_core.data import Split
from mnist_core.errors import DigitLabError, InvalidValueError, PictureError
from ui.errors import in_public
from ui.session import workspace
from ui.taught import TaughtDigit, in_words, teach

if TYPE_CHECKING:  # not before something is given: it takes time and memory
    from mnist_core.collection import Collection

CONSENT = "collection_consent"  # the box's key
CODE_TYPED = "collection_code"
PAUSE = 60  # seconds in which a database that did not answer is left alone
FRESH = 5  # seconds for which it is not asked again how many digits of a visitor it holds
_CODE, _OUTCOME, _GIVEN, _RETRY = "given_code", "given_outcome", "given_keys", "given_retry"
_UNKNOWN = "Nothing is stored under this code: check it."


def is_teaching_allowed() -> bool:
    """Return whether the deployer lets visitors teach the model."""
    return _mode() != Mode.OFF


def show_consent() -> None:
    """Ask for consent, say what is kept and for how long, and delete by code."""
    if _mode() != Mode.ON:
        return
    from mnist_core.collection.drawing import new_code

    code = st.session_state.setdefault(_CODE, new_code())
    with st.expander(
        "Give your digits", key="collection_place", icon=":material/volunteer_activism:"
    ):
        st.checkbox(
            "Store the digits that I label, so that models can be trained with them",
            key=CONSENT,
            persist_state="session",
        )
        st.caption(
            "Stored are the strokes, the 28 × 28 image, your label, the model's answer and "
            f"the time; no name and no address. After {days_kept()} days they are deleted. You can "
            f"delete them at any time with this code; keep it: `{code}`"
        )
        st.text_input("Code", key=CODE_TYPED, placeholder=code)
        st.button("Delete what was given with this code", key="collection_delete", on_click=_delete)
    if outcome := st.session_state.get(_OUTCOME) or _stored():
        st.info(outcome, icon=":material/database:")


def give(
    key: str, image: np.ndarray, label: int, answer: tuple[str, int, float], drawn: dict[str, Any]
) -> None:
    """Store a labelled digit if the visitor has ticked the box; say so where that fails.

    Parameters
    ----------
    image : uint8 (28, 28)
    answer : the model's name, its digit and its confidence
    drawn : Fabric.js's JSON of the canvas
    """
    state = st.session_state
    if _mode() != Mode.ON or not state.get(CONSENT) or time.time() < state.get(_RETRY, 0):
        return
    from mnist_core.collection import Drawing
    from mnist_core.pictures.strokes import from_canvas

    try:
        strokes = tuple(from_canvas(drawn))
        drawing = Drawing(image, label, strokes, *answer, key=key)
        _collection().give([drawing], state[_CODE])
    except PictureError:
        return  # what cannot be read was not answered, either
    except DigitLabError as error:
        state[_OUTCOME], state[_RETRY] = in_public(error), time.time() + PAUSE
        return
    state[_GIVEN] = {*state.get(_GIVEN, ()), key}
    state[_OUTCOME] = ""
    _count_of.clear(state[_CODE], _address())


def count_given() -> int | None:
    """Return how many digits people gave; None where none are collected, or no answer comes."""
    return _count(_address()) if _mode() == Mode.ON else None


def given_digits() -> Split:
    """Return the digits that people gave.

    Raises
    ------
    DataError : the database does not answer
    """
    from mnist_core.collection import to_arrays

    arrays = to_arrays(_collection().drawings())
    return Split(arrays["x"], arrays["y"])


def take_back(key: str) -> None:
    """Delete a digit of this visit from the collection, if it was given."""
    state = st.session_state
    if key in state.get(_GIVEN, ()):
        try:
            _collection().delete_drawing(key, state[_CODE])
            state[_GIVEN] = state[_GIVEN] - {key}
            state[_OUTCOME] = ""
            _count_of.clear(state[_CODE], _address())
        except DigitLabError as error:
            state[_OUTCOME] = in_public(error)


def teach_instead(*digits: TaughtDigit) -> None:
    """Teach digits; what the same images were taught as before is taken back as well."""
    for replaced in teach(*digits):
        take_back(replaced.key)


def _mode() -> Mode:
    """Return what the deployer has chosen; a choice that cannot be counts as off."""
    try:
        return mode()
    except InvalidValueError:
        return Mode.OFF


def _delete() -> None:
    """Delete what was given with the code that was typed."""
    state = st.session_state
    try:
        count = _collection().delete(state[CODE_TYPED] or state[_CODE])
        state[_OUTCOME] = f"{in_words(count)} deleted." if count else _UNKNOWN
        _count_of.clear(state[_CODE], _address())
    except DigitLabError as error:
        state[_OUTCOME] = in_public(error)


def _stored() -> str:
    """Say how many of this visit's digits are stored now; they can be deleted elsewhere, too."""
    state = st.session_state
    if _GIVEN not in state or time.time() < state.get(_RETRY, 0):
        return ""
    try:
        return f"Stored: {_count_of(state[_CODE], _address()):,} of your digits."
    except DigitLabError as error:
        state[_OUTCOME], state[_RETRY] = in_public(error), time.time() + PAUSE
        return state[_OUTCOME]


def _collection() -> "Collection":
    return _open(_address(), days_kept())


def _address() -> str:
    """Return the database of Streamlit's secrets, as `st.connection` would find it, or ours."""
    try:
        return st.secrets["connections"]["handwriting"]["url"]
    except (FileNotFoundError, KeyError):
        return address(workspace())


@st.cache_data(max_entries=1, ttl=PAUSE, show_spinner=False)
def _count(address: str) -> int | None:  # noqa: ARG001 - part of the cache's key
    try:
        return _collection().count()
    except DigitLabError:
        return None


@st.cache_data(max_entries=100, ttl=FRESH, show_spinner=False)
def _count_of(code: str, address: str) -> int:  # noqa: ARG001 - part of the cache's key
    return _collection().count(code)


@st.cache_resource(max_entries=1, show_spinner=False)
def _open(address: str, days: int) -> "Collection":
    from mnist_core.collection import Collection

    return Collection(address, days=days)
