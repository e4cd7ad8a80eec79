"""Train a model in the browser: set it up, watch it learn live, compare the results."""

import streamlit as st

from ui.frame import ensure_frame
from ui.model_choice import chosen_model, link_model
from ui.session import link_owner
from ui.training.form import show_form
from ui.training.obstacle import show_obstacle
from ui.training.run import show_run
from ui.training.runs import show_runs
from ui.training.tabs import show_tabs
from ui.training.words import INTRO

ensure_frame()
st.title("Train a model")
st.write(INTRO)
link_model(chosen_model())
link_owner()
obstacle = show_obstacle()
(set_up, is_setting_up), (live, is_live), (results, has_results) = show_tabs()
with set_up:
    if is_setting_up:
        show_form(obstacle)
with live:
    show_run(shown=is_live)
with results:
    if has_results:
        show_runs()
