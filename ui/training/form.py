"""The form of the training page: all settings and the start."""

import streamlit as st

from ui.training.balance import show_balance
from ui.training.command import show_command_of_draft
from ui.training.draft import read_draft
from ui.training.fine_tuning import show_fine_tuning
from ui.training.methods import show_methods
from ui.training.presets import apply_asked, show_presets
from ui.training.settings import show_images, show_more, show_network
from ui.training.start import show_start


@st.fragment
def show_form(obstacle: str) -> None:
    """Show what runs again when a setting changes.

    Parameters
    ----------
    obstacle : why no training can be started here at all; empty if one can
    """
    apply_asked()
    draft = read_draft()
    with st.container(key="training_settings"):
        show_presets()
        show_network(draft)
        show_images(draft)
        show_fine_tuning(draft)
        with st.expander("Class imbalance and rebalancing", icon=":material/balance:"):
            show_balance(draft)
            show_methods(draft, obstacle=obstacle)
        show_more(draft)
        show_command_of_draft(draft)
    show_start(draft, obstacle=obstacle)
