"""The confusion matrix: which digits get mixed up, and the images behind each cell."""

from typing import Any

import numpy as np
import streamlit as st

from mnist_core.evaluation.in_flight import Measured
from ui.measured import Condition, corrupted
from ui.mnist import require_test_set
from ui.pictures import picture, strip, tile, verdict
from ui.style import html

TRUE, READ = "confusion_true", "confusion_read"  # the cell's row and column
CHART = "confusion_chart"
CLICKED = "confusion_clicked"  # the cell that was clicked last
SHOWN = 20  # images at most
CELL = 27  # pixels
SIZE = 368  # its width is set in style.css, as far as there is room
ACCENT = "40, 150, 220"  # a blue that shows on a light page and on a dark one
EXPLAINED = (
    "Each row is a true digit, each column an answer of {model}. The diagonal counts correct "
    "answers, every other cell a mix-up. Choose a cell to see its images."
)


@st.fragment
def show_confusion(here: Measured, condition: Condition, model: str = "") -> None:
    """Show the matrix, the choice of a cell and the images that it counts.

    Parameters
    ----------
    model : its name, where the page is about several
    """
    counts = np.array(here.report["confusion"])
    st.write(EXPLAINED.format(model=f"`{model}`" if model else "the model"))
    left, right = st.columns([5, 6], gap="medium")
    with left, st.container(key="confusion_place"):
        st.plotly_chart(
            _figure(counts),
            key=CHART,
            config={"displayModeBar": False},
            on_select=take_cell,
            selection_mode="points",
            alt=f"Confusion matrix. {_worst(counts)}",
        )
    with right:
        row, column = st.columns(2)
        written = row.selectbox("True digit", range(10), key=TRUE, persist_state="session")
        read = column.selectbox("Model's answer", range(10), key=READ, persist_state="session")
        show_images(here, condition, written, read)
        st.caption(_worst(counts))


def choose_first(here: Measured) -> None:
    """Begin with the most frequent mix-up."""
    if TRUE not in st.session_state or READ not in st.session_state:
        (written, read), *_ = _mix_ups(np.array(here.report["confusion"]))
        st.session_state[TRUE], st.session_state[READ] = written, read


def take_cell() -> None:
    """Choose the row and column of the cell that was clicked."""
    state = st.session_state
    if points := state[CHART].selection.points:
        state[CLICKED] = points[0]["customdata"][:2]
    # To the chart a second click on a cell undoes the first one; here it means the cell again.
    if CLICKED in state:
        state[TRUE], state[READ] = state[CLICKED]


def show_images(here: Measured, condition: Condition, written: int, read: int) -> None:
    """Show images of one digit that were classified as another, or correctly."""
    data = require_test_set()
    found = np.flatnonzero((data.labels == written) & (here.digits == read))
    first = [int(index) for index in found[:SHOWN]]
    kind = "corrupted " if condition.severity else ""
    tiles = [
        tile(picture(image, f"A {kind}{written}"), verdict(read, written))
        for image in corrupted(data, first, condition)
    ]
    count = f"{len(found):,} images" if len(found) != 1 else "1 image"
    more = f", the first {SHOWN} of them" if len(found) > SHOWN else ""
    html(
        f'<div class="dl-confused" role="status"><p><b>{count}</b> of {written} classified as '
        f"{read}{more}</p>{strip(tiles, f'Images of {written} classified as {read}')}</div>"
    )


def _mix_ups(counts: np.ndarray) -> list[tuple[int, int]]:
    """Return pairs (written, read) of different digits, the most frequent first."""
    pairs = [(w, r) for w in range(10) for r in range(10) if w != r]
    return sorted(pairs, key=lambda pair: -counts[pair])


def _worst(counts: np.ndarray) -> str:
    worst = [pair for pair in _mix_ups(counts)[:3] if counts[pair]]
    pairs = ", ".join(f"{w} mistaken for {r} ({counts[w, r]} times)" for w, r in worst)
    return f"The most frequent mix-ups: {pairs}." if pairs else "There are no mix-ups."


def _figure(counts: np.ndarray) -> dict[str, Any]:
    """Draw the cells as square markers: Streamlit gets no clicks on a heat map of Plotly's."""
    written, read = (axis.ravel() for axis in np.indices(counts.shape))
    shares = (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)).ravel()
    right = written == read
    # Mix-ups are few beside correct answers: their square root tells them apart.
    strengths = np.where(right, 0.0, np.minimum(1.1 * np.sqrt(shares), 0.65))
    colours = [f"rgba({ACCENT}, {0.05 + strength:.3f})" for strength in strengths]
    lines = [f"rgba({ACCENT}, {0.9 if diagonal else 0:.2f})" for diagonal in right]
    cells = {
        "type": "scatter",
        "mode": "markers+text",
        "x": read.tolist(),
        "y": written.tolist(),
        "text": [str(count) if count else "" for count in counts.ravel()],
        "textfont": {"size": 11},  # its colour follows the theme, see style.css
        "customdata": [[int(w), int(r)] for w, r in zip(written, read, strict=True)],
        "marker": {
            "symbol": "square",
            "size": CELL,
            "color": colours,
            "opacity": 1,
            "line": {"width": 1.5, "color": lines},
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "hovertemplate": "%{y} classified as %{x}: %{text}<extra></extra>",
        "showlegend": False,
    }
    axis = {"dtick": 1, "showgrid": False, "zeroline": False, "fixedrange": True}
    return {
        "data": [cells],
        "layout": {
            "height": SIZE,
            "margin": {"l": 8, "r": 4, "t": 4, "b": 8},
            "dragmode": False,
            "xaxis": {**axis, "title": {"text": "Model's answer"}, "range": [-0.55, 9.55]},
            "yaxis": {**axis, "title": {"text": "True digit"}, "range": [9.55, -0.55]},
        },
    }
