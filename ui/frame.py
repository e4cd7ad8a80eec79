"""What surrounds every page: page settings, navigation, style sheet and sidebar."""

import streamlit as st

from mnist_core.config import PROJECT_DIR
from ui import shell
from ui.model_choice import choose_model
from ui.style import use_style

ICON = PROJECT_DIR / "ui" / "icon.png"  # an icon by name would be fetched from another server


def run_app() -> None:
    """Draw the frame, and in it the page that the address names."""
    page = st.navigation(
        [
            st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True),
            st.Page("pages/upload.py", title="Upload", icon=":material/upload_file:"),
            st.Page("pages/robustness.py", title="Robustness", icon=":material/foggy:"),
            st.Page("pages/training.py", title="Training", icon=":material/model_training:"),
            st.Page("pages/models.py", title="Models", icon=":material/table_chart:"),
        ]
    )
    layout = "wide" if page.url_path else "centered"
    st.set_page_config(page_title="Digit Lab", page_icon=str(ICON), layout=layout)
    use_style()  # here and not in the pages, so that it stays while they change
    choose_model()
    shell.run_page(page)


def ensure_frame() -> None:
    """Run the whole app if only the page was run; every page calls this before anything else."""
    shell.ensure_frame(run_app)
