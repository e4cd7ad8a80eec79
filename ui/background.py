"""Parts of a page that fill in while their points are measured in the background."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import Failed, Point
from ui.errors import in_public
from ui.measured import measurements

EVERY = 1.0  # seconds between two updates
_VISITOR = "visitor"


@dataclass(frozen=True)
class Section:
    """A part of a page that shows measured points."""

    name: str
    points: Sequence[Point]  # the most important first
    draw: Callable[[dict[Point, Measured]], None]  # shows those that are known so far
    urgency: int  # sections with a lower one are measured first


def background(section: Section) -> None:
    """Show a section, again every second as long as one of its points is missing."""
    unfinished = bool(_missing(section))

    def update() -> None:
        missing = _missing(section)
        found = measurements()  # once: Streamlit's cache takes longer than an answer of it
        if missing:
            visitor = st.session_state.setdefault(_VISITOR, uuid.uuid4().hex)
            found.request((visitor, section.name), missing, urgency=section.urgency)
        elif unfinished:
            st.rerun()  # without the clock
        outcomes = {point: found.known(point) for point in section.points}
        _show_failures(outcomes.values())
        section.draw({p: known for p, known in outcomes.items() if isinstance(known, Measured)})

    st.fragment(update, run_every=EVERY if unfinished else None)()


def _missing(section: Section) -> list[Point]:
    found = measurements()
    return [point for point in section.points if found.known(point) is None]


def _show_failures(outcomes: Iterable[Measured | Failed | None]) -> None:
    """Say why points could not be measured, each reason once."""
    reasons = {in_public(o.error) for o in outcomes if isinstance(o, Failed)}
    for reason in sorted(reasons):
        st.error(f"Some of this could not be measured: {reason}", icon=":material/error:")
