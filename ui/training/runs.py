"""All trainings: the result of one, and several side by side."""

import streamlit as st

from mnist_core import runs, serving
from mnist_core.config import MAX_ENDED
from mnist_core.runs import Status
from mnist_core.serving import Card
from ui.model_choice import all_models
from ui.session import workspace
from ui.training.compare import show_comparison
from ui.training.feedback import RESULTS, show_feedback
from ui.training.result import show_result
from ui.training.selection import RESULT, select_result
from ui.training.status import accuracy_words, published_card, show_run_errors

NOTHING = (
    "No training has ended here yet. When one does, its result appears here: how accurate its "
    "model is, which digits it mixes up, and which corruptions it handles badly."
)
MAY_BE_LOST = (
    "Trainings and models stay on the computer behind this app. A hosted app loses them when it "
    "sleeps or is updated: download what you want to keep."
)
HELP = (
    f"All trainings that have ended, the newest first. The last {MAX_ENDED} are kept; models stay "
    "until you delete them."
)


def show_runs() -> None:
    """Show the result of a training that has ended, and how several compare."""
    statuses = {status.name: status for status in runs.list_runs(workspace=workspace())}
    cards = {name: published_card(status) for name, status in statuses.items()}
    # One that was resumed keeps the result that it had before.
    ended = [name for name, status in statuses.items() if cards[name] or not status.alive]
    # Models stay when their training is forgotten.
    alone = {
        card.name: card
        for card in all_models()
        if card.name not in statuses and not serving.is_shipped(card.name)
    }
    names, written = [*ended, *alone], cards | alone
    st.header("Results", anchor="results")
    show_feedback(RESULTS)
    if not names:
        st.caption(NOTHING)
    else:
        st.caption(MAY_BE_LOST)
        select_result(names)
        chosen = st.selectbox(
            "Training",
            names,
            key=RESULT,
            format_func=lambda name: _label(name, statuses.get(name), written.get(name)),
            persist_state="session",
            help=HELP,
        )
        with show_run_errors():
            show_result(statuses.get(chosen), written.get(chosen))
    classifiers = {
        name: status
        for name, status in statuses.items()
        if not (status.config and status.config.task == "detection")
    }
    if len(classifiers) > 1:
        with show_run_errors():
            show_comparison(classifiers, cards)


def _label(name: str, status: Status | None, card: Card | None) -> str:
    """Return a training in the list; no words that change with time, or the choice is lost."""
    parts = [name]
    if card:
        share, _ = accuracy_words(card)
        parts.append(f"{share} correct")
    if status and status.config is None:
        parts.append("damaged")
    elif status and status.state != "done":
        parts.append(status.state)
    return ", ".join(parts)
