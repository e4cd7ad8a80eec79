"""Settings to begin with: one click, or a link, fills in the whole form."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from mnist_core.config import DEFAULT_MODEL
from ui.address import write_address
from ui.training.draft import (
    INITIAL,
    fill_in,
    key,
    note_preset,
    propose_name,
    settings_now,
    teachable_digits,
)

PRESET = "preset"  # in the page's address: ?preset=quick
INTRO = (
    "**In a hurry?** The quick demo trains a small network in less than a minute, while you watch "
    "its weights take shape."
)
IS_SET_UP = "**{}** is set up. Press *Start training* at the bottom of the window."
_APPLIED = "training_preset"  # session key: the preset that was applied last, and its settings
_STARTS = "training_preset_starts"
FIRST_TEACH = "Teach it some digits there first."


@dataclass(frozen=True)
class Preset:
    """Settings that belong together.

    Attributes
    ----------
    title, icon : of its button
    help : what it is for
    values : by setting, where they differ from those that the network's recipe fills in
    starts : whether a click on its button starts the training, too; a link never does
    """

    title: str
    icon: str
    help: str
    values: Mapping[str, Any]
    starts: bool = False

    def is_ready(self) -> bool:
        """Return whether there is what it trains on."""
        return not self.values.get("own") or bool(teachable_digits())


def show_presets() -> None:
    """Show a button for each preset."""
    chosen = _chosen()
    st.markdown(INTRO)
    with st.container(horizontal=True, key="training_presets"):
        for name, preset in PRESETS.items():
            st.button(
                preset.title,
                key=f"training_preset_{name}",
                icon=":material/check:" if name == chosen else preset.icon,
                help=preset.help if preset.is_ready() else f"{preset.help} {FIRST_TEACH}",
                disabled=not preset.is_ready(),
                on_click=_take,
                args=(name,),
            )
    if chosen:  # below the buttons, whose help covers what is above them
        st.markdown(IS_SET_UP.format(PRESETS[chosen].title))


def apply_asked() -> None:
    """Apply the preset that the address asks for, once; one that does not exist changes nothing."""
    asked = st.query_params.get(PRESET)
    if asked is None:
        return
    write_address(**{PRESET: ""})
    if asked in PRESETS:
        apply(asked)


def take_start() -> bool:
    """Return whether the preset that was just chosen asks to start at once."""
    return bool(st.session_state.pop(_STARTS, False))


def _take(name: str) -> None:
    """Apply a preset whose button was clicked."""
    apply(name)
    st.session_state[_STARTS] = PRESETS[name].starts


def apply(name: str) -> None:
    """Fill in all settings as a preset has them."""
    preset, before = PRESETS[name], settings_now()
    state = st.session_state
    state.update({key(setting): value for setting, value in INITIAL.items()})
    state[key("architecture")] = preset.values["architecture"]
    fill_in()
    state.update({key(setting): value for setting, value in preset.values.items()})
    propose_name(f"my-{name}-net")
    note_preset(before)
    state[_APPLIED] = name, _shown_settings()


def _chosen() -> str:
    """Return the name of the preset that the form still shows; empty if there is none."""
    name, settings = st.session_state.get(_APPLIED, ("", None))
    return name if settings == _shown_settings() else ""


def _shown_settings() -> dict[str, Any]:
    return {setting: value for setting, value in settings_now().items() if setting != "name"}


PRESETS = {
    "quick": Preset(
        "Quick demo",
        ":material/bolt:",
        "A network of five dense layers, the real 50,000 training images, nothing added to them.",
        {"architecture": "dense-five", "epochs": 8},
        starts=True,
    ),
    "robust": Preset(
        "Robust network",
        ":material/foggy:",
        "A convolutional network that also learns from corrupted images. Compare it with the "
        "others on the Robustness page.",
        {
            "architecture": "cnn-three",
            "epochs": 5,
            "corruption_families": ["noise", "blur", "occlusion"],
        },
    ),
    "rare": Preset(
        "Rare digits",
        ":material/balance:",
        "Half of the digits have a hundredth of the images. See which ones the network gets wrong, "
        "then try a rebalancing method.",
        {"architecture": "cnn-three", "epochs": 3, "profile": "step", "rare": 5, "ratio": 100.0},
    ),
    "own": Preset(
        "Your handwriting",
        ":material/school:",
        "The network that this app uses, fine-tuned on the digits that you taught on the Draw "
        "page. A fifth of MNIST keeps it from forgetting the hands of others.",
        {
            "architecture": DEFAULT_MODEL,
            "start": DEFAULT_MODEL,
            "own": True,
            "epochs": 3,
            "share": 0.2,
            "learning_rate": 1e-4,
            "averaging": 0.0,
            "synthetic_digits": 0,
        },
    ),
    "best": Preset(
        "Most accurate",
        ":material/trophy:",
        "The network that this app uses, trained for a few minutes.",
        {"architecture": "digit-net"},
    ),
}
