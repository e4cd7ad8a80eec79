"""From a drawing to a reading, and the reading as people see it."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.serving import Card
from ui.canvas import image_of
from ui.formats import a_digit, in_words, percent, ranked
from ui.model_choice import predictor
from ui.pictures import bars, picture
from ui.style import html
from ui.threshold import threshold_of

HINT = "Draw one digit, 0 to 9, in the box."
SEEN = (
    "Your drawing on 28 × 28 pixels, made to look like the digits it learned from (MNIST): "
    "centred, scaled to one size, all lines equally thick."
)
REJECTED = "This does not look like a digit"


@dataclass(frozen=True)
class Reading:
    """What the network says about one drawing."""

    probabilities: tuple[float, ...]
    image: np.ndarray  # float32 (28, 28) in [0, 1]
    accepted: bool = True  # it looks enough like a digit

    @property
    def ranked(self) -> list[int]:
        """The ten digits, the likeliest first."""
        return ranked(self.probabilities)

    @property
    def digit(self) -> int:
        return self.ranked[0]

    @property
    def confidence(self) -> float:
        return self.probabilities[self.digit]

    @property
    def words(self) -> str:
        return in_words(self.probabilities) if self.accepted else REJECTED

    @property
    def hint(self) -> str:
        """What else there is to say of it."""
        if self.accepted:
            return f"Confidence {percent(self.confidence)}"
        return most_likely(self)


def read(drawing: dict | None, card: Card | None) -> Reading | None:
    """Read a drawing; None if there is nothing on the canvas, or no model.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    image = image_of(drawing)
    if not card or image is None:
        return None
    predict = predictor(card)
    seen = predict.predict_full(image[None])
    accepted = bool(seen.is_digit[0] >= threshold_of(predict))
    return Reading(tuple(map(float, seen.probabilities[0])), image, accepted)


def warm(card: Card | None) -> None:
    """Load what the first stroke will need, and use it once; afterwards this takes 1 ms.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    if card:
        from mnist_core.pictures.strokes import from_canvas, to_image

        stroke = {"type": "Path", "path": [["M", 0, 0], ["L", 9, 9]]}
        predictor(card)(to_image(from_canvas({"objects": [stroke]}))[None])


def show_answer(reading: Reading | None) -> None:
    """The digit in large, how sure the network is, and the ten probabilities.

    What does not look like a digit gets no digit in large.
    """
    digit, words, hint = "", "", HINT
    if reading:
        words, hint = reading.words, reading.hint
        digit = reading.digit if reading.accepted else ""
    with st.container(horizontal=True, vertical_alignment="center", key="draw_told"):
        with st.container(key="draw_answer", width=104):
            html(f'<div class="dl-digit" role="status" aria-live="polite">{digit}</div>')
        html(
            '<div class="dl-words" role="status" aria-live="polite">'
            f"<strong>{words}</strong><span>{hint}</span></div>"
        )
    html(_bars(reading))


def show_seen(reading: Reading | None) -> None:
    """The image that the network sees, and why it looks different."""
    seen = '<div class="dl-seen"></div>'
    if reading:
        seen = picture(
            reading.image,
            "The image that the network sees: your digit in white on black, centred, 28 by 28 "
            "pixels",
            style="dl-seen",
        )
    html(f'<div class="dl-figure">{seen}<p><b>What the network sees.</b> {SEEN}</p></div>')


def most_likely(reading) -> str:
    """What something would be if it were a digit, given its `digit`."""
    return f"If it is one, it is most likely {a_digit(reading.digit)}."


def _bars(reading: Reading | None) -> str:
    if not reading:
        return bars((0.0,) * 10, ("",) * 10, "Probability of each digit: nothing drawn yet")
    shares = (f"{digit} {percent(reading.probabilities[digit])}" for digit in reading.ranked)
    return bars(
        reading.probabilities,
        [percent(share) for share in reading.probabilities],
        f"Probability of each digit: {', '.join(shares)}",
        marked=(reading.digit,) if reading.accepted else (),
        style="" if reading.accepted else "dl-dim",
    )
