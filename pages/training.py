"""Train a model in the browser: choose, start, watch it learn, compare what came of it."""

import streamlit as st

from mnist_core import runs
from ui.frame import need_frame
from ui.mnist import at_hand
from ui.models import chosen_model, link_model
from ui.style import use_style
from ui.training_balance import show_balance
from ui.training_draft import number, read_draft
from ui.training_run import show_run
from ui.training_runs import show_runs
from ui.training_settings import show_images, show_more, show_network
from ui.training_start import offer_comparison, show_command, show_start

WHAT = (
    "A network begins with random weights. It looks at thousands of handwritten digits, and after "
    "every few it changes its weights a little, so that it errs less. You choose which network, "
    "what it sees and how it learns. It learns on the computer that runs this app, also while you "
    "are on another page or away."
)
MNIST_WANTED = "A network learns here from MNIST, a collection of 70,000 handwritten digits."


def told_of_limits() -> bool:
    """Say what whoever runs the app has set; whether a training may be started here."""
    if reason := runs.refusal():
        st.info(
            f"{reason} You can look around, and train on your own computer with the command line.",
            icon=":material/block:",
        )
        return False
    if minutes := runs.minutes_at_most():
        st.info(
            f"A training here stops by itself after {number(minutes)} minutes and keeps the best "
            "weights: whoever runs this app has set that limit.",
            icon=":material/timer:",
        )
    return True


@st.fragment
def settings(ready: bool) -> None:
    """All settings and the start: what runs again when one of them changes."""
    draft = read_draft()
    with st.container(key="training_settings"):
        show_network(draft)
        show_images(draft)
        show_balance(draft)
        offer_comparison(draft, ready=ready)
        show_more(draft)
        show_command(draft)
    show_start(draft, ready=ready)


need_frame()
st.set_page_config(layout="wide")
use_style()
st.title("Train a model")
st.write(WHAT)
link_model(chosen_model())
ready = told_of_limits() and at_hand(MNIST_WANTED)
show_run()
settings(ready)
show_runs()
