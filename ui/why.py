"""Why this answer: the strokes that are evidence for it, and the most similar training digits."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

import numpy as np
import streamlit as st

from mnist_core.config import CLASSES
from mnist_core.errors import DataError
from mnist_core.evaluation import explain
from mnist_core.serving import Card, Prediction, Predictor
from ui.digit_map import TITLE, show_digit_map
from ui.explained import map_in_words, neighbours_in_words, shown
from ui.formats import CERTAIN, a_digit, percent
from ui.mnist import Digits, learned
from ui.pictures import picture, strip, tile
from ui.style import html
from ui.taught import taught_predictor

WHY = "why"  # the expander's key; its value is whether it is open
WHICH = "why_which"  # the choice of one of several digits
AGAINST = "why_against"  # the choice of another digit
ANY = -1  # of these: any other
WANTED = (
    "The most similar training digits are shown once MNIST is on this computer. You can download "
    "it on the Robustness page."
)
LOOKING = "Comparing with {:,} training digits; only the first time takes this long …"
EVERY = 0.5  # seconds between two checks whether that is done
_CHOSEN = "why_chosen"  # session key: the answer, and the other digit chosen for it
_maker = ThreadPoolExecutor(1, thread_name_prefix="reference")


class Answered(Protocol):
    """A digit and the network's answer to it: of a drawing, or of `mnist_core.reading`."""

    @property
    def digit(self) -> int:
        """The answer."""
        ...

    @property
    def image(self) -> np.ndarray:
        """The picture of it: float32 (28, 28) in [0, 1]."""
        ...

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Of the ten digits."""
        ...


def show_why(answers: Sequence[Answered], card: Card | None) -> None:
    """Offer reasons for an answer; nothing is computed before a person asks.

    Parameters
    ----------
    answers : one digit, or several of one picture
    card : of the model that gave the answers

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    place = st.expander("Why this answer?", key=WHY, icon=":material/help:", on_change="rerun")
    if not place.open:
        return
    with place:
        if not answers or not card:
            st.write("There is no answer to explain yet.")
            return
        _explain(_choose(answers), card)


def _choose(answers: Sequence[Answered]) -> Answered:
    """Let the person choose the digit to explain, if there are several."""
    if len(answers) == 1:
        return answers[0]
    if st.session_state.get(WHICH) not in range(len(answers)):
        st.session_state[WHICH] = 0
    place = st.selectbox(
        "Digit to explain",
        range(len(answers)),
        key=WHICH,
        format_func=lambda place: f"Digit {place + 1}, read as {answers[place].digit}",
    )
    return answers[place]


def _explain(answer: Answered, card: Card) -> None:
    predict = taught_predictor(card)
    left, right = st.columns([4, 5], gap="medium")
    with left, st.container(key="why_map"):
        other = _choose_other(answer)
        heat = explain.occlusion(predict, answer.image, answer.digit, against=other)
        html(_map(heat, answer, other))
    with right, st.container(key="why_similar"):
        _show_similar(answer, card, predict)
    st.header(TITLE)
    with st.container(key="why_where"):
        features = predict.predict_full(answer.image[None]).features
        show_digit_map(card, features, answer.digit)


def _choose_other(answer: Answered) -> int | None:
    """Let the person choose which digit it might have been instead; None for any.

    At first it is any for a digit that the network is sure of, otherwise the runner-up.
    """
    state, digit = st.session_state, answer.digit
    others = sorted(set(range(CLASSES)) - {digit}, key=lambda d: -answer.probabilities[d])
    chosen_for, chosen = state.get(_CHOSEN, (None, None))
    likely = ANY if answer.probabilities[digit] >= CERTAIN else others[0]
    state[AGAINST] = chosen if chosen_for == digit else likely

    def take() -> None:
        state[_CHOSEN] = digit, state[AGAINST]

    other = st.selectbox(
        f"Why {digit} rather than",
        [ANY, *sorted(others)],
        key=AGAINST,
        format_func=lambda d: (
            "any other digit" if d == ANY else f"{d} ({percent(answer.probabilities[d])})"
        ),
        on_change=take,
    )
    return None if other == ANY else other


def _map(heat: np.ndarray, answer: Answered, other: int | None) -> str:
    sides = (
        ("dl-for", "Blue", f"evidence for {answer.digit}"),
        ("dl-against", "Orange", f"evidence for {'another digit' if other is None else other}"),
        ("dl-neither", "Grey", "little influence"),
    )
    legend = "".join(f'<li><i class="{s}"></i>{name}: {means}</li>' for s, name, means in sides)
    words = map_in_words(heat, answer.digit, other)
    coloured = picture(shown(heat, answer.image)[..., ::-1], f"Map: {words}", style="dl-why")
    return f'{coloured}<ul class="dl-legend">{legend}</ul><p class="dl-note">{words}</p>'


def _show_similar(answer: Answered, card: Card, predict: Predictor) -> None:
    """Show the most similar training digits; the first time with a model takes a while."""
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
        card.version,
        digits.version,
        _predict_full=predict.predict_full,
        _digits=digits,
    )
    waiting = not known.done()

    def update() -> None:
        if not known.done():
            html(f'<p role="status">{LOOKING.format(len(digits.labels))}</p>')
        elif waiting:
            st.rerun()  # without the clock
        else:
            html(
                _similar(answer, predict.predict_full(answer.image[None]).features, known.result())
            )

    st.fragment(update, run_every=EVERY if waiting else None)()


def _similar(answer: Answered, features: np.ndarray, known: explain.Reference) -> str:
    found = explain.neighbours(features, np.array([answer.digit]), known)
    tiles = [
        tile(
            picture(known.images[place] / 255, f"A training digit, {a_digit(int(label))}"),
            f'<span class="{"" if label == answer.digit else "dl-unlike"}">{label}</span>',
        )
        for place, label in zip(found.places[0], found.labels[0], strict=True)
    ]
    words = neighbours_in_words(found.labels[0], answer.digit, float(found.disagreement[0]))
    return (
        f'<div class="dl-similar"><p><b>The most similar of {len(known.labels):,} training '
        "digits</b>, with their labels</p>"
        f'{strip(tiles, "The most similar training digits")}<p role="status">{words}</p></div>'
    )


# In the background, so that a person can go on drawing meanwhile. The checksums are part of the
# key, so that a model trained again gets a reference of its own.
@st.cache_resource(max_entries=2, show_spinner=False)
def _reference(
    name: str,  # noqa: ARG001
    sha256: str,  # noqa: ARG001
    version: str,  # noqa: ARG001
    *,
    _predict_full: Callable[[np.ndarray], Prediction],
    _digits: Digits,
) -> Future[explain.Reference]:
    return _maker.submit(explain.reference, _predict_full, _digits.images, _digits.labels)
