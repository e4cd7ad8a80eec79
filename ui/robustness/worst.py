"""Which corruptions hurt a model most, at first sight: what is known, and nothing measured."""

import streamlit as st

from mnist_core.corruptions import CORRUPTIONS, title
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


def show_worst(card: Card, seed: int) -> None:
    """Show buttons for the corruptions that hurt most on their own, or one that measures all."""
    hardest = find_hardest(card, seed)
    with st.container(horizontal=True, vertical_alignment="center", key="robustness_worst"):
        if not hardest:
            st.markdown(UNKNOWN.format(f"`{card.name}`"), width="content")
            st.button(
                "Measure all corruptions",
                key="robustness_measure_all",
                icon=":material/table_chart:",
                on_click=open_tab,
                args=(TAB, TABS["all"]),
            )
            return
        st.markdown(f"What hurts `{card.name}` most:", width="content")
        for name, accuracy in hardest[:MOST]:
            st.button(
                title(name),
                key=f"robustness_worst_{name}",
                help=f"At severity {max(SEVERITIES):g} it still classifies {percent(accuracy)} "
                "correctly.",
                on_click=_choose,
                args=(name,),
            )


def find_hardest(card: Card, seed: int) -> list[tuple[str, float]]:
    """Return the single corruptions, the most harmful first; none unless all were measured.

    Returns
    -------
    list of (corruption, accuracy at the highest severity)
    """
    known, found = measurements().known, []
    for name in CORRUPTIONS:
        outcome = known(point_of(card, Condition(name, max(SEVERITIES), seed)))
        if not isinstance(outcome, Measured):
            return []
        found.append((name, outcome.report["accuracy"]))
    return sorted(found, key=lambda pair: pair[1])


def _choose(corruption: str) -> None:
    """Show a corruption at its most severe, as the person could with the controls."""
    state = st.session_state
    state[SETTINGS["corruption"].key], state[SETTINGS["severity"].key] = corruption, 1.0
