"""The settings that a person has chosen so far: kept across pages, checked as they are typed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import streamlit as st

from mnist_core.config import CLASSES, DEFAULT_MODEL
from mnist_core.data import TRAIN_COUNTS, imbalance
from mnist_core.errors import InvalidValueError
from mnist_core.networks import ARCHITECTURES
from mnist_core.training import dataset
from mnist_core.training.config import LIMITS, RECIPES, TrainingConfig
from ui.giving import is_teaching_allowed
from ui.model_choice import models
from ui.taught import taught_digits
from ui.training.formats import number
from ui.training.names import free_name, problem_of

INITIAL = {  # the settings that no recipe fills in
    "architecture": DEFAULT_MODEL,
    "share": 1.0,
    "seed": 0,
    "own": False,  # whether what was taught joins the training images
    "given": False,  # whether what people gave does
    "rebalancing": "none",
    "strength": 1.0,
    "profile": "none",
    "rare": CLASSES // 2,
    "ratio": 100.0,
    **{f"count_{digit}": count for digit, count in enumerate(imbalance.FIXED)},
}
SETTINGS = tuple(field.name for field in fields(TrainingConfig))
COMPUTED = ("imbalance", "own_digits")  # from other widgets
FROM_RECIPE = tuple(name for name in SETTINGS if name not in (*COMPUTED, "name", *INITIAL))
_PROPOSED = "training_proposed"  # the name that was proposed last, or has just been used
_FILLED = "training_filled_in"  # the architecture whose recipe was filled in last
_USED = "training_used"  # the name that was used last; a browser may send it once more
_REPLACED = "training_replaced"  # see `_Replaced`
_PRESETS = "training_presets_applied"  # how many, in this visit
SHOWN = ("architecture", "name", "epochs", "share")  # whose widgets are always on the page


@dataclass(frozen=True)
class Draft:
    """The settings as they stand.

    Attributes
    ----------
    values : by setting, valid or not
    complaints : by setting, what is wrong with it, for people
    config : None if there are complaints
    """

    values: dict[str, Any]
    complaints: dict[str, str]
    config: TrainingConfig | None


@dataclass(frozen=True)
class _Replaced:
    """The settings that a preset has just replaced, and its own; of both those in SHOWN and more.

    Until a browser has shown a preset's settings, its messages report those before it: as people
    click at once, or as the page asks for news of trainings by itself.
    """

    before: dict[str, Any]
    after: dict[str, Any]

    def is_reported(self, now: Mapping[str, Any]) -> bool:
        """Return whether a browser reports what was before; one setting alone may be a choice."""
        changed = [name for name in SHOWN if self.before[name] != self.after[name]]
        return len(changed) > 1 and all(now[name] == self.before[name] for name in changed)


def key(setting: str) -> str:
    """Return the session key of a setting, which is its widget's too."""
    return f"train_{setting}"


def read_draft() -> Draft:
    """Read the settings before their widgets are drawn; at a first visit, fill them in."""
    state = st.session_state
    if key("architecture") not in state:
        state.update({key(setting): value for setting, value in INITIAL.items()})
        fill_in()
    keep_preset()
    name: str = state[key("name")]
    if name in (state.get(_PROPOSED), state.get(_USED)) and problem_of(name):
        propose_name(name)
    if state[key("start")] not in initial_models(state[key("architecture")]):
        state[key("start")] = ""  # that model was deleted
    values = {name: state[key(name)] for name in SETTINGS if name not in COMPUTED}
    own = teachable_digits() if state[key("own")] else 0
    return check(values | {"imbalance": _profile(state), "own_digits": own})


def change_network() -> None:
    """Fill in the recipe of a network that was just chosen.

    A browser may report the network of a preset as a choice, once it has shown it, or the one
    before it: neither may take the preset's other settings away.
    """
    if not keep_preset() and st.session_state[key("architecture")] != st.session_state.get(_FILLED):
        fill_in()


def settings_now() -> dict[str, Any]:
    """Return the settings that a preset may change; None where they were never filled in."""
    names = (*INITIAL, *FROM_RECIPE, "name")
    return {name: st.session_state.get(key(name)) for name in names}


def note_preset(before: dict[str, Any]) -> None:
    """Remember that a preset has replaced these settings by those that there are now."""
    state = st.session_state
    state[_REPLACED] = _Replaced(before, settings_now())
    state[_PRESETS] = presets_applied() + 1


def presets_applied() -> int:
    """Return how many presets were applied in this visit."""
    return st.session_state.get(_PRESETS, 0)


