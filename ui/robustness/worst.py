"""Which corruptions hurt a model most, at first sight: what is known, and nothing measured."""

from collections.abc import Iterable

import streamlit as st

from mnist_core.corruptions import COMBINATIONS, CORRUPTIONS, title
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.robustness import SEVERITIES
from mnist_core.serving import Card
from ui.formats import percent
from ui.measured import Condition, measurements, point_of
from ui.robustness.choice import SETTINGS
from ui.robustness.tabs import TAB, TABS
from ui.tabs import open_tab

MOST = 3  # of them
UNKNOWN = "Which corruption hurts {} most?"
SINGLE = (
    "What hurts {} most of all single corruptions, with its accuracy at severity "
    f"{max(SEVERITIES):g}:"
)
COMBINED = "and of all combinations:"


def show_worst(card: Card, seed: int) -> None:
    """Show buttons for the corruptions that hurt most, or one that measures all.

    The single ones come first, each with the accuracy that it leaves, then the worst combination.
    """
    hardest, name = find_hardest(card, seed, CORRUPTIONS), f"`{card.name}`"
    with st.container(horizontal=True, vertical_alignment="center", key="robustness_worst"):
        if not hardest:
            st.markdown(UNKNOWN.format(name), width="content")
            st.button(
                "Measure all corruptions",
                key="robustness_measure_all",
                icon=":material/table_chart:",
                on_click=open_tab,
                args=(TAB, TABS["all"]),
            )
            return
        st.markdown(SINGLE.format(name), width="content")
        for found in hardest[:MOST]:
            _show_button(*found)
        if combined := find_hardest(card, seed, COMBINATIONS):
            st.markdown(COMBINED, width="content")
            _show_button(*combined[0])


def find_hardest(card: Card, seed: int, corruptions: Iterable[str]) -> list[tuple[str, float]]:
    """Return these corruptions, the most harmful first; none unless all were measured.

    Returns
    -------
    list of (corruption, accuracy at the highest severity)
    """
    known, found = measurements().known, []
    for name in corruptions:
        outcome = known(point_of(card, Condition(name, max(SEVERITIES), seed)))
        if not isinstance(outcome, Measured):
            return []
        found.append((name, outcome.report["accuracy"]))
    return sorted(found, key=lambda pair: pair[1])


def _show_button(corruption: str, accuracy: float) -> None:
    st.button(
        f"{title(corruption)} {percent(accuracy)}",
        key=f"robustness_worst_{corruption}",
        help=f"At severity {max(SEVERITIES):g} {percent(accuracy)} of the test images are still "
        "classified correctly.",
        on_click=_choose,
        args=(corruption,),
    )


def _choose(corruption: str) -> None:
    """Show a corruption at its most severe, as the person could with the controls."""
    state = st.session_state
    state[SETTINGS["corruption"].key], state[SETTINGS["severity"].key] = corruption, 1.0
