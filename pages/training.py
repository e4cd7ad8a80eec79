"""Train a model in the browser: set it up, watch it learn live, compare the results."""

import streamlit as st

from ui.frame import ensure_frame
from ui.model_choice import chosen_model, link_model
from ui.session import link_owner
from ui.training.form import show_form
from ui.training.obstacle import show_obstacle
from ui.training.run import show_run
from ui.training.runs import show_runs
from ui.training.tabs import LIVE, RESULTS, SET_UP, show_tabs
from ui.training.words import INTRO

ensure_frame()
st.title("Train a model")
st.write(INTRO)
link_model(chosen_model())
link_owner()
obstacle = show_obstacle()
tab, place = show_tabs()
with place:
    show_run(shown=tab == LIVE)
    if tab == SET_UP:
        show_form(obstacle)
    elif tab == RESULTS:
        show_runs()
