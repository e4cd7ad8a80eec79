"""The three tabs of the training page, of which one is open."""

from streamlit.delta_generator import DeltaGenerator

from mnist_core import runs
from ui import tabs
from ui.session import workspace

SET_UP, LIVE, RESULTS = "Set up", "Live", "Results"
TABS = {"set-up": SET_UP, "live": LIVE, "results": RESULTS}  # by name, as the address has it
TAB = "training_tab"  # the session key of the open one's title


def show_tabs() -> tuple[str, DeltaGenerator]:
    """Show the tabs, and return the open one's title and the place of what it shows.

    At first that of a training that is running is open, else that of the settings.
    """
    name, place = tabs.show_tabs(TABS, TAB, first=_first)
    return TABS[name], place


def open_next(tab: str) -> None:
    """Open this tab when the page runs next."""
    tabs.open_next(TAB, tab)


def _first() -> str:
    alive = any(status.alive for status in runs.list_runs(workspace=workspace()))
    return "live" if alive else "set-up"
