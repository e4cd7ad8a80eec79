"""What was taught: thumbnails, what it has changed, files, and the start of the guided round."""

import streamlit as st

from mnist_core.serving import Card
from ui.draw.guide import offer_guide
from ui.draw.keep import show_files
from ui.draw.publish import show_publish
from ui.giving import is_teaching_allowed, show_consent, take_back
from ui.taught import (
    USED,
    TaughtDigit,
    can_be_taught,
    effect,
    forget,
    in_words,
    taught_digits,
)

CHOSEN = "taught_chosen"  # the key of the choice of a digit
PLACE = "taught_place"  # the expander's key; its value is whether it is open
INTRO = (
    "Draw a digit and choose below its answer what it is: the model learns from it, and the next "
    "drawing is read with that. What you teach lasts as long as this visit; download it to bring "
    "it back another day."
)


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
        offer_guide()
        show_files(card)
        show_publish(card)


def _show_digits(digits: list[TaughtDigit]) -> None:
    """Show a thumbnail of each digit, the newest first; the chosen one can be removed."""
    names = {
        one.key: f"![Taught as {one.label}]({one.thumbnail}) {one.label}" for one in digits[::-1]
    }
    if st.session_state.get(CHOSEN) not in names:
        st.session_state[CHOSEN] = digits[-1].key
    with st.container(key="taught_digits"):
        chosen = st.pills(
            "What was taught, the newest first",
            list(names),
            format_func=lambda key: names.get(key, ""),
            required=True,
            key=CHOSEN,
        )
    with st.container(horizontal=True, key="taught_removal"):
        st.button("Remove the chosen one", key="taught_remove", on_click=_remove, args=(chosen,))
        st.button("Remove all", key="taught_clear", on_click=_remove, args=(*names,))


def _show_effect(card: Card, count: int) -> None:
    """Say in words what teaching has changed."""
    found = effect(card)
    held_out = (
        f" It classifies {found.own[1]} correctly when each is left out and only the others are "
        "taught."
    )
    st.caption(
        f"**Your digits**: of {in_words(count)} the model classified {found.own[0]} correctly "
        f"before it was taught.{held_out if count > 1 else ''} **Other people's digits**: of "
        f"{found.n_old:,} handwritten digits from MNIST, which it must not forget, it classified "
        f"{found.old[0]:,} correctly before, and {found.old[1]:,} now."
    )


def _remove(*keys: str) -> None:
    """Forget digits, here and in the collection."""
    for key in keys:
        forget(key)
        take_back(key)
