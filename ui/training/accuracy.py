"""The accuracy of a training's model, of each digit too, and its learning curves."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core import runs
from mnist_core.config import CLASSES
from mnist_core.runs import Status
from mnist_core.serving import Card
from mnist_core.training.config import TrainingConfig
from ui.measured import INTERVAL
from ui.pictures import bars
from ui.session import workspace
from ui.style import html
from ui.training.curves import EXPLANATIONS, show_curves
from ui.training.selection import LIVE
from ui.training.status import accuracy_words, history_of

BALANCED = (
    "The mean of the ten digits' accuracies: every digit counts the same, however rare. It reveals "
    "a model that neglects rare digits."
)
SYNTHETIC = "synthetic digits not counted"


def show_accuracy(card: Card, status: Status | None) -> None:
    """Show the test accuracy, each digit's recall, and the curves if they are known."""
    left, right = st.columns([5, 4], gap="medium")
    share, interval = accuracy_words(card)
    test = card.metrics["test"]
    with left:
        html(
            f'<div class="dl-accuracy"><strong>{share}</strong>'
            f"<span>of {test.get('n', 0):,} test digits classified correctly</span>"
            f"<span>95% interval {interval}</span></div>"
        )
        st.caption(INTERVAL)
        if "balanced_accuracy" in test:
            html(f"<p><b>Balanced accuracy {test['balanced_accuracy']:.2%}</b></p>")
            st.caption(BALANCED)
    with right:
        html(_recall_bars(card))
    if status and status.config:
        st.header("Learning curves")
        show_learning_curves(status.name, status.config)


def has_curves(name: str) -> bool:
    """Return whether a training has come far enough for its curves to have a point.

    Raises
    ------
    RunError : there is no such training any more
    """
    return bool(history_of(name) or runs.steps(name, workspace=workspace()))


def show_learning_curves(name: str, config: TrainingConfig) -> None:
    """Show the curves of a training that has ended.

    Raises
    ------
    RunError : there is no such training any more
    """
    live = st.session_state.get(LIVE)  # then the key belongs to the curves of that training
    with st.container(key="training_result_curves" if live else "training_curves"):
        steps = runs.steps(name, workspace=workspace())
        show_curves(config, history_of(name), steps, "past")
        st.caption(EXPLANATIONS[config.task])


def recalls(card: Card) -> Sequence[float]:
    """Return the share of each digit that is classified correctly; NaN where not measured."""
    found = card.metrics["test"].get("recall")
    return found if isinstance(found, list) and len(found) == CLASSES else [np.nan] * CLASSES


def images_learned(card: Card) -> list[int] | None:
    """Return how many images of each digit a model learned from; None if that was not uneven."""
    counts = card.trained_on.get("images_of_each_digit")
    if not isinstance(counts, list) or len(counts) != CLASSES:
        return None
    return counts if all(isinstance(count, int) for count in counts) else None


def has_synthetic_digits(card: Card) -> bool:
    """Return whether a model has learned from synthetic digits besides MNIST's."""
    return bool(card.trained_on.get("made_up_digits") or card.trained_on.get("synthetic_digits"))


def _recall_bars(card: Card) -> str:
    """Return a bar for each digit, the worst marked; beside it from how many images it learned."""
    recall, learned = recalls(card), images_learned(card)
    lowest = min((share for share in recall if share == share), default=None)
    worst = [digit for digit, share in enumerate(recall) if share == lowest]
    texts = [f"{share:.1%}" if share == share else "?" for share in recall]
    label = ", ".join(f"{digit}: {share}" for digit, share in enumerate(texts))
    beside = ""
    if learned:
        more = f"; {SYNTHETIC}" if has_synthetic_digits(card) else ""
        beside = f" On the right: the number of training images of each{more}."
    return (
        "<p class='dl-note'><b>Recall</b>: the share of each digit that is classified correctly. "
        f"▼&nbsp;marks the lowest.{beside}</p>"
    ) + bars(
        recall,
        [f"{share}{' ▼' if digit in worst else ''}" for digit, share in enumerate(texts)],
        f"Recall of each digit: {label}",
        marked=worst,
        beside=[f"{count:,}" for count in learned or ()],
        style="dl-learned" if learned else "dl-recall",
    )
