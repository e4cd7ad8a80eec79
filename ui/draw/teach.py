"""Teach the model a drawn digit by its label: one click, and the next answer uses it."""

import uuid

import streamlit as st

from mnist_core.pixels import to_uint8
from mnist_core.serving import Card
from ui.canvas import clear, drawing
from ui.draw.digit import HINT, DrawnDigit
from ui.draw.guide import asked, go_on, leave, show_asked
from ui.draw.taught import CHOSEN
from ui.formats import a_digit
from ui.giving import give, is_teaching_allowed, teach_instead
from ui.taught import TaughtDigit, can_be_taught, is_used, show_used, taught_digits

LABEL = "draw_teach"  # the choice's key
TEACHES = "One click teaches the model, for this visit."
SWITCHED_OFF = "Read without your digits: see below."
GUIDED = "Write {} in the box."
LEARNT = "It has learnt your {}. Draw the next one."
ALL_LEARNT = "It has learnt your hand. Draw a digit to try it."
_LEARNT = "draw_learnt"  # session key: what to say of what was taught, while nothing is drawn


def show_teach(answer: DrawnDigit | None, card: Card | None) -> None:
    """Ask which digit the drawing is; a click teaches it and clears the canvas."""
    if not can_be_taught(card) or not is_teaching_allowed():
        return
    st.pills(
        "Wrong? It is a",
        range(10),
        key=LABEL,
        disabled=answer is None or answer.is_too_little,
        on_change=_learn,
        args=(answer, card),
    )
    # A line in any case: nothing may move when there is something taught.
    if is_used(card):
        show_used(card)
    else:
        st.caption(SWITCHED_OFF if taught_digits() else TEACHES)


def show_guide(answer: DrawnDigit | None, card: Card | None) -> bool:
    """Show the guided round while it goes on: what to draw, and the way on; return whether it does.

    A round stops with what allows teaching, such as the choice of another model.
    """
    digit = asked()
    if digit is None or not can_be_taught(card) or not is_teaching_allowed():
        return False
    with st.container(key="guide"):
        show_asked(digit)
        with st.container(horizontal=True):
            st.button(
                "Next",
                key="guide_next",
                type="primary",
                icon=":material/arrow_forward:",
                disabled=answer is None or answer.is_too_little,
                on_click=_next,
                args=(answer, card, digit),
            )
            st.button("Skip this digit", key="guide_skip", on_click=_skip)
            st.button("Leave", key="guide_leave", on_click=leave)
    return True


def blank_hint(answer: DrawnDigit | None, *, guided: bool) -> str:
    """Return what to say while nothing is drawn: what it has just learnt, or what to do.

    Parameters
    ----------
    guided : whether the guided round goes on
    """
    if answer or not taught_digits():
        st.session_state.pop(_LEARNT, None)
    if guided and (digit := asked()) is not None:
        return GUIDED.format(a_digit(digit))
    return st.session_state.get(_LEARNT, HINT)


def learn(answer: DrawnDigit | None, card: Card | None, label: int | None) -> None:
    """Teach the drawing by a label, give it where the person has consented, clear the canvas."""
    if answer is None or label is None or card is None:
        return
    digit = TaughtDigit(to_uint8(answer.image), int(label), uuid.uuid4().hex)
    teach_instead(digit)
    st.session_state[_LEARNT] = LEARNT.format(digit.label)
    st.session_state[CHOSEN] = digit.key
    answered = card.name, answer.digit, answer.confidence
    give(digit.key, digit.image, digit.label, answered, drawing() or {})
    clear()


def _learn(answer: DrawnDigit | None, card: Card | None) -> None:
    """Teach the drawing by the label that was clicked."""
    label = st.session_state[LABEL]
    st.session_state[LABEL] = None
    learn(answer, card, label)


def _next(answer: DrawnDigit | None, card: Card | None, digit: int) -> None:
    """Teach the drawing as the digit that was asked for, and ask for the next one."""
    if answer:
        learn(answer, card, digit)
        go_on()
        if asked() is None:
            st.session_state[_LEARNT] = ALL_LEARNT


def _skip() -> None:
    """Ask for the next digit, on an empty canvas."""
    clear()
    go_on()
