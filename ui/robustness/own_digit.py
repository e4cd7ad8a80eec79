"""The person's own digit, corrupted, and the severity at which the answer to it changes."""

import hashlib
from dataclasses import replace

import numpy as np
import streamlit as st

from mnist_core.corruptions import corrupt, title
from mnist_core.evaluation import robustness
from mnist_core.evaluation.measurements import Point
from mnist_core.serving import Card, Predictor, is_accepted
from ui.formats import percent
from ui.measured import Condition, point_of
from ui.own_digit import own_digit
from ui.pictures import picture, strip, tile
from ui.style import html
from ui.taught import show_used, taught_predictor, version_of
from ui.threshold import threshold_of

UNLIKE = "To the model it does not look like a digit. "
STEPS = 50  # severities at which the answer is computed
SHOWN = (0, 10, 20, 30, 40, 50)  # of these, in the strip


def show_own_digit(card: Card, condition: Condition) -> None:
    """Show the own digit at this severity, and how much corruption it takes to change the answer.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    image = own_digit()
    if image is None:
        st.write(
            "Draw a digit, or upload a picture of a single one, to see here how much corruption it "
            "takes to change the answer."
        )
        st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
        st.page_link("pages/upload.py", label="Upload pictures", icon=":material/upload_file:")
        return
    predict = taught_predictor(card)
    corrupted = _corrupted(image, condition, condition.severity)
    prediction = predict.predict_full(corrupted[None])
    probabilities = prediction.probabilities[0]
    accepted = is_accepted(prediction.is_digit[0], threshold_of(predict))
    digit = int(probabilities.argmax())
    breaks, digits = _breaking_point(
        point_of(card, replace(condition, severity=1.0)),
        hashlib.sha256(image.tobytes() + version_of(card).encode()).hexdigest(),
        _image=image,
        _predict=predict,
    )
    left, right = st.columns([2, 7], gap="medium", vertical_alignment="center")
    with left:
        html(
            '<div class="dl-figure">'
            + picture(corrupted, "Your digit, corrupted at this severity", style="dl-seen")
            + "</div>"
        )
    with right, st.container(key="robustness_own"):
        kept = digit == digits[0]
        html(
            f'<p role="status">At severity {condition.severity:g} your digit is read as '
            f"<b>{digit}</b> ({percent(float(probabilities[digit]))} sure), "
            f"{'as without corruption' if kept else f'without corruption as <b>{digits[0]}</b>'}. "
            f"{'' if accepted else UNLIKE}{_in_words(breaks, digits, condition.corruption)}</p>"
        )
        html(_strip(image, condition, digits, breaks))
    show_used(card, "All other figures are of the model as it is stored.")


def _in_words(breaks: float | None, digits: list[int], corruption: str) -> str:
    name = title(corruption)
    if breaks is None:
        return f"<b>Breaking point: none.</b> No severity of “{name}” changes the answer."
    changed = digits[round(breaks * STEPS)]
    return (
        f"<b>Breaking point: {breaks:.2f}</b>, the severity of “{name}” at which the answer first "
        f"changes, to {changed}."
    )


def _strip(image: np.ndarray, condition: Condition, digits: list[int], breaks: float | None) -> str:
    steps = sorted(set(SHOWN) | (set() if breaks is None else {round(breaks * STEPS)}))
    tiles = [
        tile(
            picture(_corrupted(image, condition, step / STEPS), f"Severity {step / STEPS:.2f}"),
            f"<span>{digits[step]}</span><small>{step / STEPS:.2f}</small>",
        )
        for step in steps
    ]
    return strip(tiles, "Your digit at increasing severities, with the answers")


def _corrupted(image: np.ndarray, condition: Condition, severity: float) -> np.ndarray:
    return corrupt(image[None], condition.corruption, severity, seed=condition.seed)[0]


@st.cache_data(max_entries=200, show_spinner=False)
def _breaking_point(
    end: Point,
    checksum: str,  # noqa: ARG001 - part of the cache's key
    *,
    _image: np.ndarray,
    _predict: Predictor,
) -> tuple[float | None, list[int]]:
    """Classify `_image` up to `end`: see `robustness.breaking_point`.

    Parameters
    ----------
    checksum : of the image and of what the predictor was taught
    """
    breaks, digits = robustness.breaking_point(
        _predict, _image, end.corruption, seed=end.seed, steps=STEPS
    )
    return breaks, digits.tolist()
