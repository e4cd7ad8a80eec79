"""A training as a command line."""

import shlex

import streamlit as st

from mnist_core.training.config import TrainingConfig
from mnist_core.training.options import OWN_FILE, command
from ui.training.draft import Draft
from ui.training.fine_tuning import is_given_chosen

OWN = (
    f"`{OWN_FILE}` holds digits that were taught on the Draw page, where “Download my digits” "
    "writes it."
)


def show_command(config: TrainingConfig, *more: str) -> None:
    """Show the command that trains with these settings; more words may follow it."""
    st.code(shlex.join([*command(config), *more]), language="bash", wrap_lines=True)
    if config.own_digits:
        st.caption(OWN)


def show_command_of_draft(draft: Draft) -> None:
    """Show the command of the settings as they stand, when asked for."""
    with st.expander("The same on the command line", icon=":material/terminal:"):
        if draft.config:
            show_command(draft.config, *(["--collection"] if is_given_chosen() else []))
            st.caption(
                "Run it in the project's folder. Settings that it leaves out keep their defaults."
            )
        else:
            st.caption("Appears here as soon as all settings are valid.")
