"""The controls of the robustness page, and the link that carries them."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mnist_core.corruptions import ALL_CORRUPTIONS, describe, family_title, title
from mnist_core.evaluation.robustness import family
from mnist_core.serving import Card
from ui.address import plain, write_address
from ui.measured import DEFAULT_SEVERITY, Condition
from ui.model_choice import models
from ui.session import has_just_entered
from ui.shell import went_back_or_forward

LARGEST_SEED = 999_999  # six digits
SEED = (
    "Corruptions are random. The same seed gives the same corrupted images, pixel by pixel, every "
    "time and for every model. Another seed gives other grains of noise, other drops, other angles."
)
SEVERITY = (
    "How strong the corruption is: 0 leaves the images unchanged, 1 is the strongest. The text "
    "below says what that means for this corruption."
)
_READ = "robustness_read"  # whether the link was read
_COMPLAINTS = "robustness_complaints"


@dataclass(frozen=True)
class Choice:
    """What the page shows."""

    condition: Condition
    others: tuple[str, ...]  # models to compare the chosen one with


@dataclass(frozen=True)
class Setting:
    """One part of the choice: its widget's key, and how the text in a link is read."""

    key: str
    default: Any
    read: Callable[[str], tuple[Any, str]]  # text -> (value, what is wrong with the text)


def choose(chosen: Card) -> Choice:
    """Show the controls, which follow the page's address."""
    _read_link(chosen)
    left, right, rest = st.columns([4, 5, 1.6], gap="medium", vertical_alignment="bottom")
    corruption = left.selectbox(
        "Corruption",
        ALL_CORRUPTIONS,
        key=SETTINGS["corruption"].key,
        format_func=label,
        on_change=_forget_complaints,
        persist_state="session",
        help="One corruption, or a combination of several, as in real photos.",
    )
    severity = right.slider(
        "Severity",
        min_value=0.0,
        max_value=1.0,
        step=0.05,
        format="%.4g",
        key=SETTINGS["severity"].key,
        on_change=_forget_complaints,
        persist_state="session",
        help=SEVERITY,
    )
    with rest.popover("Seed", icon=":material/tune:", width="stretch"):
        seed = st.number_input(
            "Seed",
            min_value=0,
            max_value=LARGEST_SEED,
            step=1,
            key=SETTINGS["seed"].key,
            on_change=_forget_complaints,
            persist_state="session",
        )
        st.caption(SEED)
    st.caption(describe(corruption))
    if complaints := st.session_state[_COMPLAINTS]:
        st.warning(
            f"Part of the link cannot be used. {' '.join(complaints)}", icon=":material/info:"
        )
    others = tuple(st.session_state[SETTINGS["models"].key])
    return Choice(Condition(corruption, float(severity), int(seed)), others)


def compare(chosen: Card) -> None:
    """Show the choice of models to compare with the chosen one."""
    st.multiselect(
        "Compare with",
        _names_beside(chosen),
        key=SETTINGS["models"].key,
        placeholder="Choose other models",
        on_change=_forget_complaints,
        persist_state="session",
        help="The first curve is that of the model chosen in the sidebar.",
    )


def write_link(choice: Choice, chosen: Card) -> None:
    """Keep the choice in the page's address, so that the link shows the same to others."""
    write_address(
        corruption=choice.condition.corruption,
        severity=f"{choice.condition.severity:g}",
        models=",".join((chosen.name, *choice.others)),
        seed=str(choice.condition.seed),
        model="",  # the first of the models
    )


def label(corruption: str) -> str:
    """Name a corruption for people, with its family first: "Light: Fog"."""
    return f"{family_title(family(corruption))}: {title(corruption)}"


def _names_beside(chosen: Card) -> list[str]:
    return [card.name for card in models() if card.name != chosen.name]


def _read_link(chosen: Card) -> None:
    """Adopt what the address says, when the visitor comes to the page, and after Back and Forward.

    At other times the address may lag behind what the person has just moved.
    """
    state = st.session_state
    asked = _READ not in state or has_just_entered() or went_back_or_forward()
    state[_READ] = True
    if asked:
        state[_COMPLAINTS] = []
    opening = dict(OPENING, models=_telling_first(_names_beside(chosen)))
    if any(name in st.query_params for name in SETTINGS):
        opening = {}
    for name, setting in SETTINGS.items():
        text = st.query_params.get(name) if asked else None
        if text is not None:
            state[setting.key], complaint = setting.read(text)
            state[_COMPLAINTS] += [complaint] if complaint else []
        elif setting.key not in state:
            state[setting.key] = opening.get(name, setting.default)
    key, others = SETTINGS["models"].key, _names_beside(chosen)
    state[key] = [name for name in state[key] if name in others]


def _telling_first(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: name not in TELLING)


def _corruption(text: str) -> tuple[str, str]:
    if text in ALL_CORRUPTIONS:
        return text, ""
    return DEFAULT_CORRUPTION, (
        f"There is no corruption called “{plain(text)}”; "
        f"you see {title(DEFAULT_CORRUPTION).lower()}."
    )


def _severity(text: str) -> tuple[float, str]:
    try:
        severity = float(text)
    except ValueError:
        severity = math.nan
    if 0 <= severity <= 1:
        return round(abs(severity), 4), ""  # a link may say -0.0
    return DEFAULT_SEVERITY, (
        f"The severity “{plain(text)}” is not a number from 0 to 1; you see {DEFAULT_SEVERITY:g}."
    )


def _seed(text: str) -> tuple[int, str]:
    if re.fullmatch("[0-9]{1,6}", text):
        return int(text), ""
    return 0, (
        f"The seed “{plain(text)}” is not a whole number from 0 to {LARGEST_SEED}; you see seed 0."
    )


def _models(text: str) -> tuple[list[str], str]:
    cards = {card.name for card in models()}
    names = list(dict.fromkeys(name for name in text.split(",") if name))
    known = [name for name in names if name in cards]
    unknown = [plain(name) for name in names if name not in cards]
    if not unknown:
        return known, ""
    return known, f"These models are missing or damaged: “{'”, “'.join(unknown[:3])}”."


def _forget_complaints() -> None:
    st.session_state[_COMPLAINTS] = []


DEFAULT_CORRUPTION = ALL_CORRUPTIONS[0]
# How the page opens where its address says nothing: a contrast that tells its story.
OPENING = {"corruption": "salt_and_pepper", "severity": 0.7}
TELLING = ("digit-net", "dense-five")  # models that differ most; the first is compared with at once
SETTINGS = {
    "corruption": Setting("robustness_corruption", DEFAULT_CORRUPTION, _corruption),
    "severity": Setting("robustness_severity", DEFAULT_SEVERITY, _severity),
    "models": Setting("robustness_models", (), _models),
    "seed": Setting("robustness_seed", 0, _seed),
}
