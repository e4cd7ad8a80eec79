"""Teach the model a drawn digit by its label: one click, and the next answer uses it."""

import uuid

import streamlit as st

from mnist_core.pixels import to_uint8
from mnist_core.serving import Card
from ui.canvas import clear, drawing
from ui.draw.digit import DrawnDigit
from ui.draw.keep import show_files
from ui.giving import give, is_teaching_allowed, show_consent, take_back
from ui.pictures import picture, strip, tile
from ui.style import html
from ui.taught import (
    USED,
    TaughtDigit,
    can_be_taught,
    effect,
    forget,
    in_words,
    show_used,
    taught_digits,
    teach,
)

LABEL = "draw_teach"  # the choice's key
CHOSEN = "taught_chosen"  # the key of the choice of a digit to remove
PLACE = "taught_place"  # the expander's key; its value is whether it is open
SHOWN = 24  # thumbnails, the newest
INTRO = (
    "Draw a digit and choose below its answer what it is: the model learns from it, and the next "
    "drawing is read with that. What you teach lasts as long as this visit; download it to bring "
    "it back another day."
)


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
    show_used(card)


def show_taught(card: Card | None) -> None:
    """Show what was taught, what it has changed, and ways to remove, take and bring digits."""
    if card is None or not can_be_taught(card) or not is_teaching_allowed():
        return
    show_consent()
    digits = taught_digits()
    place = st.expander(
        "Teach it your handwriting",  # another label would fold it
        key=PLACE,
        icon=":material/school:",
        on_change="rerun",
    )
    if not place.open:
        return
    with place:
        if digits:
            st.toggle("Read with what was taught", value=True, key=USED, persist_state="session")
            _show_digits(digits)
            _show_effect(card, len(digits))
        else:
            st.write(INTRO)
        show_files(card)


def _show_digits(digits: list[TaughtDigit]) -> None:
    """Show thumbnails of the newest digits, each of which can be removed."""
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
    if st.session_state.get(CHOSEN) not in names:
        st.session_state[CHOSEN] = digits[-1].key
    with st.container(horizontal=True, vertical_alignment="bottom", key="taught_removal"):
        chosen = st.selectbox(
            "Digit to remove", list(names), format_func=lambda key: names.get(key, ""), key=CHOSEN
        )
        st.button("Remove", key="taught_remove", on_click=_remove, args=(chosen,))
        st.button("Remove all", key="taught_clear", on_click=_remove, args=(*every,))


def _show_effect(card: Card, count: int) -> None:
    """Say in words what teaching has changed."""
    found = effect(card)
    before, after = found.own
    gone = "" if count > 1 else " (with one digit there are no others)"
    st.caption(
        f"**Your digits**: of {in_words(count)} the model classified {before} correctly before it "
        f"was taught. It classifies {after} correctly when each is left out and only the others "
        f"are taught{gone}. **Other people's digits**: of {found.n_old:,} handwritten digits from "
        f"MNIST, which it must not forget, it classified {found.old[0]:,} correctly before, and "
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
