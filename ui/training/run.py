"""The current training, followed live, or how the last one ended."""

from collections.abc import Sequence

import streamlit as st

from mnist_core import runs
from mnist_core.runs import Status
from mnist_core.training.config import TrainingConfig
from ui.session import workspace
from ui.training import tabs
from ui.training.accuracy import has_curves
from ui.training.actions import show_resume, show_run_actions
from ui.training.curves import EXPLANATIONS, show_curves
from ui.training.feedback import NOW, show_feedback
from ui.training.first_layer import show_first_layer
from ui.training.mistakes import show_current_mistakes
from ui.training.progress import show_progress, show_waiting
from ui.training.selection import LIVE, show_result_next
from ui.training.status import history_of, published_card, show_end, show_run_errors

# Seconds between two updates: while a training runs, and while none does.
BUSY_SECONDS, IDLE_SECONDS = 1.0, 5.0
TROUBLE = ("failed", "interrupted")
# Session keys, of names: the trainings that were seen alive, and the one that ended last.
_ALIVE, _ENDED = "training_alive", "training_ended"


def show_run(*, shown: bool = True) -> None:
    """Show the current training, updated every second, or how the last one ended.

    Parameters
    ----------
    shown : if not, it only waits for the end of a training, whose result is then shown next
    """
    before = _alive_by_name(runs.list_runs(workspace=workspace()))
    live = any(before.values())
    st.session_state[LIVE] = False

    def update() -> None:
        now = runs.list_runs(workspace=workspace())
        _note_ends(now)
        if _alive_by_name(now) != before:  # here, on another page, or in the command line
            st.rerun()  # results show below, and the clock goes faster or slower
        if shown:
            with show_run_errors():
                _show(now, [status for status in reversed(now) if status.alive])

    st.fragment(update, run_every=BUSY_SECONDS if live else IDLE_SECONDS)()


def _alive_by_name(now: Sequence[Status]) -> dict[str, bool]:
    return {status.name: status.alive for status in now}


def _note_ends(now: Sequence[Status]) -> None:
    """Remember which trainings ended since the last update; the newest one's result shows."""
    state = st.session_state
    alive = {status.name for status in now if status.alive}
    ended = [s.name for s in now if s.name in state.get(_ALIVE, set()) - alive]
    state[_ALIVE] = alive
    for name in ended[:1]:
        state[_ENDED] = name
        show_result_next(name)


def _show(now: Sequence[Status], alive: Sequence[Status]) -> None:
    with st.container(key="training_status"):
        show_feedback(NOW)
        if ended := _last_ended(now, alive):
            _show_ended(ended)
        if not alive:
            if ended:
                _show_last_state(ended)
            else:
                _show_nothing(now)
            return
        working = next((s for s in alive if s.state not in runs.QUEUED), alive[0])
        show_progress(working)
        for waiting in alive:
            if waiting is not working:
                show_waiting(waiting)
    if working.config:
        show_first_layer(working.name, working.config.task)
        _show_curves(working, working.config)
        st.header("Current mistakes")
        show_current_mistakes(working.name)


def _last_ended(now: Sequence[Status], alive: Sequence[Status]) -> Status | None:
    """Return the training that ended while this page was open, or the newest if it failed."""
    seen = st.session_state.get(_ENDED)
    for status in now:
        trouble = status is now[0] and status.state in TROUBLE
        if not status.alive and (status.name == seen or trouble):
            return None if any(s.created > status.updated for s in alive) else status
    return None


def _show_ended(status: Status) -> None:
    card = published_card(status)
    show_end(status, card)
    with st.container(horizontal=True):
        if card or status.config:
            _offer("See its result", tabs.RESULTS, icon=":material/monitoring:", main=bool(card))
        if status.state not in TROUBLE:
            show_resume(status, NOW)
        _offer("Set up another", tabs.SET_UP, icon=":material/tune:")
    if status.state in TROUBLE:
        show_run_actions(status, NOW)


def _show_last_state(status: Status) -> None:
    """Show how the training that has just ended went, and what its first layer became."""
    if status.config and has_curves(status.name):
        if runs.first_layer(status.name, workspace=workspace()):
            show_first_layer(status.name, status.config.task)
        _show_curves(status, status.config)


def _show_curves(status: Status, config: TrainingConfig) -> None:
    st.session_state[LIVE] = True
    with st.container(key="training_curves"):
        steps = runs.steps(status.name, workspace=workspace())
        show_curves(config, history_of(status.name), steps, "training_now")
        st.caption(EXPLANATIONS[config.task])


def _show_nothing(now: Sequence[Status]) -> None:
    """Say that nothing goes on, and lead to what there is."""
    st.caption("No training is running.")
    with st.container(horizontal=True):
        _offer("Set one up", tabs.SET_UP, icon=":material/tune:", main=True)
        if now:
            _offer("See the results", tabs.RESULTS, icon=":material/monitoring:")


def _offer(label: str, tab: str, *, icon: str, main: bool = False) -> None:
    """Show a button that opens another tab; the whole page runs again for that."""
    kind = "primary" if main else "secondary"
    if st.button(label, key=f"training_to_{tab.lower()}".replace(" ", "_"), icon=icon, type=kind):
        tabs.open_next(tab)
        st.rerun()
