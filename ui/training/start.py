"""The start of a training: its cost, whether it fits, and the buttons that start it."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mnist_core import runs
from mnist_core.config import MAX_WAITING
from mnist_core.errors import RunError
from mnist_core.training.config import RECIPES, TrainingConfig
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.session import workspace
from ui.training.actions import DOUBLE_CLICK
from ui.training.compare import TITLE, compare
from ui.training.draft import (
    FILLED,
    SETTINGS,
    Draft,
    fill_in,
    free_name,
    key,
    name_is_used,
    number,
)
from ui.training.facts import show_command_of
from ui.training.words import count, label_of

# What was started last, why the rest was refused, and the settings when that was told first.
_OUTCOME = "training_outcome"
_STARTED_AT = "training_started_at"
GIGABYTE = 1e9
# Lengths of time: up to so many seconds, so many of them make a unit, told to so many.
UNITS = ((120, 1, "seconds", 10), (7200, 60, "minutes", 1), (172_800, 3600, "hours", 1))
DAYS = (86_400, "days", 1)
# What takes less memory, in the order in which it is offered.
SMALLER = (
    {"batch_size": 128},
    {"batch_size": 32},
    {"synthetic_digits": 0},
    *({"architecture": name} for name in RECIPES),
)
OFFERED = 3
COMPLAINTS = 2  # told beside the button at most; each is told at its widget too
FIRST_CURES = ("class-weights", "balanced-softmax")


def show_start(draft: Draft, *, hindrance: str) -> None:
    """The estimate and the button, always in sight.

    Parameters
    ----------
    draft : Draft
    hindrance : why no training can be started here at all; empty if one can
    """
    others = [run for run in runs.list_runs(workspace=workspace()) if run.alive]
    free = runs.memory_for_another(others)
    config = draft.config
    fits = not config or runs.memory_needed(config) <= free
    with st.container(key="training_launch"):
        told, button = st.columns([5, 2], vertical_alignment="center")
        with button:
            pressed = st.button(
                "Start training",
                key="training_start",
                type="primary",
                icon=":material/play_arrow:",
                width="stretch",
                disabled=not (config and fits) or bool(hindrance),
            )
        with told:
            _tell(draft, free, others, hindrance)
        if pressed and config:
            _start([config])
        if config and not fits:
            _offer_smaller(config, free)
        _tell_outcome(draft, others)


def offer_comparison(draft: Draft, *, hindrance: str) -> None:
    """Start the same training several times: without rebalancing, and with each chosen method."""
    st.header("Compare rebalancing methods")
    if draft.values["imbalance"] == "none":
        st.caption(
            "Choose an imbalance above; then one click here trains on the same images with "
            "several rebalancing methods, and without."
        )
        return
    st.caption(
        "One click trains on the same images without rebalancing and with each method chosen here. "
        f"“{TITLE}”, further down, then shows how well each model classifies the rare digits."
    )
    if key("cures") not in st.session_state:
        st.session_state[key("cures")] = list(FIRST_CURES)
    cures = st.multiselect(
        "Rebalancing methods",
        [name for name in REBALANCING_METHODS if name != "none"],
        key=key("cures"),
        format_func=lambda name: REBALANCING_METHODS[name].title,
        placeholder="Choose methods",
        persist_state="session",
    )
    for cure in cures:
        st.caption(f"**{REBALANCING_METHODS[cure].title}**: {REBALANCING_METHODS[cure].summary}")
    others = [run for run in runs.list_runs(workspace=workspace()) if run.alive]
    places = max(MAX_WAITING + 1 - len(others), 0)
    configs = compared(draft.config, cures) if draft.config else []
    fits = not configs or max(map(runs.memory_needed, configs)) <= runs.memory_for_another(others)
    names = ", ".join(f"**{config.name}**" for config in configs)
    st.caption(
        f"{len(cures) + 1} trainings, one after the other{_time_of(configs)}. {_room(places)}"
        + (f" Their names: {names}." if names else "")
    )
    if st.button(
        "Train and compare",
        key="training_compare_cures",
        icon=":material/playlist_play:",
        disabled=not (configs and cures and fits and len(configs) <= places) or bool(hindrance),
    ):
        _start(configs)
    if hindrance:
        st.caption(hindrance)


def show_command(draft: Draft) -> None:
    """The command line that does the same."""
    with st.expander("The same on the command line", icon=":material/terminal:"):
        if draft.config:
            show_command_of(draft.config)
            st.caption(
                "Run it in the project's folder. Settings that it leaves out keep their defaults."
            )
        else:
            st.caption("Appears here as soon as all settings are valid.")


def compared(config: TrainingConfig, cures: Sequence[str]) -> list[TrainingConfig]:
    """The training without rebalancing, and with each of these methods; each with its own name."""
    return [
        replace(
            config,
            name=free_name(f"{config.name[: 40 - len(cure)].rstrip('-')}-{cure}"),
            rebalancing=cure,
            strength=config.strength if cure == config.rebalancing else 1.0,
        )
        for cure in ("none", *cures)
    ]


def time_in_words(low: float, high: float) -> str:
    """A range of seconds for people: (190, 290) is "about 3 to 5 minutes"."""
    _, size, unit, step = next((u for u in UNITS if high < u[0]), (0, *DAYS))
    first, last = (max(round(time / size / step) * step, step) for time in (low, high))
    if first == last:
        return f"about {last} {unit if last > 1 else unit.removesuffix('s')}"
    return f"about {first} to {last} {unit}"


def memory_in_words(count: float) -> str:
    return f"{count / GIGABYTE:.1f} GB"


def _tell(draft: Draft, free: int, others: Sequence[runs.Status], hindrance: str) -> None:
    """What the training will cost, or what stands in its way."""
    config = draft.config
    if not config:
        st.error(f"Not ready to start. {_complaints(draft)}", icon=":material/error:")
        return
    needed = runs.memory_needed(config)
    if hindrance:
        st.markdown(hindrance)
        return
    if needed > free:
        st.warning(
            f"This training needs about {memory_in_words(needed)} of memory, but only "
            f"{memory_in_words(free)} are free, so it cannot start.",
            icon=":material/memory:",
        )
        return
    queue = ""
    if others:
        queue = f" Queued behind {count(len(others), 'training')}."
    low, high = runs.estimate(config, workspace=workspace())
    minutes = runs.minutes_at_most()
    limit = ""
    if minutes and high > 60 * minutes:
        limit = f" It stops after {number(minutes)} minutes, the time limit here."
    st.markdown(f"**{config.name}** will take **{time_in_words(low, high)}**.{limit}{queue}")
    st.caption(f"It needs {memory_in_words(needed)} of {memory_in_words(free)} free memory.")


def _complaints(draft: Draft) -> str:
    """What is wrong with the settings; of many complaints the first, so that the bar stays low."""
    told = [f"**{label_of(name)}**: {text}" for name, text in draft.complaints.items()]
    rest = len(told) - COMPLAINTS
    more = [f"{rest} more {'is' if rest == 1 else 'are'} marked ⚠ above."] if rest > 0 else []
    return " ".join([*told[:COMPLAINTS], *more])


def _offer_smaller(config: TrainingConfig, free: int) -> None:
    """Buttons for changes after which the training fits."""
    offers = []
    for change in SMALLER:
        smaller = _changed(config, change)
        needed = runs.memory_needed(smaller)
        if needed < runs.memory_needed(config) and needed <= free:
            offers.append((change, needed))
    if not offers:
        st.caption(
            "No training fits here right now. Close other programs, or train on another computer "
            "with the command above."
        )
        st.button("Check again", key="training_look_again", icon=":material/refresh:")
        return
    st.caption("Any of these changes makes it fit:")
    with st.container(horizontal=True, key="training_smaller"):
        for place, (change, needed) in enumerate(offers[:OFFERED]):
            st.button(
                f"{_change_in_words(change)} ({memory_in_words(needed)})",
                key=f"training_smaller_{place}",
                on_click=_apply,
                args=(change,),
            )


def _changed(config: TrainingConfig, change: dict) -> TrainingConfig:
    """The training after `_apply`."""
    if "architecture" not in change:
        return replace(config, **change)
    kept = {name: getattr(config, name) for name in SETTINGS if name not in FILLED}
    return replace(RECIPES[change["architecture"]], **kept | change)


def _change_in_words(change: dict) -> str:
    ((setting, value),) = change.items()
    if setting == "architecture":
        return value
    return f"{label_of(setting)}: {number(value)}"


def _apply(change: dict) -> None:
    st.session_state.update({key(setting): value for setting, value in change.items()})
    if "architecture" in change:
        fill_in()


def _start(configs: Sequence[TrainingConfig]) -> None:
    """Start trainings in order, until one is refused; then run the page again."""
    state = st.session_state
    if time.monotonic() - state.get(_STARTED_AT, -math.inf) < DOUBLE_CLICK:
        return
    started, refused = [], ""
    for config in configs:
        try:
            runs.start(config, workspace=workspace())
            started.append(config.name)
        except RunError as error:
            refused = str(error)
            break
    if started:
        name_is_used(state[key("name")])
        state[_STARTED_AT] = time.monotonic()
    if len(started) > 1:
        compare(started)
    state[_OUTCOME] = started, refused, None
    st.rerun()


def _tell_outcome(draft: Draft, others: Sequence[runs.Status]) -> None:
    """What the last click on a button has started, until it ends or the settings change."""
    started, refused, values = st.session_state.get(_OUTCOME) or ([], "", None)
    if values not in (None, draft.values):
        return
    st.session_state[_OUTCOME] = started, refused, draft.values
    alive = [run.name for run in others if run.name in started]
    if alive:
        st.success(
            f"Started: {', '.join(sorted(alive, key=started.index))}. "
            f"[Watch {'it' if len(alive) == 1 else 'them'} learn](#train-a-model)",
            icon=":material/check_circle:",
        )
    if refused and (started or draft.config):  # else the settings themselves are complained of
        rest = "The rest could not be started. " if started else ""
        st.error(rest + refused, icon=":material/error:")


def _room(places: int) -> str:
    most = MAX_WAITING + 1
    if places <= 0:
        return f"{most} trainings are running or queued already: wait until one has ended."
    return f"At most {most} can run or wait at a time, so you can start {places} now."


def _time_of(configs: Sequence[TrainingConfig]) -> str:
    if not configs:
        return ""
    low, high = (sum(times) for times in zip(*map(runs.estimate, configs), strict=True))
    return f", {time_in_words(low, high)} in total"
