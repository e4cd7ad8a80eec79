"""Why this digit: the strokes that speak for it, and the most similar training digits."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from math import exp

import numpy as np
import streamlit as st

from mnist_core.config import CLASSES
from mnist_core.errors import DataError
from mnist_core.evaluation import explain
from mnist_core.serving import Card
from ui.formats import a_digit, percent
from ui.mnist import learned
from ui.model_choice import predictor
from ui.pictures import picture, strip, tile
from ui.style import html

WHY = "why"  # the expander's key; its value is whether it is open
WHICH = "why_which"  # the choice of one of several digits
AGAINST = "why_against"  # the choice of another digit
FOR, AGAINST_IT, GREY = (64, 160, 255), (255, 150, 20), (150, 150, 150)  # red, green, blue
LEAST = 0.1  # nats; where nothing matters more than this, nothing matters much
FULL = 2.0  # nats; colours are full where it matters most, if that is at least so much
MOST = 1000  # times
WANTED = (
    "The most similar digits that the network has learned from are shown once MNIST is on this "
    "computer. The Robustness page can download it."
)
LOOKING = "Looking at {:,} digits that it learned from, once …"
EVERY = 0.5  # seconds between two looks at whether that is done
NUMBERS = ("none", "one", "two", "three", "four", "five")
_CHOSEN = "why_chosen"  # session key: the digit that was read, and the other one chosen for it
_maker = ThreadPoolExecutor(1, thread_name_prefix="reference")


def show_why(readings: Sequence, card: Card | None) -> None:
    """Offer reasons for an answer; nothing is computed before a person asks.

    Parameters
    ----------
    readings : sequence of ui.answer.Reading or mnist_core.reading.Digit, one or several
    card : Card of the model that has read them

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    place = st.expander("Why?", key=WHY, icon=":material/help:", on_change="rerun")
    if not place.open:
        return
    with place:
        if not readings or not card:
            st.write("There is no answer yet that could be explained.")
            return
        _explain(_choose(readings), card)


