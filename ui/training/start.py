"""The button that starts a training, its cost beside it, and the outcome of the last click."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from mnist_core import runs
from mnist_core.errors import DataError, RunError
from mnist_core.runs import Status
from mnist_core.training.config import TrainingConfig
from ui.session import note_ownership, person, workspace
from ui.training.cost import alive_runs, fits, show_cost, show_smaller
from ui.training.draft import Draft, key, note_name_used, presets_applied
from ui.training.feedback import is_second_click, note_click
from ui.training.fine_tuning import handwriting
from ui.training.presets import take_start
from ui.training.selection import compare_next
from ui.training.tabs import LIVE, open_next

_OUTCOME = "training_outcome"
_CLICK = "start"


@dataclass(frozen=True)
class Outcome:
    """What the last click on a start button led to."""

    started: tuple[str, ...] = ()
    refusal: str = ""  # why the rest was not started
    values: dict[str, Any] | None = None  # the settings when it was shown first


def show_start(draft: Draft, *, obstacle: str) -> None:
    """Show the cost and the button, always in sight.

    Parameters
    ----------
    draft : the settings
    obstacle : why no training can be started here at all; empty if one can
    """
    others = alive_runs()
    free = runs.memory_for_another(others)
    config = draft.config
    fitting = not config or fits([config], free)
    with st.container(key="training_launch"):
        words, button = st.columns([5, 2], vertical_alignment="center")
        with button:
            pressed = _start_button(disabled=not (config and fitting) or bool(obstacle))
        if (take_start() or pressed) and config and fitting and not obstacle:
            start([config])
        with words:
            show_cost(draft, others, free, obstacle=obstacle)
        if config and not fitting:
            show_smaller(config, free)
        _show_outcome(draft, others)


def _start_button(*, disabled: bool) -> bool:
    """Show the button, and return whether it was pressed.

    After each preset it is another one: a click on the one that the browser showed beside the
    settings before starts nothing, least of all these.
    """
    number = presets_applied()
    place = st.container(key="training_start") if number else st.container()
    return place.button(
        "Start training",
        key=f"training_start_{number}" if number else "training_start",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=disabled,
    )


def start(configs: Sequence[TrainingConfig]) -> None:
    """Start trainings in order, until one is refused; then run the page again."""
    if is_second_click(_CLICK):
        return
    started, refusal = [], ""
    for config in configs:
        try:
            runs.start(config, workspace=workspace(), by=person(), **handwriting(config))
            started.append(config.name)
        except (RunError, DataError) as error:
            refusal = str(error)
            break
    if started:
        note_ownership()
        note_name_used(st.session_state[key("name")])
        note_click(_CLICK)
    if started and not refusal:
        open_next(LIVE)
    if len(started) > 1:
        compare_next(started)
    st.session_state[_OUTCOME] = Outcome(tuple(started), refusal)
    st.rerun()


def _show_outcome(draft: Draft, others: Sequence[Status]) -> None:
    """Show what the last click has started, until it ends or the settings change."""
    outcome = st.session_state.get(_OUTCOME, Outcome())
    if outcome.values not in (None, draft.values):
        return
    st.session_state[_OUTCOME] = replace(outcome, values=draft.values)
    alive = [run for run in others if run.name in outcome.started]
    for word, queued in (("Started", False), ("Queued", True)):
        names = [run.name for run in alive if bool(run.queued_behind) is queued]
        if names:
            st.success(
                f"{word}: {', '.join(sorted(names, key=outcome.started.index))}. The tab Live "
                f"shows {'it' if len(names) == 1 else 'them'}.",
                icon=":material/schedule:" if queued else ":material/check_circle:",
            )
    if outcome.refusal and (outcome.started or draft.config):  # else the settings are complained of
        rest = "The rest could not be started. " if outcome.started else ""
        st.error(rest + outcome.refusal, icon=":material/error:")
