"""How far a training is, how well it does now, and the trainings that wait behind it."""

from dataclasses import replace
from html import escape

import streamlit as st

from mnist_core import runs
from mnist_core.runs import Status
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.style import html
from ui.training.actions import discard, stop
from ui.training.formats import count, time_left
from ui.training.status import epochs_finished, history_of

BEFORE_TRAINING = (*runs.QUEUED, "preparing")
STOP = (
    "Stop ends the training within seconds; the best weights after a finished epoch become a "
    "model, which takes a little longer. You can close this page: the training continues."
)


def show_progress(status: Status) -> None:
    """Show a training's state, its progress, its numbers, and the button to stop it.

    Raises
    ------
    RunError : there is no such training any more
    """
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        html(
            f'<p class="dl-state" role="status"><b>{escape(status.name)}</b> '
            f"<span>{_sentence(status)}</span></p>"
        )
    with right:
        _stop_button(status, key="training_stop")
        if status.stopping:
            _discard_button(status)
    if status.state in BEFORE_TRAINING:  # one that was resumed has older numbers still
        coming = min(epochs_finished(history_of(status.name)) + 1, status.epochs)
        status = replace(status, epoch=coming, step=0, loss=None, accuracy=None, seconds_left=None)
    of_epoch = status.step / status.steps if status.steps else 0.0
    epoch = max(status.epoch, 1)
    steps = f": step {status.step:,} of {status.steps:,}" if status.steps else ""
    st.progress(min(of_epoch, 1.0), f"Epoch {epoch} of {max(status.epochs, epoch)}{steps}")
    if status.state == "finishing":
        st.progress(1.0, f"Whole training: finished, {_last_work(status)}measuring the model")
    else:
        overall = min((epoch - 1 + of_epoch) / max(status.epochs, 1), 1.0)
        st.progress(overall, f"Whole training: {overall:.0%}, {time_left(status.seconds_left)}")
    html(_numbers(status))
    st.caption(STOP)


def show_waiting(status: Status) -> None:
    """Show a training that waits behind the one that is shown."""
    left, right = st.columns([4, 1], vertical_alignment="center")
    with left:
        html(
            f'<p class="dl-state"><b>{escape(status.name)}</b> <span>{_sentence(status)}</span></p>'
        )
    with right:
        _stop_button(status, key=f"training_stop_{status.name}", label="Cancel")


def _sentence(status: Status) -> str:
    if status.stopping:
        return "Stopping: keeping and measuring the best weights so far."
    if status.queued_behind:
        names = ", ".join(map(escape, status.queued_behind))
        return f"Queued behind {count(len(status.queued_behind), 'training')}: {names}."
    return escape(runs.STATES[status.state])


def _last_work(status: Status) -> str:
    """Say what a rebalancing method does after the last epoch, if anything."""
    method = status.config and REBALANCING_METHODS[status.config.rebalancing]
    return f"applying {method.title.lower()}, then " if method and method.finish else ""


def _stop_button(status: Status, *, key: str, label: str = "Stop") -> None:
    st.button(
        "Stopping…" if status.stopping else label,
        key=key,
        icon=":material/stop:",
        disabled=status.stopping or status.state == "finishing",
        on_click=stop,
        args=(status.name,),
        width="stretch",
    )


def _numbers(status: Status) -> str:
    """Return how well the network does now, beside its last and its best validation."""
    rows = history_of(status.name)
    score, words = next(
        ((name, words) for name, words in SCORES.items() if rows and name in rows[-1]),
        ("val_accuracy", SCORES["val_accuracy"]),
    )
    best = max((row[score] for row in rows), default=None)
    last = rows[-1][score] if rows else None
    numbers = {
        "loss in this epoch so far; the lower, the better": _number(status.loss, ".4f"),
        "training accuracy in this epoch so far": _number(status.accuracy, ".2%"),
        f"{words} after the last epoch": _number(last, ".2%"),
        f"{words} after the best epoch": _number(best, ".2%"),
    }
    items = "".join(
        f"<li><b>{number}</b> <span>{label}</span></li>" for label, number in numbers.items()
    )
    return f'<ul class="dl-numbers">{items}</ul>'


# What an epoch is measured by, a column of the history for each task.
SCORES = {
    "val_accuracy": "validation accuracy",
    "val_recall": "share of held-out digits found and read",
}


def _number(value: float | None, spec: str) -> str:
    return "…" if value is None else format(value, spec)


def _discard_button(status: Status) -> None:
    """Show a button for who does not want to wait for what a stopped training keeps."""
    st.button(
        "Discard",
        key=f"training_discard_{status.name}",
        icon=":material/delete:",
        width="stretch",
        on_click=discard,
        args=(status.name,),
        help="Ends it at once and deletes it, without keeping the weights.",
    )
