"""A taught model as one of the models of the app, where the deployer allows that."""

from pathlib import Path

import streamlit as st

from mnist_core import data, permissions, serving
from mnist_core.config import MAX_STORED
from mnist_core.errors import DigitLabError, RunError
from mnist_core.runs.checks import check_free
from mnist_core.runs.failures import describe
from mnist_core.serving import Card
from ui.draw.keep import NO_MNIST, SOURCE, measuring, taught_name
from ui.errors import in_public
from ui.model_choice import models
from ui.session import note_ownership, person, workspace
from ui.sweep import give_back_memory
from ui.taught import as_split, taught_digits

NAME = "taught_name"  # what the key of the name begins with; the untaught model's name follows
_OUTCOME = "taught_stored"


def show_publish(card: Card) -> None:
    """Offer to store what was taught as a model for all pages and all visitors."""
    if permissions.may_store_taught() and taught_digits():
        path = data.local_copy()
        key = f"{NAME}_{card.name}"
        st.session_state.setdefault(key, taught_name(card))
        with st.popover("Store as a model", icon=":material/save:", key="taught_publish"):
            st.text_input("Name of the model", key=key, max_chars=60)
            st.caption(
                "Lowercase letters, digits and hyphens. The model appears under this name in the "
                "choice of models on all pages, for all visitors of this app. Its card says how "
                "many digits it was taught; it holds no pictures of them. It is measured on MNIST "
                "first, which takes a few seconds."
                if path
                else NO_MNIST
            )
            pressed = st.button("Store", key="taught_store", disabled=not path, width="stretch")
            if pressed and path:
                with st.spinner("Measuring the taught model"):
                    st.session_state[_OUTCOME] = _store(card, st.session_state[key].strip(), path)
                st.rerun()
            is_error, words = st.session_state.pop(_OUTCOME, (False, ""))
            if words:  # in the box, which stays open and would cover it
                (st.error if is_error else st.success)(words)


def _store(card: Card, name: str, mnist: Path) -> tuple[bool, str]:
    """Store the taught model; return whether that failed, and what to say."""
    from mnist_core.training.export.teaching import store_taught

    try:
        with measuring:
            check_free(name, workspace())
            _check_room()
            stored = store_taught(
                name,
                as_split(taught_digits()),
                data.read_mnist(mnist),
                source=SOURCE,
                model=card.name,
                workspace=workspace(),
                by=person(),
            )
            give_back_memory()
    except (DigitLabError, OSError) as error:
        return True, describe(error) if isinstance(error, OSError) else in_public(error)
    note_ownership()
    test = stored.metrics["test"]
    return False, (
        f"Stored as `{name}`, which you can now choose on all pages, and delete on the Models page "
        f"again. It classifies {test['accuracy']:.2%} of MNIST's test digits correctly."
    )


def _check_room() -> None:
    """Raise RunError if visitors have stored as many taught models as are kept."""
    stored = [card for card in models() if card.taught and not serving.is_shipped(card.name)]
    if len(stored) >= MAX_STORED:
        raise RunError(
            f"There are {len(stored)} taught models already, as many as are kept here: delete one "
            "on the Models page first."
        )
