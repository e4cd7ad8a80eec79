"""Train a model in the browser: choose, start, watch it learn, compare the results."""

import streamlit as st

from mnist_core import runs
from ui.frame import ensure_frame
from ui.mnist import ensure_mnist
from ui.model_choice import chosen_model, link_model
from ui.training.balance import show_balance
from ui.training.draft import number, read_draft
from ui.training.run import show_run
from ui.training.runs import show_runs
from ui.training.settings import show_images, show_more, show_network
from ui.training.start import offer_comparison, show_command, show_start

WHAT = (
    "A network computes its answer with many numbers, its weights, which start out random. "
    "Training shows it thousands of handwritten digits and adjusts the weights after every few of "
    "them, to make fewer mistakes. Choose a network, its training images and how it learns, then "
    "start. It trains on the computer behind this app and continues when you leave the page."
)
MNIST_MISSING = "MNIST is missing: download it at the top of this page."
MNIST_WANTED = "Training uses MNIST, a collection of 70,000 handwritten digits."


def hindrance() -> str:
    """Say what is in the way of a training, and what limit it has; return what is in the way."""
    if reason := runs.refusal():
        st.info(
            f"{reason} You can still look around, and train on your own computer with the command "
            "line.",
            icon=":material/block:",
        )
        return reason
    if minutes := runs.minutes_at_most():
        st.info(
            f"Each training stops by itself after {number(minutes)} minutes and keeps the best "
            "weights. The owner of this app has set this limit.",
            icon=":material/timer:",
        )
    return "" if ensure_mnist(MNIST_WANTED) else MNIST_MISSING


@st.fragment
def settings(hindrance: str) -> None:
    """All settings and the start: what runs again when one of them changes."""
    draft = read_draft()
    with st.container(key="training_settings"):
        show_network(draft)
        show_images(draft)
        show_balance(draft)
        show_more(draft)
        show_command(draft)
        offer_comparison(draft, hindrance=hindrance)
    show_start(draft, hindrance=hindrance)


ensure_frame()
st.title("Train a model")
st.write(WHAT)
link_model(chosen_model())
in_the_way = hindrance()
show_run()
settings(in_the_way)
show_runs()
