"""The widgets of settings: each with its label, and below it what it does or what is wrong."""

from collections.abc import Callable, Iterable
from html import escape

import streamlit as st

from ui.style import html
from ui.training.draft import Draft, key
from ui.training.words import CHOICES, EXPLANATIONS, label_of


def explain(draft: Draft, setting: str, text: str = "") -> None:
    """Show what is wrong with a setting, else what it does: this text, or its usual one."""
    if complaint := draft.complaints.get(setting):
        html(f'<p class="dl-note dl-warned">{escape(complaint)}</p>')
    else:
        st.caption(text or EXPLANATIONS[setting])


def in_pairs(*widgets: Callable[[], None]) -> None:
    """Draw widgets two a row, where there is room."""
    for first in range(0, len(widgets), 2):
        for place, widget in zip(st.columns(2), widgets[first : first + 2], strict=False):
            with place:
                widget()


def number_field(draft: Draft, setting: str, *, step: float, format: str | None = None) -> None:
    """Draw a number without bounds: one out of bounds is explained instead of taken back."""
    st.number_input(
        label_of(setting),
        value=None,
        step=step,
        format=format,
        key=key(setting),
        persist_state="session",
    )
    explain(draft, setting)


def share_slider(draft: Draft, setting: str, least: float, *, disabled: bool = False) -> None:
    """Draw a slider of a share, from the least to 100%."""
    st.slider(
        label_of(setting),
        min_value=least,
        max_value=1.0,
        step=0.01,
        format="percent",
        key=key(setting),
        disabled=disabled,
        persist_state="session",
    )
    explain(draft, setting)


def choice(draft: Draft, setting: str, options: Iterable[str], more: str = "") -> None:
    """Draw a choice of CHOICES, the chosen one explained; more may follow."""
    words = CHOICES[setting]
    st.selectbox(
        label_of(setting),
        list(options),
        key=key(setting),
        format_func=lambda option: words[option][0],
        persist_state="session",
    )
    explain(draft, setting, f"{words[draft.values[setting]][1]}{more}")
