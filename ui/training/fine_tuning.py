"""Fine-tuning: the weights to start from, and handwriting that joins the training images."""

import streamlit as st

from mnist_core.data import Split
from mnist_core.errors import InvalidValueError
from mnist_core.training.config import TrainingConfig
from mnist_core.training.dataset import own_rounds
from ui.giving import count_given, given_digits
from ui.taught import as_split, in_words, taught_digits
from ui.training.draft import Draft, counts_of, initial_models, key, teachable_digits
from ui.training.formats import count
from ui.training.widgets import explain
from ui.training.words import RANDOM_WEIGHTS, label_of

TITLE = "Fine-tuning on handwriting"
NONE_TAUGHT = (
    "Digits that you teach the model on the Draw page can join the training images. You have "
    "taught none in this visit."
)
KEPT = "The training keeps them until it is deleted."


def show_fine_tuning(draft: Draft) -> None:
    """Show the model to start from, and the digits that can join the training images."""
    with st.expander(TITLE, icon=":material/school:"):
        left, right = st.columns(2, gap="large")
        with left:
            _show_initial_model(draft)
        with right:
            _show_own(draft)
            _show_given()


def is_given_chosen() -> bool:
    """Return whether the digits that people gave are to join the training images."""
    return bool(st.session_state.get(key("given"))) and bool(count_given())


def handwriting(config: TrainingConfig) -> dict[str, Split]:
    """Return the digits that join the training images, as `runs.start` takes them.

    Raises
    ------
    DataError : the collection of handwriting does not answer
    """
    found = {"own": as_split(taught_digits())} if config.own_digits else {}
    return found | ({"given": given_digits()} if is_given_chosen() else {})


def _show_initial_model(draft: Draft) -> None:
    """Show the choice of the model whose weights to start from."""
    st.selectbox(
        label_of("start"),
        initial_models(draft.values["architecture"]),
        key=key("start"),
        format_func=lambda name: name or RANDOM_WEIGHTS,
        persist_state="session",
    )
    explain(draft, "start")


def _show_own(draft: Draft) -> None:
    """Show whether what was taught in this visit joins, and how much it counts."""
    own = teachable_digits()
    st.toggle(label_of("own_digits"), key=key("own"), disabled=not own, persist_state="session")
    if not own:
        st.caption(NONE_TAUGHT)
        st.page_link("pages/draw.py", label="Draw and teach digits", icon=":material/draw:")
        return
    others = _others(draft)
    shown = (
        f" An epoch shows each of them {count(own_rounds(own, others), 'time')}, so that they "
        f"count beside the {others:,} others, which keep the network from forgetting."
        if others
        else ""
    )
    taught = f"The {in_words(own)} that you taught on the Draw page."
    explain(draft, "own_digits", f"{taught}{shown} {KEPT}")


def _show_given() -> None:
    """Show whether the digits that people gave join, where the deployer collects any."""
    given = count_given()
    if given is None:
        return
    st.toggle(
        "Digits that people gave", key=key("given"), disabled=not given, persist_state="session"
    )
    st.caption(
        f"Visitors of this app gave {in_words(given)} to train models with. They join the training "
        "images like those of MNIST."
        if given
        else "Visitors can give the digits that they teach, on the Draw page. There are none yet."
    )


def _others(draft: Draft) -> int:
    """Return how many other digits an epoch shows; 0 while the settings do not say."""
    try:
        return sum(counts_of(draft)) + (draft.values["synthetic_digits"] or 0)
    except InvalidValueError:
        return 0
