"""A training as a command line."""

import shlex

import streamlit as st

from mnist_core.training.config import TrainingConfig
from mnist_core.training.options import command
from ui.training.draft import Draft


def show_command(config: TrainingConfig) -> None:
    """Show the command that trains with these settings."""
    st.code(shlex.join(command(config)), language="bash", wrap_lines=True)


def show_command_of_draft(draft: Draft) -> None:
    """Show the command of the settings as they stand, when asked for."""
    with st.expander("The same on the command line", icon=":material/terminal:"):
        if draft.config:
            show_command(draft.config)
            st.caption(
                "Run it in the project's folder. Settings that it leaves out keep their defaults."
            )
        else:
            st.caption("Appears here as soon as all settings are valid.")
