"""Digit Lab in the browser: `streamlit run app.py`."""

import streamlit as st

from ui.frame import run_page
from ui.models import choose_model

st.set_page_config(page_title="Digit Lab", page_icon=":material/draw:", layout="centered")
page = st.navigation(
    [
        st.Page("pages/draw.py", title="Draw", icon=":material/draw:", default=True),
        st.Page("pages/models.py", title="Models", icon=":material/table_chart:"),
    ]
)
choose_model()
run_page(page)