def shown(heat: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Colour a digit by what its parts speak for.

    Parameters
    ----------
    heat : float array (28, 28), above 0 where it speaks for the answer
    image : float array (28, 28) in [0, 1], white on black

    Returns
    -------
    float array (28, 28, 3) in [0, 1], blue last
    """
    strength = np.abs(heat) / max(np.abs(heat).max(), FULL)
    colour = np.where(heat[..., None] > 0, FOR, AGAINST_IT)
    mixed = strength[..., None] * colour + (1 - strength[..., None]) * np.array(GREY)
    glow = 0.45 * strength * (1 - image)  # covering a place speaks of all strokes around it
    return mixed / 255 * np.maximum(image, glow)[..., None]


def told_of_map(heat: np.ndarray, digit: int, other: int) -> str:
    """What the map shows, in a sentence or two."""
    told = []
    if (most := float(heat.max())) >= LEAST:
        told.append(
            f"With the bluest place covered, {a_digit(digit)} would be {_times(most)} less "
            f"likely, compared with {a_digit(other)}."
        )
    if (least := -float(heat.min())) >= LEAST:
        told.append(f"With the most orange one covered, {_times(least)} more likely.")
    return " ".join(told) or "No single part matters: covering any one changes next to nothing."


def told_of_neighbours(labels: Sequence[int], digit: int, disagreement: float) -> str:
    """How far the most similar training digits agree with an answer, in a sentence or two."""
    counts = Counter(int(label) for label in labels)
    agree, total = counts.pop(digit, 0), len(labels)
    others = [
        f"{NUMBERS[count]} {f'are {other}s' if count > 1 else f'is {a_digit(other)}'}"
        for other, count in counts.most_common()
    ]
    if agree == total:
        told = f"All {total} of the most similar training digits are {digit}s."
    elif agree:
        are = f"are {digit}s" if agree > 1 else f"is {a_digit(digit)}"
        told = f"{agree} of the {total} most similar training digits {are}, {_listed(others)}."
    else:
        told = (
            f"None of the {total} most similar training digits is {a_digit(digit)}: "
            f"{_listed(others)}."
        )
    if disagreement > 0:
        told += " They speak against this answer: a reason to doubt it."
    return told


def _choose(readings: Sequence):
    """Let the person choose the digit to explain, if there are several."""
    if len(readings) == 1:
        return readings[0]
    if st.session_state.get(WHICH) not in range(len(readings)):
        st.session_state[WHICH] = 0
    place = st.selectbox(
        "Digit to explain",
        range(len(readings)),
        key=WHICH,
        format_func=lambda place: f"Digit {place + 1}, read as {readings[place].digit}",
    )
    return readings[place]


def _explain(reading, card: Card) -> None:
    predict = predictor(card)
    left, right = st.columns([4, 5], gap="medium")
    with left, st.container(key="why_map"):
        other = _choose_other(reading)
        heat = explain.occlusion(predict, reading.image, reading.digit, against=other)
        html(_map(heat, reading, other))
    with right, st.container(key="why_similar"):
        _show_similar(reading, card, predict)


def _choose_other(reading) -> int:
    """Let the person choose which digit it might have been instead: at first the runner-up."""
    state, digit = st.session_state, reading.digit
    others = sorted(set(range(CLASSES)) - {digit}, key=lambda d: -reading.probabilities[d])
    chosen_for, chosen = state.get(_CHOSEN, (None, None))
    state[AGAINST] = chosen if chosen_for == digit else others[0]

    def take() -> None:
        state[_CHOSEN] = digit, state[AGAINST]

    return st.selectbox(
        f"Why {a_digit(digit)}, and not",
        sorted(others),
        key=AGAINST,
        format_func=lambda d: f"{a_digit(d)} ({percent(reading.probabilities[d])})",
        on_change=take,
    )


def _map(heat: np.ndarray, reading, other: int) -> str:
    sides = (
        ("dl-for", "Blue", f"speaks for {a_digit(reading.digit)}"),
        ("dl-against", "Orange", f"speaks for {a_digit(other)}"),
        ("dl-neither", "Grey", "matters little"),
    )
    legend = "".join(f'<li><i class="{s}"></i>{name}: {means}</li>' for s, name, means in sides)
    told = told_of_map(heat, reading.digit, other)
    coloured = picture(shown(heat, reading.image)[..., ::-1], f"Map: {told}", style="dl-why")
    return f'{coloured}<ul class="dl-legend">{legend}</ul><p class="dl-note">{told}</p>'


def _show_similar(reading, card: Card, predict) -> None:
    """The most similar training digits; the first time with a model these take a while."""
    try:
        digits = learned()
    except DataError as error:
        st.write(str(error))
        return
    if digits is None:
        st.write(WANTED)
        st.page_link("pages/robustness.py", label="Robustness", icon=":material/foggy:")
        return
    known = _reference(
        card.name,
        card.files["model.tflite"]["sha256"],
        digits.version,
        _look=predict.predict_full,
        _digits=digits,
    )
    waiting = not known.done()

    def look() -> None:
        if not known.done():
            html(f'<p role="status">{LOOKING.format(len(digits.labels))}</p>')
        elif waiting:
            st.rerun()  # without the clock
        else:
            html(
                _similar(
                    reading, predict.predict_full(reading.image[None]).features, known.result()
                )
            )

    st.fragment(look, run_every=EVERY if waiting else None)()


def _similar(reading, features: np.ndarray, known: explain.Reference) -> str:
    found = explain.neighbours(features, np.array([reading.digit]), known)
    tiles = [
        tile(
            picture(known.images[place] / 255, f"A training digit, {a_digit(int(label))}"),
            f'<span class="{"" if label == reading.digit else "dl-unlike"}">{label}</span>',
        )
        for place, label in zip(found.places[0], found.labels[0], strict=True)
    ]
    told = told_of_neighbours(found.labels[0], reading.digit, float(found.disagreement[0]))
    return (
        f'<div class="dl-similar"><p><b>The most similar of {len(known.labels):,} digits it '
        f"learned from</b>, and what they are</p>"
        f'{strip(tiles, "The most similar training digits")}<p role="status">{told}</p></div>'
    )


# In the background: a person who goes on drawing meanwhile is not kept waiting. The checksums are
# part of the key, so that a model trained anew gets a reference of its own.
@st.cache_resource(max_entries=2, show_spinner=False)
def _reference(name: str, sha256: str, version: str, *, _look, _digits) -> Future:  # noqa: ARG001
    return _maker.submit(explain.reference, _look, _digits.images, _digits.labels)


def _times(nats: float) -> str:
    times = exp(min(nats, 50))
    if times >= MOST:
        return f"over {MOST:,} times"
    return f"{times:.1f} times" if times < 10 else f"{times:.0f} times"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]
