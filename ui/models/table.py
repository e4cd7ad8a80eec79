"""The table of all models, in an order that can be chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import streamlit as st

from mnist_core.serving import Card
from ui.card_metrics import (
    MISSING,
    calibration_error,
    corrupted_accuracy,
    epochs_in_words,
    number,
    rejection,
    seconds_per_image,
)
from ui.formats import size
from ui.style import html

INTRO = (
    "Every model was trained on MNIST, a collection of handwritten digits. Its test accuracy is "
    "the share of 10,000 other MNIST digits that it classifies correctly. The highlighted model is "
    "the one chosen in the sidebar; it reads your digits on all pages."
)
SORT, REVERSE = "models_sort", "models_reverse"
USUAL = "As in the sidebar"


@dataclass(frozen=True)
class Column:
    """What is said of each model, how models are put in its order, and what it means."""

    heading: str
    cell: Callable[[Card], str]  # HTML
    value: Callable[[Card], Any]  # what is compared; None comes last
    order: str  # the order in words
    reversed: str  # the other way round
    meaning: str = ""
    descending: bool = False


@st.fragment
def show_table(cards: list[Card], chosen: Card) -> None:
    """Show all models, one a row; the chosen one is marked."""
    left, right = st.columns([3, 4], gap="medium", vertical_alignment="bottom")
    headings = [column.heading for column in COLUMNS]
    by = left.selectbox("Sort by", [USUAL, *headings], key=SORT, persist_state="session")
    turned = right.toggle(
        "Reverse the order", key=REVERSE, disabled=by == USUAL, persist_state="session"
    )
    column = next((column for column in COLUMNS if column.heading == by), None)
    with st.container(key="models_table"):
        html(_table(in_order(cards, column, reverse=turned), chosen, column, turned))
    with st.expander("What the columns mean"):
        meanings = "".join(
            f"<dt>{column.heading}</dt><dd>{column.meaning}</dd>"
            for column in COLUMNS
            if column.meaning
        )
        html(f'<dl class="dl-card">{meanings}</dl>')


def in_order(cards: list[Card], column: Column | None, *, reverse: bool) -> list[Card]:
    """Return cards in a column's order, those that it says nothing of last."""
    if not column:
        return cards
    known = [card for card in cards if column.value(card) is not None]
    unknown = [card for card in cards if column.value(card) is None]
    return sorted(known, key=column.value, reverse=column.descending != reverse) + unknown


def _table(cards: list[Card], chosen: Card, by: Column | None, turned: bool) -> str:
    head = "".join(
        f'<th scope="col"{_sorted(column, turned) if column is by else ""}>{column.heading}</th>'
        for column in COLUMNS
    )
    first, *rest = COLUMNS
    rows = "".join(
        f'<tr aria-current="{str(card.name == chosen.name).lower()}">'
        f'<th scope="row">{first.cell(card)}</th>'
        + "".join(f'<td data-label="{c.heading}">{c.cell(card)}</td>' for c in rest)
        + "</tr>"
        for card in cards
    )
    order = (by.reversed if turned else by.order) if by else "in the order of the sidebar"
    return (
        f'<table class="dl-table dl-models"><caption>All models, {order}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _sorted(column: Column, turned: bool) -> str:
    return f' aria-sort="{"descending" if column.descending != turned else "ascending"}"'


def _name(card: Card) -> str:
    return f"<code>{escape(card.name)}</code>"


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.2%}"


def _time(card: Card) -> str:
    seconds = seconds_per_image(card)
    return MISSING if seconds is None else f"{max(1000 * seconds, 0.001):.3f} ms"


def _accuracy(card: Card) -> str:
    low, high = card.metrics["test"]["interval"]
    return f"<b>{_percent(_share(card))}</b> <span>{low:.2%} to {high:.2%}</span>"


def _share(card: Card) -> float:
    return card.metrics["test"]["accuracy"]


def _error(card: Card) -> float | None:
    return number(card.metrics, "test", "ece")


def _calibration(card: Card) -> str:
    corrupted = calibration_error(card, "damaged")  # as cards call it
    beside = "" if corrupted is None else f" <span>corrupted {_percent(corrupted)}</span>"
    return _percent(_error(card)) + beside


def _rejection(card: Card) -> float | None:
    return rejection(card).get("mean")


def _trained(card: Card) -> str:
    """Write when, for how long and on what kind of images a model was trained."""
    texts = [epochs_in_words(card)]
    if card.trained_on.get("corruption_families"):
        texts.append("corrupted images")
    elif card.trained_on.get("augmentation", "none") != "none":
        texts.append("augmented images")
    return f"{escape(card.date)} <span>{', '.join(filter(None, texts))}</span>"


def _bytes(card: Card) -> int:
    return card.files["model.tflite"]["bytes"]


COLUMNS = (
    Column("Model", _name, lambda card: card.name, "from A to Z", "from Z to A"),
    Column(
        "Weights",
        lambda card: f"{card.parameters:,}",
        lambda card: card.parameters,
        "those with the fewest weights first",
        "those with the most weights first",
        "The numbers that training has set. More weights can learn more, and take more time.",
    ),
    Column(
        "Size",
        lambda card: size(_bytes(card)),
        _bytes,
        "the smallest first",
        "the largest first",
        "The size of the file that this app reads digits with.",
    ),
    Column(
        "Time per image",
        _time,
        seconds_per_image,
        "the fastest first",
        "the slowest first",
        "In thousandths of a second (ms), for thousands of images at once, on the computer where "
        "the model was measured. Other computers are faster or slower, for all models alike.",
    ),
    Column(
        "Test accuracy",
        _accuracy,
        _share,
        "the most accurate first",
        "the least accurate first",
        "The share of the test digits that it classifies correctly. Other digits would have given "
        "a slightly different share, most likely within the range beside it (the 95% interval). "
        "Where the ranges of two models overlap, either may be the better one.",
        descending=True,
    ),
    Column(
        "When corrupted",
        lambda card: _percent(corrupted_accuracy(card)),
        corrupted_accuracy,
        "the most accurate on corrupted digits first",
        "the least accurate on corrupted digits first",
        "The accuracy on test digits that are blurred, noisy, turned or otherwise corrupted: the "
        "mean over all corruptions at severity 0.5, the middle of the scale. The Robustness page "
        "shows each corruption.",
        descending=True,
    ),
    Column(
        "Calibration error",
        _calibration,
        _error,
        "the best calibrated first",
        "the worst calibrated first",
        "The average gap between a model's confidence and its accuracy. With an error of 1%, "
        "answers with 90% confidence are correct about 89 or 91 times in 100.",
    ),
    Column(
        "Rejection",
        lambda card: _percent(_rejection(card)),
        _rejection,
        "the best at rejecting non-digits first",
        "the worst at rejecting non-digits first",
        "How well it tells digits from non-digits: of a digit and a non-digit, such as a scribble "
        "or a letter, how often it finds the digit more digit-like. Guessing gives 50%, perfection "
        "100%. (This is the area under the ROC curve, AUROC.)",
        descending=True,
    ),
    Column(
        "Trained",
        _trained,
        lambda card: card.date,
        "the newest first",
        "the oldest first",
        "The date, the number of finished passes over its images (epochs), and "
        "whether the images were "
        "augmented (varied) or corrupted on purpose, which makes a model robust.",
        descending=True,
    ),
)
