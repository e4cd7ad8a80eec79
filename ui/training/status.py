"""How trainings ended, in words, and what they have left behind."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from mnist_core import runs
from mnist_core.errors import RunError
from mnist_core.runs import Status
from mnist_core.serving import Card
from mnist_core.training.config import LIMITS
from ui.model_choice import all_models
from ui.session import workspace

MESSAGES: dict[str, tuple[Callable[..., Any], str]] = {  # by how a training ended
    "done": (st.success, "check_circle"),
    "stopped": (st.info, "stop_circle"),
    "failed": (st.error, "error"),
    "interrupted": (st.warning, "warning"),
}
DAMAGED = (
    "The settings file of this training is damaged: it cannot be resumed, and its curves cannot be "
    "shown. Delete it and train again."
)
RESUME = "Resume continues after its last finished epoch, with the same settings."
FROM_SCRATCH = "Resume starts it from scratch, with the same settings."
NO_EPOCH = "No epoch was finished."
COLUMNS = {"epoch", "loss", "accuracy", "val_loss"}  # of a whole row of a history
ONE_OF = {"val_accuracy", "val_recall"}  # by task


@contextmanager
def show_run_errors() -> Iterator[None]:
    """Show what went wrong with a training, which somebody else may have just deleted."""
    try:
        yield
    except RunError as error:
        st.error(str(error), icon=":material/error:")


def published_card(status: Status) -> Card | None:
    """Return the card of the model that a training has written, if it is there and whole."""
    if not status.published:
        return None
    return next((card for card in all_models() if card.name == status.name), None)


def history_of(name: str) -> list[dict[str, Any]]:
    """Return the epochs that a training has finished, without what a damaged file may hold.

    Raises
    ------
    RunError : there is no such training
    """
    low, high = LIMITS["epochs"]
    return [
        row
        for row in runs.history(name, workspace=workspace())
        if row.keys() >= COLUMNS and row.keys() & ONE_OF and low <= row["epoch"] <= high
    ]


def epochs_finished(history: Sequence[dict[str, Any]]) -> int:
    """Return how many epochs of a training were finished."""
    return max((row["epoch"] for row in history), default=0)


def accuracy_words(card: Card) -> tuple[str, str]:
    """Write a model's test accuracy, and its interval."""
    test = card.metrics["test"]
    low, high = test["interval"]
    return f"{test['accuracy']:.2%}", f"{low:.2%} to {high:.2%}"


def show_end(status: Status, card: Card | None) -> None:
    """Say how a training ended, and what it has left behind.

    Raises
    ------
    RunError : there is no such training any more
    """
    show, icon = MESSAGES[status.state]
    finished = epochs_finished(history_of(status.name))
    parts = [f"**{status.name}**: {runs.STATES[status.state]}"]
    if status.config is None:
        parts.append(DAMAGED)
    elif status.state != "done":
        # Runs from before 0.2 have only a message.
        parts.append(_plain(status.reason or status.message))
        parts.append(runs.OUTCOMES[status.outcome] if finished else NO_EPOCH)
    if card and card.is_detector:
        parts.append(f"Its model finds {accuracy_words(card)[0]} of the digits on held-out pages.")
    elif card:
        parts.append(
            f"Its model classifies {accuracy_words(card)[0]} of the test digits correctly."
        )
    elif status.config:
        parts.append("It has no model.")
    if status.resumable:
        parts.append(RESUME if finished else FROM_SCRATCH)
    show(" ".join(filter(None, parts)), icon=f":material/{icon}:")


def _plain(text: str) -> str:
    """Return a message as text: Markdown in it is shown as it was written."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>$:#~|" else c for c in text)
