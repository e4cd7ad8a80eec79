"""Several trainings side by side: curves, results, and what they differ in."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.runs import Status
from mnist_core.serving import Card
from ui.style import html
from ui.tables import table
from ui.training.accuracy import recalls
from ui.training.curves import MEASURES, Measure, applies, show_overlaid
from ui.training.differences import recall_table, settings_table
from ui.training.formats import duration
from ui.training.selection import COMPARED, note_comparison_chosen, select_compared
from ui.training.status import accuracy_words, epochs_finished, history_of
from ui.training.words import COMPARISON

AT_MOST = 6  # as many as there are colours that colour-blind people tell apart
USUAL = 3  # of the newest, until somebody chooses
MEASURE, USUAL_MEASURE = "training_compare_measure", "Validation: accuracy"
HEADINGS = (
    *("Training", "Test accuracy", "Balanced accuracy", "Worst digit", "Best validation"),
    *("Epochs", "Time"),
)
EXPLANATION = (
    "Balanced accuracy is the mean of the ten digits' accuracies; the worst digit has the lowest. "
    "Best validation is the highest accuracy on the validation digits after any epoch. Brackets "
    "hold 95% intervals: if those of two models do not overlap, the models very likely differ; if "
    "they do, the difference may be chance."
)


def show_comparison(statuses: Mapping[str, Status], cards: Mapping[str, Card | None]) -> None:
    """Show the choice of trainings, and what they have in common and not.

    Parameters
    ----------
    statuses : of all trainings, by name, the newest first
    cards : of their models, None where there is none

    Raises
    ------
    RunError : somebody else has just deleted one of them
    """
    st.header(COMPARISON)
    configs = {name: status.config for name, status in statuses.items() if status.config}
    usual = [name for name in configs if cards[name]][:USUAL]
    select_compared(list(configs), usual, AT_MOST)
    chosen = st.multiselect(
        "Trainings to compare",
        list(configs),
        key=COMPARED,
        max_selections=AT_MOST,
        placeholder="Choose two or more",
        on_change=note_comparison_chosen,
        persist_state="session",
        help=f"Up to {AT_MOST} of them.",
    )
    if not chosen:
        st.caption("Choose two or more trainings to see their curves and results side by side.")
        return
    histories = {name: history_of(name) for name in chosen}
    offered = {_title(m): m for m in MEASURES if any(applies(m, configs[n]) for n in chosen)}
    if st.session_state.get(MEASURE) not in offered:
        st.session_state[MEASURE] = USUAL_MEASURE
    shown = st.selectbox("Measure by epoch", list(offered), key=MEASURE)
    with st.container(key="training_compare_curves"):
        show_overlaid(histories, offered[shown], "training_compare_chart")
    rows = [_row(statuses[name], cards[name], histories[name]) for name in chosen]
    html(table(HEADINGS, rows, style="dl-runs"))
    st.caption(EXPLANATION)
    if len(chosen) > 1:
        html(settings_table([statuses[name] for name in chosen], cards))
    trained = {name: card for name in chosen if (card := cards[name])}
    if len(trained) > 1:
        html(recall_table(trained, statuses))


def _title(measure: Measure) -> str:
    return f"{measure.label}: {measure.of}"


def _row(status: Status, card: Card | None, history: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the results of a training, in the order of HEADINGS."""
    best = max((row["val_accuracy"] for row in history), default=None)
    seconds = history[-1].get("seconds") if history else None
    if card:
        share, interval = accuracy_words(card)
        balanced = card.metrics["test"].get("balanced_accuracy")
        test = (f"<b>{share}</b> <span>({interval})</span>", _share(balanced), _worst(card))
    else:
        test = ("not yet" if status.alive else "no model", "", "")
    return (
        f"<b>{escape(status.name)}</b>",
        *test,
        _share(best),
        f"{epochs_finished(history)} of {status.epochs}",
        duration(seconds) if seconds is not None else "",
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def _worst(card: Card) -> str:
    recall = recalls(card)
    if np.isnan(recall).all():
        return ""
    digit = int(np.nanargmin(recall))
    return f"{digit}: {recall[digit]:.2%}"