def keep_preset() -> bool:
    """Undo a browser's late report of the settings before a preset; return whether it was one.

    Once somebody has changed a setting, there is no preset to keep any more.
    """
    state, now = st.session_state, settings_now()
    replaced: _Replaced | None = state.get(_REPLACED)
    if not replaced or all(now[name] == replaced.after[name] for name in SHOWN):
        return False
    if replaced.is_reported(now):
        state.update({key(name): value for name, value in replaced.after.items()})
        return True
    del state[_REPLACED]
    return False


def fill_in() -> None:
    """Take over the settings of the chosen architecture's recipe, but for a shorter training."""
    state = st.session_state
    architecture = state[_FILLED] = state[key("architecture")]
    recipe = RECIPES[architecture]
    state.update({key(field): getattr(recipe, field) for field in FROM_RECIPE})
    state[key("epochs")] = ARCHITECTURES[architecture].trial_epochs
    # A short training wants many steps; the recipe of digit-net is a long one in large batches.
    state[key("batch_size")] = min(state[key("batch_size")], TrainingConfig.batch_size)
    for setting in ("non_digits", "page_share"):  # what a recipe asks for may take minutes to make
        state[key(setting)] = getattr(TrainingConfig, setting)
    state[key("corruption_families")] = list(recipe.corruption_families)  # as its widget has it
    if state.get(key("name")) == state.get(_PROPOSED):
        propose_name(f"my-{architecture}")


def initial_models(architecture: str) -> list[str]:
    """Return the models whose weights a training can start from; first none, an empty name."""
    return ["", *(card.name for card in models() if card.architecture == architecture)]


def teachable_digits() -> int:
    """Return how many digits of this visit can join the training images."""
    return len(taught_digits()) if is_teaching_allowed() else 0


def note_name_used(name: str) -> None:
    """Propose another name from now on, since a training was started under this one."""
    st.session_state[_PROPOSED] = st.session_state[_USED] = name


def check(values: dict[str, Any]) -> Draft:
    """Find out what is wrong with settings, each by itself and then together."""
    complaints = {field: _complaint(field, value) for field, value in values.items()}
    complaints = {field: complaint for field, complaint in complaints.items() if complaint}
    if not values["corruption_families"]:
        values = values | {"corrupted_share": RECIPES[values["architecture"]].corrupted_share}
    if complaints:
        return Draft(values, complaints, None)
    try:
        config = TrainingConfig(**values)
    except InvalidValueError as error:  # settings that do not go together
        return Draft(values, dict.fromkeys(error.names or ("architecture",), str(error)), None)
    try:
        dataset.class_counts(config, TRAIN_COUNTS)
    except ValueError as error:
        return Draft(values, {"imbalance": str(error)}, None)
    return Draft(values, {}, config)


def counts_of(draft: Draft) -> list[int]:
    """Return how many images of each digit there will be.

    Raises
    ------
    InvalidValueError : there are not that many, or the profile is not valid
    """
    if "imbalance" in draft.complaints:
        raise InvalidValueError(draft.complaints["imbalance"], names=("imbalance",))
    values = {field: draft.values[field] for field in ("architecture", "share", "imbalance")}
    config = TrainingConfig(name="preview", **values)
    return dataset.class_counts(config, TRAIN_COUNTS).tolist()


def propose_name(name: str) -> None:
    """Put a free name that resembles this one into the field of the name."""
    st.session_state[key("name")] = st.session_state[_PROPOSED] = free_name(name)


def _complaint(field: str, value: object) -> str:
    """Explain what is wrong with one setting by itself; empty if nothing is."""
    if field == "name":
        return problem_of(str(value))
    if value is None and field == "imbalance":
        return "A number is missing: enter one."
    if value is None:
        return "Enter a number."
    if field in LIMITS and isinstance(value, int | float):
        low, high = LIMITS[field]
        if not (math.isfinite(value) and low <= value <= high):
            return (
                f"Enter a number from {number(low)} to {number(high)} instead of {number(value)}."
            )
    try:
        settings: dict[str, Any] = {"name": "draft", "architecture": DEFAULT_MODEL, field: value}
        TrainingConfig(**settings)
    except ValueError as error:
        return str(error)
    return ""


def _profile(state: Mapping[str | int, Any]) -> str | None:
    """Write the chosen imbalance as a setting has it; None if one of its numbers is empty."""
    name = state[key("profile")]
    numbers = {
        "step": (state[key("rare")] / CLASSES, state[key("ratio")]),
        "long-tail": (state[key("ratio")],),
        "counts": tuple(state[key(f"count_{digit}")] for digit in range(CLASSES)),
    }.get(name, ())
    if None in numbers:
        return None
    texts = [repr(value) if value % 1 else str(int(value)) for value in numbers]
    return f"{name}:{','.join(texts)}" if name == "counts" else ":".join([name, *texts])
