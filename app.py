"""Digit Lab in the browser: `streamlit run app.py`."""

import streamlit as st

from mnist_core.config import PROJECT_DIR
from ui.frame import run_page
from ui.model_choice import choose_model
from ui.style import use_style

# A file of our own: an icon by name would be fetched from another server.
icon = PROJECT_DIR / "ui" / "icon.png"
st.set_page_config(page_title="Digit Lab", page_icon=str(icon))
page = st.navigation(
    [
        st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True),
        st.Page("pages/upload.py", title="Upload", icon=":material/upload_file:"),
        st.Page("pages/robustness.py", title="Robustness", icon=":material/foggy:"),
        st.Page("pages/training.py", title="Training", icon=":material/model_training:"),
        st.Page("pages/models.py", title="Models", icon=":material/table_chart:"),
    ]
)
# The same as the page itself asks for: of two layouts in one run the browser may drop the second.
st.set_page_config(layout="wide" if page.url_path else "centered")
use_style()  # here and not in the pages, so that it stays while they change
choose_model()
run_page(page)
