"""All trainings: the result of one, and several beside each other."""

import streamlit as st

from mnist_core import runs, serving
from mnist_core.config import MAX_ENDED
from mnist_core.runs import Status
from mnist_core.serving import Card
from ui.model_choice import models
from ui.session import workspace
from ui.training.actions import RESULT, RESULTS, take_choice, tell
from ui.training.compare import show_comparison
from ui.training.end import accuracy_words, published_card, told
from ui.training.result import show_result

NOTHING = (
    "No training has ended here yet. When one does, its result appears here: how accurate its "
    "model is, which digits it mixes up, and which corruptions harm it."
)
FLEETING = (
    "Trainings and models stay on the computer behind this app. A hosted app loses them when it "
    "sleeps or is updated: download what you want to keep."
)
HELP = (
    f"All trainings that have ended, the newest first. The last {MAX_ENDED} are kept; models stay "
    "until you delete them."
)


def show_runs() -> None:
    """Results of the trainings that have ended, and how they compare."""
    statuses = {status.name: status for status in runs.list_runs(workspace=workspace())}
    cards = {name: published_card(status) for name, status in statuses.items()}
    ended = [name for name, status in statuses.items() if not status.alive]
    # Models stay when their training is forgotten.
    kept = {
        card.name: card
        for card in models()
        if card.name not in statuses and not serving.is_shipped(card.name)
    }
    names, written = [*ended, *kept], cards | kept
    st.header("Results", anchor="results")
    tell(RESULTS)
    if not names:
        st.caption(NOTHING)
    else:
        st.caption(FLEETING)
        take_choice(names)
        chosen = st.selectbox(
            "Training",
            names,
            key=RESULT,
            format_func=lambda name: _label(name, statuses.get(name), written.get(name)),
            persist_state="session",
            help=HELP,
        )
        with told():
            show_result(statuses.get(chosen), written.get(chosen))
    if len(statuses) > 1:
        with told():
            show_comparison(statuses, cards)


def _label(name: str, status: Status | None, card: Card | None) -> str:
    """A training in the list; no words that change with time, or the browser loses the choice."""
    parts = [name]
    if card:
        share, _ = accuracy_words(card)
        parts.append(f"{share} correct")
    if status and status.config is None:
        parts.append("damaged")
    elif status and status.state != "done":
        parts.append(status.state)
    return ", ".join(parts)
