"""Teach the model a drawn digit by its label: one click, and the answer is given anew."""

import uuid
from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.pixels import to_uint8
from mnist_core.serving import Card
from ui.canvas import clear, drawing
from ui.draw.digit import HINT, DrawnDigit
from ui.draw.guide import asked, go_on, leave, show_asked
from ui.draw.taught import CHOSEN
from ui.formats import a_digit, percent
from ui.giving import give, is_teaching_allowed, teach_instead
from ui.taught import TaughtDigit, can_be_taught, is_known, is_used, show_used, taught_digits

LABEL = "draw_teach"  # the choice's key
TEACHES = "One click teaches the model, for this visit."
SWITCHED_OFF = "Read without your digits: see below."
GUIDED = "Write {} in the box."
LEARNT = "**Learnt: this is {}.** Before, it was taken for {}."
NO_DIGIT = "no digit"
ALL_LEARNT = "It has learnt your hand. Draw a digit to try it."
_LESSON = "draw_lesson"  # session key: the lesson that was given last
_ROUND = "draw_round_ended"  # whether a guided round has just ended


@dataclass(frozen=True)
class Lesson:
    """A drawing that was taught; uint8 (28, 28), and what the model said of it before."""

    image: np.ndarray
    label: int
    before: str


def show_teach(answer: DrawnDigit | None, card: Card | None) -> None:
    """Ask which digit the drawing is; a click teaches it, and the drawing is read anew."""
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
        if (lesson := _lesson_of(answer)) and is_known(lesson.image, lesson.label):
            st.caption(LEARNT.format(a_digit(lesson.label), lesson.before))
        else:
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
    """Return what to say while nothing is drawn.

    Parameters
    ----------
    guided : whether the guided round goes on
    """
    if answer or not taught_digits():
        st.session_state.pop(_ROUND, None)
    if guided and (digit := asked()) is not None:
        return GUIDED.format(a_digit(digit))
    return ALL_LEARNT if st.session_state.get(_ROUND) else HINT


def learn(answer: DrawnDigit | None, card: Card | None, label: int | None) -> None:
    """Teach the drawing by a label, and give it where the person has consented."""
    if answer is None or label is None or card is None:
        return
    digit = TaughtDigit(to_uint8(answer.image), int(label), uuid.uuid4().hex)
    said = f"{a_digit(answer.digit)} ({percent(answer.confidence)})"
    before = _lesson_of(answer)  # a wrong label, perhaps
    st.session_state[_LESSON] = Lesson(
        digit.image,
        digit.label,
        before.before if before else said if answer.accepted else NO_DIGIT,
    )
    teach_instead(digit)
    st.session_state[CHOSEN] = digit.key
    answered = card.name, answer.digit, answer.confidence
    give(digit.key, digit.image, digit.label, answered, drawing() or {})


def _lesson_of(answer: DrawnDigit | None) -> Lesson | None:
    """Return the last lesson if it was about this very drawing."""
    lesson: Lesson | None = st.session_state.get(_LESSON)
    if answer and lesson and np.array_equal(to_uint8(answer.image), lesson.image):
        return lesson
    return None


def _learn(answer: DrawnDigit | None, card: Card | None) -> None:
    """Teach the drawing by the label that was clicked."""
    label = st.session_state[LABEL]
    st.session_state[LABEL] = None
    learn(answer, card, label)


def _next(answer: DrawnDigit | None, card: Card | None, digit: int) -> None:
    """Teach the drawing as the digit that was asked for, and ask for the next one."""
    if answer:
        learn(answer, card, digit)
        clear()
        go_on()
        st.session_state[_ROUND] = asked() is None


def _skip() -> None:
    """Ask for the next digit, on an empty canvas."""
    clear()
    go_on()
