"""Teach the model a drawn digit by its label: one click, and the next answer uses it."""

import uuid

import streamlit as st

from mnist_core.pixels import to_uint8
from mnist_core.serving import Card
from ui.canvas import clear, drawing
from ui.draw.digit import DrawnDigit
from ui.giving import give, is_teaching_allowed, show_consent, take_back
from ui.pictures import picture, strip, tile
from ui.style import html
from ui.taught import USED, TaughtDigit, can_be_taught, effect, forget, taught_digits, teach

LABEL = "draw_teach"  # the choice's key
CHOSEN = "taught_chosen"  # the key of the choice of a digit to remove
SHOWN = 24  # thumbnails, the newest


def show_teach(answer: DrawnDigit | None, card: Card | None) -> None:
    """Ask which digit the drawing is; a click teaches it and clears the canvas."""
    if not can_be_taught(card) or not is_teaching_allowed():
        return
    st.pills(
        "Wrong? It is a",
        range(10),
        key=LABEL,
        disabled=answer is None,
        help="Teaches the model your hand for this visit: the next drawing is read with it.",
        on_change=_learn,
        args=(answer, card),
    )


def show_taught(card: Card | None) -> None:
    """Show what was taught, with a way to remove it, and what it has changed."""
    if can_be_taught(card) and is_teaching_allowed():
        show_consent()
    digits = taught_digits()
    if not digits or not card or not can_be_taught(card):
        return
    words = "1 digit" if len(digits) == 1 else f"{len(digits)} digits"
    with st.expander(f"Taught: {words}", key="taught_place", icon=":material/school:"):
        st.toggle("Read with what was taught", value=True, key=USED, persist_state="session")
        shown = digits[: -SHOWN - 1 : -1]
        every = [one.key for one in digits]
        tiles = [
            tile(
                picture(one.image / 255, f"Taught as {one.label}"),
                f'<div class="dl-seen-told"><b>{one.label}</b></div>',
            )
            for one in shown
        ]
        html(strip(tiles, "What was taught, the newest first"))
        names = {one.key: f"{place}: a {one.label}" for place, one in enumerate(shown, 1)}
        left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
        chosen = left.selectbox(
            "Digit to remove", list(names), format_func=lambda key: names.get(key, ""), key=CHOSEN
        )
        middle.button("Remove", key="taught_remove", on_click=_remove, args=(chosen,))
        right.button("Remove all", key="taught_clear", on_click=_remove, args=(*every,))
        found = effect(card)
        st.caption(
            f"Of your {words}, {found.own[0]} {'was' if found.own[0] == 1 else 'were'} classified "
            f"correctly before, and {found.own[1]} once the model was taught the others. Of "
            f"{found.n_old:,} MNIST digits it was {found.old[0]:,} before, and it is "
            f"{found.old[1]:,} now."
        )


def _learn(answer: DrawnDigit | None, card: Card | None) -> None:
    """Teach the drawing by the label that was clicked."""
    label = st.session_state[LABEL]
    st.session_state[LABEL] = None
    if answer is None or label is None or card is None:
        return
    digit = TaughtDigit(to_uint8(answer.image), int(label), uuid.uuid4().hex)
    teach(digit)
    st.session_state[CHOSEN] = digit.key
    answered = card.name, answer.digit, answer.confidence
    give(digit.key, digit.image, digit.label, answered, drawing() or {})
    clear()


def _remove(*keys: str) -> None:
    """Forget digits, here and in the collection."""
    for key in keys:
        forget(key)
        take_back(key)
    if left := taught_digits():
        st.session_state[CHOSEN] = left[-1].key
