"""What surrounds every page: app.py's page settings, navigation and sidebar."""

import runpy

import streamlit as st

from mnist_core.config import PROJECT_DIR

_FRAMED = "framed"


def run_page(page):
    """Run the chosen page inside the frame that app.py has drawn."""
    st.session_state[_FRAMED] = True
    try:
        page.run()
    finally:
        st.session_state.pop(_FRAMED, None)


def ensure_frame():
    """Run app.py first if it has not run; every page calls this before anything else.

    On a fresh server, until a script has called `st.navigation`, Streamlit takes the folder
    `pages` for its older kind of app: who opens a link to a page gets that file alone.
    """
    if not st.session_state.pop(_FRAMED, False):
        runpy.run_path(str(PROJECT_DIR / "app.py"))
        st.stop()
