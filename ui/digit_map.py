"""Where the person's digit lies among test digits, in two dimensions."""

import base64
import json
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.data import local_copy
from mnist_core.errors import DataError, ModelError
from mnist_core.serving import DIGIT_MAP, Card, DigitMap, Located, load_card, load_digit_map
from mnist_core.serving.digit_map import STEPS
from mnist_core.workspace import Workspace
from ui.components import component_of
from ui.explained import neighbours_in_words
from ui.mnist import tested
from ui.pictures import png, source
from ui.session import workspace
from ui.style import html

TITLE = "Where your digit lies"
WORDS = (
    "Each dot is one of {:,} test digits. Those that {} finds alike lie together; × marks those "
    "that it misreads. {} Point at a dot to see its digit."
)
STAR = "The star is your digit, tied to the five test digits most like it."
NO_STAR = "Draw a digit to see where it lies."
WANTED = "The dots' digits are shown once MNIST is on this computer."
NO_MAP = (
    "{0} has no map of digits yet. This command makes one, with scikit-learn, in a minute: "
    "`python -m mnist_core export --map --model {0}`"
)
KEY = "digit_map"
POINTED = "digit_map_pointed"  # session key: the dot that is pointed at
_HTML = """
<div class="dl-map-of-digits"><canvas role="img"></canvas>
<div class="dl-tip" aria-hidden="true" hidden><img alt=""><span></span></div></div>
"""


def show_digit_map(card: Card, features: np.ndarray | None, digit: int | None = None) -> None:
    """Show a model's map of digits, or say how to make one.

    Parameters
    ----------
    features : float32 (1, k), of the person's digit as the model sees it; None if there is none
    digit : the answer to it

    Raises
    ------
    ModelError : the map is damaged
    """
    if DIGIT_MAP not in card.files:
        st.write(NO_MAP.format(card.name))
        return
    known = _map(card.name, card.files[DIGIT_MAP]["sha256"], workspace())
    located = None if features is None else known.locate(features)

    def update() -> None:
        _show(card, known, located)

    st.fragment(update)()  # pointing at a dot runs this alone
    html(f'<p role="status">{in_words(known, located, digit)}</p>')


def in_words(known: DigitMap, located: Located | None, digit: int | None) -> str:
    """Say where a digit lies; empty if there is none."""
    if located is None or digit is None:
        return ""
    labels = known.labels[located.nearest[0]].tolist()
    return neighbours_in_words(labels, digit, -1.0, kind="test digits")


def _show(card: Card, known: DigitMap, located: Located | None) -> None:
    tip, problem = _tip(known)
    problem = problem or ("" if local_copy() else WANTED)
    seen = WORDS.format(len(known), card.name, STAR if located else NO_STAR)
    html(f'<p class="dl-note">{" ".join(filter(None, (seen, problem)))}</p>')
    view = {
        "points": _points(known),
        "star": located.points[0].tolist() if located else None,
        "near": located.nearest[0].tolist() if located else [],
        "pictures": not problem,
        "tip": tip,
        "alt": f"A map of {len(known):,} test digits, those together that are alike",
    }

    def take() -> None:
        st.session_state[POINTED] = getattr(st.session_state.get(KEY), "pointed", None)

    component_of(__file__, "digit-map", _HTML)(
        data={"view": json.dumps(view)}, key=KEY, on_pointed_change=take
    )


def _tip(known: DigitMap) -> tuple[dict[str, Any] | None, str]:
    """Return the picture of the dot that is pointed at, or why there is none.

    MNIST is not read before somebody points at a dot.
    """
    pointed = st.session_state.get(POINTED)
    if type(pointed) is not int or not 0 <= pointed < len(known):  # browsers can send anything
        return None, ""
    try:
        digits = tested()
    except DataError as error:
        return None, error.in_public
    if digits is None:
        return None, WANTED
    image = digits.images[known.places[pointed]] / 255
    return {"index": pointed, "picture": source(png(image))}, ""


def _points(known: DigitMap) -> str:
    """Return what the browser draws: coordinates, labels and answers, as base64."""
    points = np.round(known.points * STEPS).astype("<u2").tobytes()
    return base64.b64encode(points + known.labels.tobytes() + known.answers.tobytes()).decode()


# The checksum is part of the key, so that a map made again replaces the one in memory.
@st.cache_resource(max_entries=4, show_spinner=False)
def _map(name: str, sha256: str, folders: Workspace) -> DigitMap:  # noqa: ARG001
    known = load_digit_map(load_card(name, workspace=folders), workspace=folders)
    if known is None:
        raise ModelError(f"The model {name} was replaced; reload the page.")
    return known
