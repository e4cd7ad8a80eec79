"""The result of one training: how it ended, what to do with it, and its views."""

from collections.abc import Callable
from functools import partial
from html import escape

import streamlit as st

from mnist_core.errors import DataError
from mnist_core.runs import Status
from mnist_core.serving import Card
from ui.errors import show_errors_in
from ui.mnist import TestSet, test_set
from ui.model_card import show_card
from ui.training.accuracy import has_curves, show_accuracy, show_learning_curves
from ui.training.actions import show_model_actions, show_run_actions
from ui.training.command import show_command
from ui.training.facts import settings_of
from ui.training.feedback import RESULTS
from ui.training.formats import ago, count, duration
from ui.training.mistakes import show_test_mistakes
from ui.training.robustness import show_robustness
from ui.training.status import epochs_finished, history_of, show_end

VIEW = "training_view"
EARLIER = (
    "**{name}** is being trained further; its result before that is shown here. The tab Live shows "
    "its progress."
)
MISSING = "MNIST's test digits are missing on this computer. The Robustness page can download them."


def show_result(status: Status | None, card: Card | None) -> None:
    """Show all about one training, or about a model whose training is forgotten.

    Parameters
    ----------
    status : None if there is no training of that name any more
    card : None if there is no model that it has written

    Raises
    ------
    RunError : somebody else has just deleted the training
    """
    finished = not status or bool(epochs_finished(history_of(status.name)))
    if status and status.alive:
        st.info(EARLIER.format(name=status.name), icon=":material/resume:")
    elif status and (status.state != "done" or not card):
        show_end(status, card)
    if status and card and not status.alive:
        st.caption(_when(status))
    if card:
        show_model_actions(card, status, finished=finished)
    elif status:
        show_run_actions(status, RESULTS)
    views = _views(status, card)
    if not views:
        return
    if st.session_state.get(VIEW) not in views:
        st.session_state[VIEW] = next(iter(views))
    view = st.segmented_control(
        "View",
        list(views),
        key=VIEW,
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    with show_errors_in(st.container()):
        views[str(view)]()


def _views(status: Status | None, card: Card | None) -> dict[str, Callable[[], None]]:
    """Return what can be looked at, by its name."""
    views: dict[str, Callable[[], None]] = {}
    if card and not card.is_detector:
        views |= {
            "Accuracy": partial(show_accuracy, card, status),
            "Mistakes": partial(_with_tests, partial(show_test_mistakes, card)),
            "Robustness": partial(_with_tests, lambda _: show_robustness(card)),
        }
    elif status and status.config and has_curves(status.name):
        views["Curves"] = partial(show_learning_curves, status.name, status.config)
    if card or (status and status.config):
        views["Settings"] = partial(_show_settings, status, card)
    return views


def _when(status: Status) -> str:
    """Say when a training ended, and how many epochs took how long."""
    history = history_of(status.name)
    seconds = history[-1].get("seconds", 0) if history else 0
    took = f" in {duration(seconds)}" if seconds else ""
    done = f"{epochs_finished(history)} of {count(status.epochs, 'epoch')}"
    return f"Ended {ago(status.updated)} after {done}{took}."


def _with_tests(show: Callable[[TestSet], None]) -> None:
    """Show something of MNIST's test digits, or that they are missing on this computer."""
    try:
        tests = test_set()
    except DataError as error:
        st.error(str(error), icon=":material/error:")
        return
    if tests is None:
        st.info(MISSING, icon=":material/info:")
    else:
        show(tests)


def _show_settings(status: Status | None, card: Card | None) -> None:
    if status and status.config:
        items = "".join(
            f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>"
            for label, value in settings_of(status.config, card).items()
        )
        st.html(f'<dl class="dl-card">{items}</dl>')
        st.write("The same training on the command line:")
        show_command(status.config)
    if card:
        with st.expander("Model card"):
            show_card(card)
