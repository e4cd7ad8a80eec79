"""What a training will cost in time and memory, and what makes it fit."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from mnist_core import runs
from mnist_core.networks import architectures_for
from mnist_core.runs import Status
from mnist_core.training.config import RECIPES, TrainingConfig
from ui.session import workspace
from ui.training.draft import FROM_RECIPE, SETTINGS, Draft, fill_in, key
from ui.training.formats import count, duration_range, memory, number
from ui.training.words import label_of

# What takes less memory, in the order in which it is offered.
SMALLER: tuple[dict[str, Any], ...] = (
    {"batch_size": 128},
    {"batch_size": 32},
    {"synthetic_digits": 0},
    *({"architecture": name} for name in architectures_for("classification")),
)
OFFERED = 3
COMPLAINTS = 2  # beside the button at most; each stands at its widget too


def alive_runs() -> list[Status]:
    """Return the trainings that run or wait for their turn."""
    return [run for run in runs.list_runs(workspace=workspace()) if run.alive]


def fits(configs: Sequence[TrainingConfig], free: int) -> bool:
    """Return whether each of these trainings fits into so many bytes of memory."""
    return all(runs.memory_needed(config) <= free for config in configs)


def show_cost(draft: Draft, others: Sequence[Status], free: int, *, obstacle: str) -> None:
    """Show what the training will cost, or what is in its way."""
    config = draft.config
    if not config:
        st.error(f"Not ready to start. {_complaints(draft)}", icon=":material/error:")
        return
    if obstacle:
        st.markdown(obstacle)
        return
    needed = runs.memory_needed(config)
    if needed > free:
        st.warning(
            f"This training needs about {memory(needed)} of memory, but only {memory(free)} are "
            "free, so it cannot start.",
            icon=":material/memory:",
        )
        return
    low, high = runs.estimate(config, workspace=workspace())
    minutes = runs.minutes_at_most()
    parts = [f"**{config.name}** will take **{duration_range(low, high)}**."]
    if minutes and high > 60 * minutes:
        parts.append(f"It stops after {number(minutes)} minutes, the time limit here.")
    if others:
        parts.append(f"Queued behind {count(len(others), 'training')}.")
    st.markdown(" ".join(parts))
    st.caption(f"It needs {memory(needed)} of {memory(free)} free memory.")


def show_smaller(config: TrainingConfig, free: int) -> None:
    """Show buttons for changes after which a training fits into so many bytes of memory."""
    offers = []
    for change in SMALLER:
        needed = runs.memory_needed(_changed(config, change))
        if needed < runs.memory_needed(config) and needed <= free:
            offers.append((change, needed))
    if not offers:
        st.caption(
            "No training fits here right now. Close other programs, or train on another computer "
            "with the command above."
        )
        st.button("Check again", key="training_check_again", icon=":material/refresh:")
        return
    st.caption("Any of these changes makes it fit:")
    with st.container(horizontal=True, key="training_smaller"):
        for place, (change, needed) in enumerate(offers[:OFFERED]):
            st.button(
                f"{_change_in_words(change)} ({memory(needed)})",
                key=f"training_smaller_{place}",
                on_click=_apply,
                args=(change,),
            )


def _complaints(draft: Draft) -> str:
    """Say what is wrong; of many complaints the first two, so that the bar stays low."""
    labels: dict[str, list[str]] = {}  # by complaint: two settings may not go together
    for setting, complaint in draft.complaints.items():
        labels.setdefault(complaint, []).append(label_of(setting))
    texts = [f"**{', '.join(names)}**: {complaint}" for complaint, names in labels.items()]
    rest = len(texts) - COMPLAINTS
    more = [f"{rest} more {'is' if rest == 1 else 'are'} marked ⚠ above."] if rest > 0 else []
    return " ".join([*texts[:COMPLAINTS], *more])


def _changed(config: TrainingConfig, change: dict[str, Any]) -> TrainingConfig:
    """Return the training after `_apply`."""
    if "architecture" not in change:
        return replace(config, **change)
    kept = {name: getattr(config, name) for name in SETTINGS if name not in FROM_RECIPE}
    return replace(RECIPES[change["architecture"]], **kept | change)


def _change_in_words(change: dict[str, Any]) -> str:
    ((setting, value),) = change.items()
    return value if setting == "architecture" else f"{label_of(setting)}: {number(value)}"


def _apply(change: dict[str, Any]) -> None:
    st.session_state.update({key(setting): value for setting, value in change.items()})
    if "architecture" in change:
        fill_in()
