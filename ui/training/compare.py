"""Several trainings side by side: curves, results, and the settings that differ."""

from html import escape

import numpy as np
import streamlit as st

from mnist_core.config import CLASSES
from mnist_core.runs import Status
from mnist_core.serving import Card
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.charts import heat_cell
from ui.style import html
from ui.tables import table
from ui.training.actions import COMPARED
from ui.training.curves import MEASURES, Measure, applies, show_overlaid
from ui.training.end import accuracy_words, history_of
from ui.training.facts import settings_of
from ui.training.result import MADE_UP, learned_from, made_up_joined, recalls
from ui.training.words import duration

TITLE = "Compare trainings"
AT_MOST = 6  # as many as there are colours that colour-blind people tell apart
USUAL = 3  # of the newest, until somebody chooses
_CHOSEN = "training_compare_chosen"  # whether somebody has chosen
_NEXT = "training_compare_next"
_MEASURE, USUAL_MEASURE = "training_compare_measure", "Validation: accuracy"
HEADINGS = (
    *("Training", "Test accuracy", "Balanced accuracy", "Worst digit", "Best validation"),
    *("Epochs", "Time"),
)
EXPLAINED = (
    "Balanced accuracy is the mean of the ten digits' accuracies; the worst digit has the lowest. "
    "Best validation is the highest accuracy on the validation digits after any epoch. Brackets "
    "hold 95% intervals: if those of two models do not overlap, the models very likely differ; if "
    "they do, the difference may be chance."
)
SAME = "All their settings are the same."
NO_EFFECT = "– means that the setting has no effect there."
RECALL = "The share of each digit that is classified correctly, in percent."
UNEVEN = "The fewer training images a digit had, the more a rebalancing method has to do."


def show_comparison(statuses: dict[str, Status], cards: dict[str, Card | None]) -> None:
    """The choice of trainings, and what they have in common and not."""
    st.header(TITLE)
    names = [name for name, status in statuses.items() if status.config]
    state = st.session_state
    if _NEXT in state:
        state[COMPARED] = state.pop(_NEXT)
        _note_choice()
    elif not state.get(_CHOSEN):
        state[COMPARED] = [name for name in names if cards[name]][:USUAL]
    state[COMPARED] = [name for name in state[COMPARED] if name in names][:AT_MOST]
    chosen = st.multiselect(
        "Trainings to compare",
        names,
        key=COMPARED,
        max_selections=AT_MOST,
        placeholder="Choose two or more",
        on_change=_note_choice,
        persist_state="session",
        help=f"Up to {AT_MOST} of them.",
    )
    if not chosen:
        st.caption("Choose two or more trainings to see their curves and results side by side.")
        return
    histories = {name: history_of(name) for name in chosen}
    configs = [statuses[name].config for name in chosen]
    offered = {_title(m): m for m in MEASURES if any(applies(m, c) for c in configs)}
    if state.get(_MEASURE) not in offered:
        state[_MEASURE] = USUAL_MEASURE
    shown = st.selectbox("Measure by epoch", list(offered), key=_MEASURE)
    with st.container(key="training_compare_curves"):
        show_overlaid(histories, offered[shown], "training_compare_chart")
    rows = [_row(statuses[name], cards[name], histories[name]) for name in chosen]
    html(table(HEADINGS, rows, style="dl-runs"))
    st.caption(EXPLAINED)
    if len(chosen) > 1:
        html(_differences([statuses[name] for name in chosen], cards))
    trained = {name: cards[name] for name in chosen if cards[name]}
    if len(trained) > 1:
        html(_recall_table(trained, statuses))


def compare(names: list[str]) -> None:
    """Show these trainings beside each other when the page runs next; results may come later."""
    st.session_state[_NEXT] = list(names)


def _title(measure: Measure) -> str:
    return f"{measure.label}: {measure.of}"


def _note_choice() -> None:
    st.session_state[_CHOSEN] = True


def _row(status: Status, card: Card | None, history: list[dict]) -> tuple[str, ...]:
    """What a training has come to, in the order of HEADINGS."""
    best = max((row["val_accuracy"] for row in history), default=None)
    done = max((row["epoch"] for row in history), default=0)
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
        f"{done} of {status.epochs}",
        duration(seconds) if seconds is not None else "",
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def _worst(card: Card) -> str:
    found = recalls(card)
    if np.isnan(found).all():
        return ""
    digit = int(np.nanargmin(found))
    return f"{digit}: {found[digit]:.2%}"


def _differences(statuses: list[Status], cards: dict[str, Card | None]) -> str:
    """The settings that are not the same for all, one a row."""
    settings = [settings_of(status.config, cards[status.name]) for status in statuses]
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(f"<td>{escape(of_one.get(label, '–'))}</td>" for of_one in settings)
        + "</tr>"
        for label in dict.fromkeys(label for of_one in settings for label in of_one)
        if len({of_one.get(label) for of_one in settings}) > 1
    )
    if not rows:
        return f"<p>{SAME}</p>"
    head = "".join(f'<th scope="col">{escape(status.name)}</th>' for status in statuses)
    note = f"<p class='dl-note'>{NO_EFFECT}</p>" if "<td>–</td>" in rows else ""
    return _wide(
        "Settings that differ",
        f'{note}<table class="dl-differ"><thead><tr><th scope="col">Setting</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>",
    )


def _recall_table(cards: dict[str, Card], statuses: dict[str, Status]) -> str:
    """Each digit's recall, one model a column; from how many images each was learned, if uneven."""
    learned = _learned(cards)
    head = "".join(
        f'<th scope="col">{escape(name)}<br><small>{_cure(statuses[name])}</small></th>'
        for name in cards
    )
    images = '<th scope="col">Images</th>' if learned else ""
    columns = [recalls(card) for card in cards.values()]
    told = [RECALL, UNEVEN] if learned else [RECALL]
    if learned and any(map(made_up_joined, cards.values())):
        told.append(f"{MADE_UP.capitalize()}.")
    rows = "".join(
        f'<tr><th scope="row">{digit}</th>'
        + (f'<td class="dl-count">{learned[digit]:,}</td>' if learned else "")
        + "".join(
            heat_cell(None if np.isnan(column[digit]) else column[digit]) for column in columns
        )
        + "</tr>"
        for digit in range(CLASSES)
    )
    return _wide(
        "Recall of each digit",
        f"<p class='dl-note'>{' '.join(told)}</p>"
        f'<table class="dl-heat"><thead><tr><th scope="col">Digit</th>{images}{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>",
    )


def _learned(cards: dict[str, Card]) -> list[int] | None:
    """How many images of each digit they learned from, if that is uneven and the same for all."""
    found = [learned_from(card) for card in cards.values()]
    return found[0] if all(counts == found[0] for counts in found) else None


def _cure(status: Status) -> str:
    if status.config.imbalance == "none":
        return ""
    return escape(REBALANCING_METHODS[status.config.rebalancing].title)


def _wide(title: str, content: str) -> str:
    """A titled table that scrolls sideways where it does not fit."""
    return (
        f"<p class='dl-note dl-over'><b>{title}</b></p>"
        f'<div class="dl-scroll" tabindex="0" role="region" aria-label="{title}">{content}</div>'
    )
