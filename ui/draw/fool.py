"""Can you fool it? Make the network read one digit as another, with little ink."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.serving import Card, is_accepted
from ui.canvas import drawing, strokes_in
from ui.draw.digit import DrawnDigit
from ui.formats import a_digit, percent
from ui.model_choice import predictor
from ui.pictures import picture, strip, tile
from ui.style import html

FOOL = "fool"  # the expander's key; its value is whether it is open
PAIR = "fool_pair"  # the choice's key; its value is a key of PAIRS
# What people call it, and what the network is to say.
PAIRS = {f"{mine} as {target}": (mine, target) for mine, target in ((3, 8), (4, 9), (1, 7), (5, 6))}
INTRO = (
    "Draw a digit that people would call {mine}, and that `{name}` reads as {target}. Nobody "
    "checks the first part: you say what people would call it, so be honest. The network is asked "
    "without what you taught it, and it must take the drawing for a digit."
)
POINTS = (
    "**Points** are the confidence in percent, divided by the ink. Ink is the length of all "
    "strokes; 1 is the longer side of the drawing, so small drawings have no advantage."
)
_BEST = "fool_best"  # session key: the best of each pair


@dataclass(frozen=True)
class Attempt:
    """A drawing that is to fool a network, and what it says.

    Attributes
    ----------
    image : float32 (28, 28) in [0, 1]
    model : its name
    digit : what it says
    confidence : of the digit that it is to say, in [0, 1]
    accepted : whether it takes the drawing for a digit
    ink : length of the strokes, of 1 for the longer side of the drawing
    """

    image: np.ndarray
    model: str
    digit: int
    confidence: float
    accepted: bool
    ink: float

    @property
    def points(self) -> int:
        """The score."""
        return round(100 * self.confidence / max(self.ink, 1.0))


def show_fool(answer: DrawnDigit | None, card: Card | None) -> None:
    """Offer the challenge; nothing is computed while it is closed.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    place = st.expander(
        "Can you fool it?", key=FOOL, icon=":material/theater_comedy:", on_change="rerun"
    )
    if not place.open:
        return
    with place:
        if not card:
            st.write("There is no model to fool.")
            return
        chosen = st.segmented_control(
            "The challenge",
            list(PAIRS),
            default=next(iter(PAIRS)),
            required=True,
            key=PAIR,
            label_visibility="collapsed",
            persist_state="session",
        )
        mine, target = pair = PAIRS[chosen]
        st.write(INTRO.format(mine=a_digit(mine), target=a_digit(target), name=card.name))
        attempt = _attempt(answer, card, target)
        best = _best()[pair].points if pair in _best() else 0
        words = f" Your best: {best} points." if best else ""
        html(f'<p role="status">{_verdict(attempt, mine, target)}{words}</p>')
        with st.container(key="fool_claim"):
            st.button(
                f"People would call this {a_digit(mine)}",
                key="fool_keep",
                icon=":material/how_to_reg:",
                disabled=not attempt or not _fooled(attempt, target) or attempt.points <= best,
                on_click=_keep,
                args=(pair, attempt),
            )
        st.caption(POINTS)
        _show_best()


def ink_of(strokes: list[np.ndarray]) -> float:
    """Return the length of strokes (n, 2), of 1 for the longer side of the box around them."""
    length = sum(float(np.linalg.norm(np.diff(one, axis=0), axis=1).sum()) for one in strokes)
    points = np.concatenate(strokes)
    return length / max(float(np.ptp(points, axis=0).max()), 1.0)


def _attempt(answer: DrawnDigit | None, card: Card, target: int) -> Attempt | None:
    if not answer or answer.is_too_little:
        return None
    predict = predictor(card)
    found = predict.predict_full(answer.image[None])
    probabilities = found.probabilities[0]
    return Attempt(
        answer.image,
        card.name,
        int(probabilities.argmax()),
        float(probabilities[target]),
        bool(is_accepted(float(found.is_digit[0]), predict.rejection_threshold)),
        ink_of([stroke.points for stroke in strokes_in(drawing())]),
    )


def _fooled(attempt: Attempt, target: int) -> bool:
    return attempt.accepted and attempt.digit == target


def _verdict(attempt: Attempt | None, mine: int, target: int) -> str:
    """Say how far the network is fooled."""
    if attempt is None:
        return f"Draw {a_digit(mine)} that looks a little like {a_digit(target)}."
    if not attempt.accepted:
        return "Not fooled: it says that this does not look like a digit."
    if attempt.digit != target:
        return (
            f"Not fooled yet: it reads {a_digit(attempt.digit)}, and {a_digit(target)} with "
            f"{percent(attempt.confidence)}."
        )
    return (
        f"<b>It says {target}</b>, {percent(attempt.confidence)} sure, with {attempt.ink:.1f} ink: "
        f"<b>{attempt.points} points</b>."
    )


def _keep(pair: tuple[int, int], attempt: Attempt) -> None:
    """Keep an attempt as the best of its pair."""
    st.session_state[_BEST] = {**_best(), pair: attempt}


def _best() -> dict[tuple[int, int], Attempt]:
    return st.session_state.get(_BEST, {})


def _show_best() -> None:
    best = _best()
    if not best:
        return
    st.markdown("**Your best of this visit**")
    tiles = [
        tile(
            picture(one.image, f"{a_digit(mine)}, said to be by a person".capitalize()),
            f"<b>{mine} as {target}</b><span>{one.points} points</span>"
            f"<small>{percent(one.confidence)}, ink {one.ink:.1f}</small>"
            f"<small>{one.model}</small>",
        )
        for (mine, target), one in best.items()
    ]
    with st.container(key="fool_best"):
        html(strip(tiles, "Your best drawings of this visit"))
    st.button("Delete them", key="fool_delete", icon=":material/delete:", on_click=_delete)


def _delete() -> None:
    st.session_state.pop(_BEST, None)
