"""The table of all models, in an order that its heads choose; phones have a list for that."""

import json
from collections.abc import Callable
from dataclasses import dataclass
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
)
from ui.components import component_of
from ui.formats import size
from ui.models.timing import seconds_per_image, show_timing
from ui.style import html

INTRO = (
    "Every model was trained on MNIST, a collection of handwritten digits. Its test accuracy is "
    "the share of 10,000 other MNIST digits that it classifies correctly. The highlighted model is "
    "the one chosen in the sidebar; it reads your digits on all pages."
)
SORT, REVERSE = "models_sort", "models_reverse"
USUAL = "As in the sidebar"
KEY = "models_heads"
_HTML = '<table class="dl-table dl-models"></table>'
Cell = tuple[str, str]  # text, and what stands smaller beside it


@dataclass(frozen=True)
class Column:
    """What is said of each model, how models are put in its order, and what it means."""

    heading: str
    cell: Callable[[Card], Cell]
    value: Callable[[Card], Any]  # what is compared; None comes last
    order: str  # the order in words
    reversed: str  # the other way round
    meaning: str = ""
    descending: bool = False
    style: str = ""  # the HTML element of its text, if any


@st.fragment
def show_table(cards: list[Card], chosen: Card) -> None:
    """Show all models, one a row; the chosen one is marked."""
    room = st.container(key="models_room")
    with room.container(key="models_order"):  # only where the table is narrow, and has no heads
        left, right = st.columns([3, 4], gap="medium", vertical_alignment="bottom")
    headings = [column.heading for column in COLUMNS]
    by = left.selectbox("Sort by", [USUAL, *headings], key=SORT, persist_state="session")
    turned = right.toggle(
        "Reverse the order", key=REVERSE, disabled=by == USUAL, persist_state="session"
    )
    column = next((column for column in COLUMNS if column.heading == by), None)
    ordered = in_order(cards, column, reverse=turned)
    with room.container(key="models_table"):
        view = json.dumps(_view(ordered, chosen, column, turned))
        component_of(__file__, "models", _HTML)(
            data={"view": view}, key=KEY, on_sorted_change=take_head
        )
    with st.expander("What the columns mean"):
        meanings = "".join(
            f"<dt>{column.heading}</dt><dd>{column.meaning}</dd>"
            for column in COLUMNS
            if column.meaning
        )
        html(f'<dl class="dl-card">{meanings}</dl>')
        show_timing(cards)


def take_head() -> None:
    """Sort by the column whose head was clicked; once more, and the order is reversed."""
    state = st.session_state
    place = getattr(state.get(KEY), "sorted", None)
    if type(place) is not int or not 0 <= place < len(COLUMNS):  # browsers can send anything
        return
    heading = COLUMNS[place].heading
    state[REVERSE] = state.get(SORT) == heading and not state.get(REVERSE)
    state[SORT] = heading


def in_order(cards: list[Card], column: Column | None, *, reverse: bool) -> list[Card]:
    """Return cards in a column's order, those that it says nothing of last."""
    if not column:
        return cards
    known = [card for card in cards if column.value(card) is not None]
    unknown = [card for card in cards if column.value(card) is None]
    return sorted(known, key=column.value, reverse=column.descending != reverse) + unknown


def _view(cards: list[Card], chosen: Card, by: Column | None, turned: bool) -> dict[str, Any]:
    """Return what the browser shows."""
    order = (by.reversed if turned else by.order) if by else "in the order of the sidebar"
    return {
        "caption": f"All models, {order}.",
        "columns": [
            {
                "heading": column.heading,
                "sorted": _direction(column, turned) if column is by else "",
                "click": "Sort: "
                + (column.reversed if column is by and not turned else column.order),
            }
            for column in COLUMNS
        ],
        "rows": [
            {
                "chosen": card.name == chosen.name,
                "cells": [
                    {"text": text, "more": more, "style": column.style}
                    for column in COLUMNS
                    for text, more in [column.cell(card)]
                ],
            }
            for card in cards
        ],
    }


def _direction(column: Column, turned: bool) -> str:
    return "descending" if column.descending != turned else "ascending"


def _percent(share: float | None) -> str:
    return MISSING if share is None else f"{share:.2%}"


def _time(card: Card) -> Cell:
    seconds = seconds_per_image(card)
    return (MISSING if seconds is None else f"{max(1000 * seconds, 0.001):.3f} ms"), ""


def _accuracy(card: Card) -> Cell:
    low, high = card.metrics["test"]["interval"]
    return _percent(_share(card)), f"{low:.2%} to {high:.2%}"


def _share(card: Card) -> float:
    return card.metrics["test"]["accuracy"]


def _error(card: Card) -> float | None:
    return number(card.metrics, "test", "ece")


def _calibration(card: Card) -> Cell:
    corrupted = calibration_error(card, "damaged")  # as cards call it
    return _percent(_error(card)), "" if corrupted is None else f"corrupted {_percent(corrupted)}"


def _rejection(card: Card) -> float | None:
    return rejection(card).get("mean")


def _trained(card: Card) -> Cell:
    """Write when, for how long and on what kind of images a model was trained."""
    texts = [epochs_in_words(card)]
    if card.trained_on.get("corruption_families"):
        texts.append("corrupted images")
    elif card.trained_on.get("augmentation", "none") != "none":
        texts.append("augmented images")
    return card.date, ", ".join(filter(None, texts))


def _bytes(card: Card) -> int:
    return card.files["model.tflite"]["bytes"]


COLUMNS = (
    Column(
        "Model",
        lambda card: (card.name, ""),
        lambda card: card.name,
        "from A to Z",
        "from Z to A",
        style="code",
    ),
    Column(
        "Weights",
        lambda card: (f"{card.parameters:,}", ""),
        lambda card: card.parameters,
        "those with the fewest weights first",
        "those with the most weights first",
        "The numbers that training has set. More weights can learn more, and take more time.",
    ),
    Column(
        "Size",
        lambda card: (size(_bytes(card)), ""),
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
        "In thousandths of a second (ms), for thousands of images at once. Each model was timed "
        "when it was trained; what else that computer did then makes a model look slower than it "
        "is. The button below times all of them alike, on the computer behind this app.",
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
        style="b",
    ),
    Column(
        "When corrupted",
        lambda card: (_percent(corrupted_accuracy(card)), ""),
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
        lambda card: (_percent(_rejection(card)), ""),
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
        "The date, the number of finished passes over its images (epochs; “more” where it began "
        "with the weights of another model), and whether the images were augmented (varied) or "
        "corrupted on purpose, which makes a model robust.",
        descending=True,
    ),
)
