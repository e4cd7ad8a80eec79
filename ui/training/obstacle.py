"""What is in the way of a training on this computer, shown at the top of the page."""

import streamlit as st

from mnist_core import runs
from ui.mnist import ensure_mnist
from ui.training.formats import count, number

MNIST_MISSING = "MNIST is missing: download it at the top of this page."
MNIST_WANTED = "Training uses MNIST, a collection of 70,000 handwritten digits."


def show_obstacle() -> str:
    """Show what prevents a training here, or limits it.

    Returns
    -------
    why no training can start, for people; empty if one can
    """
    if reason := runs.training_disabled_reason():
        st.info(
            f"{reason} You can still look around, and train on your own computer with the command "
            "line.",
            icon=":material/block:",
        )
        return reason
    if minutes := runs.minutes_at_most():
        after = count(1, "minute") if minutes == 1 else f"{number(minutes)} minutes"
        st.info(
            f"Each training stops by itself after {after} and keeps the best weights. The owner of "
            "this app has set this limit.",
            icon=":material/timer:",
        )
    return "" if ensure_mnist(MNIST_WANTED) else MNIST_MISSING
