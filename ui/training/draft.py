"""The settings that a person has chosen so far: kept across pages, checked as they are typed."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

import streamlit as st

from mnist_core import serving
from mnist_core.config import CLASSES, DEFAULT_MODEL, check_name
from mnist_core.data import TRAIN_COUNTS, imbalance
from mnist_core.errors import InvalidValueError
from mnist_core.training import dataset
from mnist_core.training.config import LIMITS, RECIPES, TrainingConfig
from ui.model_choice import models
from ui.session import workspace

# In a browser people wait for it: a few minutes on a small machine.
EPOCHS, SHORT = 5, {"digit-net": 3, "lenet-two": 3}
FIRST = {  # of what no recipe fills in
    "architecture": DEFAULT_MODEL,
    "share": 1.0,
    "seed": 0,
    "rebalancing": "none",
    "strength": 1.0,
    "profile": "none",
    "rare": CLASSES // 2,
    "ratio": 100.0,
    **{f"count_{digit}": count for digit, count in enumerate(imbalance.FIXED)},
}
SETTINGS = tuple(field.name for field in fields(TrainingConfig))
FILLED = tuple(name for name in SETTINGS if name not in ("name", "imbalance", *FIRST))
_PROPOSED = "training_proposed"  # the name that was proposed last, or has just been used
_USED = "training_used"  # the name that was used last; a browser may send it once more


@dataclass(frozen=True)
class Draft:
    """The settings as they stand.

    Attributes
    ----------
    values : by setting, right or wrong
    complaints : by setting, what is wrong with it, for people
    config : TrainingConfig, None if there are complaints
    """

    values: dict
    complaints: dict[str, str]
    config: TrainingConfig | None


def key(setting: str) -> str:
    """The session key of a setting, which is its widget's too."""
    return f"train_{setting}"


def read_draft() -> Draft:
    """Read the settings before their widgets are drawn; at a first visit, make them up."""
    state = st.session_state
    if key("architecture") not in state:
        state.update({key(setting): value for setting, value in FIRST.items()})
        fill_in()
    name = state[key("name")]
    if name in (state.get(_PROPOSED), state.get(_USED)) and problem_of_name(name):
        propose_name(name)
    if state[key("start")] not in beginnings(state[key("architecture")]):
        state[key("start")] = ""  # that model was deleted
    values = {name: state[key(name)] for name in SETTINGS if name != "imbalance"}
    return check(values | {"imbalance": _profile(state)})


def fill_in() -> None:
    """Take over the settings of the chosen architecture's recipe, but for a shorter training."""
    state = st.session_state
    architecture = state[key("architecture")]
    state.update({key(field): getattr(RECIPES[architecture], field) for field in FILLED})
    state[key("epochs")] = SHORT.get(architecture, EPOCHS)
    # A short training wants many steps; the recipe of digit-net is a long one in large batches.
    state[key("batch_size")] = min(state[key("batch_size")], TrainingConfig.batch_size)
    state[key("non_digits")] = TrainingConfig.non_digits  # a recipe may take minutes for more
    # A list, as its widget has it.
    state[key("corruption_families")] = list(RECIPES[architecture].corruption_families)
    if state.get(key("name")) == state.get(_PROPOSED):
        propose_name(f"my-{architecture}")


def beginnings(architecture: str) -> list[str]:
    """What a network can begin with: nothing, or the weights of a model of the same shape."""
    return ["", *(card.name for card in models() if card.architecture == architecture)]


def propose_name(name: str) -> None:
    """Put a free name that resembles this one into the field of the name."""
    st.session_state[key("name")] = st.session_state[_PROPOSED] = free_name(name)


def name_is_used(name: str) -> None:
    """Propose another name from now on, since a training was started under this one."""
    st.session_state[_PROPOSED] = st.session_state[_USED] = name


def free_name(name: str) -> str:
    """A name that neither a model nor a training has: itself, or with the first free number."""
    stem, number, free = re.sub(r"-\d+$", "", name), 1, name
    while _is_taken(free):
        number += 1
        end = f"-{number}"
        free = stem[: 41 - len(end)] + end
    return free


def problem_of_name(name: str) -> str:
    """Why a training cannot have this name; empty if it can."""
    try:
        check_name(name)
    except ValueError:
        return (
            f"{'This is not a valid name.' if name else 'Enter a name.'} Use 1 to 41 lowercase "
            "letters, digits and hyphens, starting with a letter or digit."
        )
    if serving.is_shipped(name):
        return f"{name} comes with the app. {free_name(f'my-{name}')} is free."
    if _is_taken(name):
        return f"There is already a model or training called {name}. {free_name(name)} is free."
    return ""


def check(values: dict) -> Draft:
    """Find out what is wrong with settings."""
    complaints = {field: _complaint(field, value) for field, value in values.items()}
    complaints = {field: told for field, told in complaints.items() if told}
    if not values["corruption_families"]:
        values = values | {"corrupted_share": RECIPES[values["architecture"]].corrupted_share}
    if complaints:
        return Draft(values, complaints, None)
    try:
        config = TrainingConfig(**values)
    except InvalidValueError as error:  # settings that do not go together
        return Draft(values, dict.fromkeys(error.names, str(error)), None)
    try:
        dataset.class_counts(config, TRAIN_COUNTS)
    except ValueError as error:
        return Draft(values, {"imbalance": str(error)}, None)
    return Draft(values, {}, config)


def counts_of(draft: Draft) -> list[int]:
    """How many images of each digit there will be.

    Raises
    ------
    ValueError : there are not that many, or the profile cannot be
    """
    if "imbalance" in draft.complaints:
        raise ValueError(draft.complaints["imbalance"])
    values = {field: draft.values[field] for field in ("architecture", "share", "imbalance")}
    config = TrainingConfig(name="preview", **values)
    return dataset.class_counts(config, TRAIN_COUNTS).tolist()


def number(value: float) -> str:
    """A number for people: 4,294,967,295 and 0.001."""
    if value % 1 == 0 and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:.7f}".rstrip("0") if 1e-7 <= abs(value) < 1 else f"{value:g}"


def _complaint(field: str, value: object) -> str:
    if field == "name":
        return problem_of_name(value)
    if value is None and field == "imbalance":
        return "A number is missing: enter one."
    if value is None:
        return "Enter a number."
    if field in LIMITS:
        low, high = LIMITS[field]
        if not (math.isfinite(value) and low <= value <= high):
            return (
                f"Enter a number from {number(low)} to {number(high)} instead of {number(value)}."
            )
    try:
        TrainingConfig(**{"name": "draft", "architecture": DEFAULT_MODEL, field: value})
    except ValueError as error:
        return str(error)
    return ""


def _profile(state: Mapping) -> str | None:
    """The profile of imbalance as it is written, None if one of its numbers is empty."""
    name = state[key("profile")]
    numbers = {
        "step": (state[key("rare")] / CLASSES, state[key("ratio")]),
        "long-tail": (state[key("ratio")],),
        "counts": tuple(state[key(f"count_{digit}")] for digit in range(CLASSES)),
    }.get(name, ())
    if None in numbers:
        return None
    told = [repr(number) if number % 1 else str(int(number)) for number in numbers]
    return f"{name}:{','.join(told)}" if name == "counts" else ":".join([name, *told])


def _is_taken(name: str) -> bool:
    return serving.is_shipped(name) or any(
        (folder / name).exists() for folder in (workspace().models, workspace().runs)
    )
