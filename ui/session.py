"""What the parts of the app know about this visit."""

import streamlit as st

from mnist_core.workspace import WORKSPACE, Workspace

_WORKSPACE = "workspace"


def workspace() -> Workspace:
    """Return the folders that this visit works in: the session's own, or else the project's."""
    return st.session_state.get(_WORKSPACE, WORKSPACE)
