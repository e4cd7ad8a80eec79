"""What a first visitor sees: what this is, and what to try."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import streamlit as st

from ui.draw.played import offer_to_play
from ui.frame import SENTENCE


@dataclass(frozen=True)
class Suggestion:
    """A link to a page in a state that shows something.

    Attributes
    ----------
    label, icon : of the link
    page : its file, in the folder of the project
    asked : what its address says besides
    """

    label: str
    icon: str
    page: str
    asked: Mapping[str, str] = field(default_factory=dict)


def show_welcome() -> None:
    """Show the sentence and the suggestions, above the canvas."""
    with st.container(key="draw_welcome"):
        st.markdown(f"{SENTENCE} Draw one, or try this:")
        with st.container(horizontal=True, vertical_alignment="center", key="draw_suggestions"):
            offer_to_play()
            for suggestion in SUGGESTIONS:
                st.page_link(
                    suggestion.page,
                    label=suggestion.label,
                    icon=suggestion.icon,
                    query_params=dict(suggestion.asked),
                )


SUGGESTIONS = (
    Suggestion(
        "Read a form",
        ":material/description:",
        "pages/upload.py",
        {"example": "form"},
    ),
    Suggestion(
        "Add noise",
        ":material/grain:",
        "pages/robustness.py",
        {
            "corruption": "salt_and_pepper",
            "severity": "0.7",
            "models": "digit-net,dense-five",
        },
    ),
    Suggestion(
        "Watch one learn",
        ":material/bolt:",
        "pages/training.py",
        {"preset": "quick"},
    ),
    Suggestion("Compare all models", ":material/table_chart:", "pages/models.py"),
)
