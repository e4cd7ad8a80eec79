"""The person's own digit, which several pages use: drawn, or taken from an uploaded picture."""

import numpy as np
import streamlit as st

from ui.canvas import drawing, image_of

_UPLOADED = "uploaded_digit"  # session key: the digit of an uploaded picture


def own_digit() -> np.ndarray | None:
    """Return the digit that the person drew, or else uploaded last: float32 (28, 28) in [0, 1]."""
    drawn = image_of(drawing())
    return st.session_state.get(_UPLOADED) if drawn is None else drawn


def keep_digit(image: np.ndarray) -> None:
    """Keep a digit from an uploaded picture for other pages: float32 (28, 28) in [0, 1]."""
    st.session_state[_UPLOADED] = image
