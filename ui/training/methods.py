"""One click that trains with several rebalancing methods, to compare them."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from mnist_core import runs
from mnist_core.config import MAX_WAITING
from mnist_core.training.config import TrainingConfig
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.session import workspace
from ui.training.cost import alive_runs, fits
from ui.training.draft import Draft, key
from ui.training.formats import count, duration_range
from ui.training.names import LONGEST, free_name
from ui.training.start import start
from ui.training.words import COMPARISON

INITIAL = ("class-weights", "balanced-softmax")
AT_MOST = MAX_WAITING + 1  # trainings at a time: one that runs, the others wait


def show_methods(draft: Draft, *, obstacle: str) -> None:
    """Show the choice of methods and the button that starts them all.

    Parameters
    ----------
    draft : the settings
    obstacle : why no training can be started here at all; empty if one can
    """
    st.header("Compare rebalancing methods")
    if draft.values["imbalance"] == "none":
        st.caption(
            "Choose an imbalance above; then one click here trains on the same images with "
            "several rebalancing methods, and without rebalancing."
        )
        return
    st.caption(
        "One click trains on the same images without rebalancing and with each method chosen here. "
        f"“{COMPARISON}”, in the tab Results, then shows how well each model classifies the rare "
        "digits."
    )
    if key("methods") not in st.session_state:
        st.session_state[key("methods")] = list(INITIAL)
    methods = st.multiselect(
        "Rebalancing methods",
        [name for name in REBALANCING_METHODS if name != "none"],
        key=key("methods"),
        format_func=lambda name: REBALANCING_METHODS[name].title,
        placeholder="Choose methods",
        persist_state="session",
    )
    for name in methods:
        st.caption(f"**{REBALANCING_METHODS[name].title}**: {REBALANCING_METHODS[name].summary}")
    others = alive_runs()
    places = max(AT_MOST - len(others), 0)
    configs = with_methods(draft.config, methods) if draft.config else []
    names = ", ".join(f"**{config.name}**" for config in configs)
    st.caption(
        f"{count(len(methods) + 1, 'training')}, one after the other{_time_of(configs)}. "
        f"{_room(places)}" + (f" Their names: {names}." if names else "")
    )
    fitting = len(configs) <= places and fits(configs, runs.memory_for_another(others))
    if st.button(
        "Train and compare",
        key="training_compare_methods",
        icon=":material/playlist_play:",
        disabled=not (configs and methods and fitting) or bool(obstacle),
    ):
        start(configs)
    if obstacle:
        st.caption(obstacle)


def with_methods(config: TrainingConfig, methods: Sequence[str]) -> list[TrainingConfig]:
    """Return the training without rebalancing, and with each method; each with its own name."""
    return [
        replace(
            config,
            name=free_name(f"{config.name[: LONGEST - 1 - len(method)].rstrip('-')}-{method}"),
            rebalancing=method,
            strength=config.strength if method == config.rebalancing else 1.0,
        )
        for method in ("none", *methods)
    ]


def _room(places: int) -> str:
    if places <= 0:
        return f"{AT_MOST} trainings are running or queued already: wait until one has ended."
    return f"At most {AT_MOST} can run or wait at a time, so you can start {places} now."


def _time_of(configs: Sequence[TrainingConfig]) -> str:
    if not configs:
        return ""
    ranges = [runs.estimate(config, workspace=workspace()) for config in configs]
    low, high = (sum(ends) for ends in zip(*ranges, strict=True))
    return f", {duration_range(low, high)} in total"
