"""One drawn digit: the network's answer to it, and the answer on the page."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from mnist_core.serving import Card, is_accepted
from ui.canvas import DIGIT, NUMBER, as_seen, drawing, put, strokes_in
from ui.formats import a_digit, in_words, percent, ranked
from ui.pictures import bars, picture
from ui.style import html
from ui.taught import taught_predictor
from ui.threshold import threshold_of

if TYPE_CHECKING:
    from mnist_core.pictures.postcard import Told

HINT = "Draw one digit, 0 to 9, in the box."
SEEN = (
    "Your drawing as 28 × 28 pixels, prepared like the digits it was trained on (MNIST): centred, "
    "scaled to one size, with all lines equally thick."
)
REJECTED = "This does not look like a digit"
SEVERAL = ("More than one digit?", "This canvas reads one.")
TOO_LITTLE = ("Too little to read", "Draw it larger, or with a thinner pen.")


@dataclass(frozen=True)
class DrawnDigit:
    """A drawing as the network sees it, and the network's answer.

    Attributes
    ----------
    probabilities : of the ten digits
    image : float32 (28, 28) in [0, 1], white on black
    accepted : whether it looks enough like a digit
    is_too_little : whether it is a mere dab of the pen, which is not accepted
    side_by_side : how many digits stand there, each with blank paper around it
    """

    probabilities: tuple[float, ...]
    image: np.ndarray
    accepted: bool = True
    is_too_little: bool = False
    side_by_side: int = 1

    @property
    def ranked(self) -> list[int]:
        """The ten digits, the most likely first."""
        return ranked(self.probabilities)

    @property
    def digit(self) -> int:
        """The most likely digit."""
        return self.ranked[0]

    @property
    def confidence(self) -> float:
        """The probability of that digit."""
        return self.probabilities[self.digit]

    @property
    def words(self) -> str:
        """How sure the answer is."""
        if self.is_too_little:
            return TOO_LITTLE[0]
        if self.side_by_side > 1:
            return SEVERAL[0]
        return in_words(self.probabilities) if self.accepted else REJECTED

    @property
    def hint(self) -> str:
        """What else there is to say about it."""
        if self.is_too_little:
            return TOO_LITTLE[1]
        if self.side_by_side > 1 and self.accepted:
            return f"As one digit: {a_digit(self.digit)}, {percent(self.confidence)}"
        if self.accepted:
            return f"Confidence {percent(self.confidence)}"
        if self.side_by_side > 1:
            return SEVERAL[1]
        return most_likely(self.digit)


def recognise(drawing: dict[str, Any] | None, card: Card | None) -> DrawnDigit | None:
    """Recognise a drawn digit; None if there is nothing on the canvas, or no model.

    Raises
    ------
    ModelError : the model cannot be loaded
    PictureError : the drawing is not one of the canvas
    """
    strokes = strokes_in(drawing)
    if not card or not strokes:
        return None
    from mnist_core.pictures.extent import is_too_little, side_by_side

    parts = side_by_side(strokes)
    images = [as_seen(strokes), *map(as_seen, parts if len(parts) > 1 else ())]
    predict = taught_predictor(card)
    prediction = predict.predict_full(np.stack(images))
    little, threshold = is_too_little(strokes), threshold_of(predict)
    accepted, *each = (is_accepted(one, threshold) for one in prediction.is_digit)
    return DrawnDigit(
        tuple(map(float, prediction.probabilities[0])),
        images[0],
        accepted and not little,
        little,
        len(parts) if all(each) and not little else 1,
    )


def prepare(card: Card | None) -> None:
    """Load what the first stroke will need, and use it once; afterwards this takes 1 ms.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    if card:
        from mnist_core.pictures.strokes import from_canvas, to_image

        stroke = {"type": "Path", "path": [["M", 0, 0], ["L", 9, 9]]}
        taught_predictor(card)(to_image(from_canvas({"objects": [stroke]}))[None])


def show_answer(answer: DrawnDigit | None, blank: str = HINT) -> None:
    """Show the digit in large, how sure the network is, and the ten probabilities.

    A drawing that does not look like a digit gets no digit in large.

    Parameters
    ----------
    blank : what is said while nothing is drawn
    """
    digit, words, hint = "", "", blank
    if answer:
        words, hint = answer.words, answer.hint
        digit = str(answer.digit) if answer.accepted else ""
    with st.container(horizontal=True, vertical_alignment="center", key="draw_told"):
        with st.container(key="draw_answer", width=104):
            html(f'<div class="dl-digit" role="status" aria-live="polite">{digit}</div>')
        html(
            '<div class="dl-words" role="status" aria-live="polite">'
            f"<strong>{words}</strong><span>{hint}</span></div>"
        )
    _offer_number(answer)
    html(_bars(answer))


def told_of(answer: DrawnDigit | None, card: Card | None) -> "Told | None":
    """Return what the page says about a drawing; None if nothing is drawn."""
    from mnist_core.pictures.postcard import Told

    if not answer or not card:
        return None
    digit = str(answer.digit) if answer.accepted else ""
    return Told(digit, answer.words, answer.hint, card.name)


def show_seen(answer: DrawnDigit | None) -> None:
    """Show the image that the network sees, and say why it looks different."""
    seen = '<div class="dl-seen"></div>'
    if answer:
        seen = picture(
            answer.image,
            "The image that the network sees: your digit in white on black, centred, 28 by 28 "
            "pixels",
            style="dl-seen",
        )
    html(f'<div class="dl-figure">{seen}<p><b>What the network sees.</b> {SEEN}</p></div>')


def most_likely(digit: int) -> str:
    """Say what a rejected shape would be if it were a digit."""
    return f"If it is a digit, it is most likely {a_digit(digit)}."


def _offer_number(answer: DrawnDigit | None) -> None:
    """Offer to read digits that stand side by side as a number, on the wide canvas."""
    if answer and answer.side_by_side > 1:
        st.button(
            "Read as a number",
            key="draw_as_number",
            icon=":material/arrow_forward:",
            on_click=_read_as_number,
        )


def _read_as_number() -> None:
    """Take the drawing to the middle of the wide canvas."""
    aside = (np.array(NUMBER.size) - np.array(DIGIT.size)) / 2
    strokes = strokes_in(drawing())
    put([stroke._replace(points=stroke.points + aside) for stroke in strokes], NUMBER)


def _bars(answer: DrawnDigit | None) -> str:
    if not answer or answer.is_too_little:
        why = TOO_LITTLE[0].lower() if answer else "nothing drawn yet"
        return bars((0.0,) * 10, ("",) * 10, f"Probability of each digit: {why}")
    shares = (f"{digit} {percent(answer.probabilities[digit])}" for digit in answer.ranked)
    return bars(
        answer.probabilities,
        [percent(share) for share in answer.probabilities],
        f"Probability of each digit: {', '.join(shares)}",
        marked=(answer.digit,) if answer.accepted else (),
        style="" if answer.accepted else "dl-dim",
    )
