"""Upload pictures of digits: the numbers in them, corrected where need be, as a table."""

import streamlit as st

from mnist_core.serving import Card
from ui.errors import show_errors_in
from ui.frame import ensure_frame
from ui.model_choice import chosen_model, link_model
from ui.upload.files import choose_files, list_uploads
from ui.upload.reading import Desk
from ui.upload.shown import choose_shown, show_hint, show_one
from ui.upload.table import Progress, offer_downloads


def show_all(card: Card) -> None:
    """What was uploaded: one picture in full, and a table of all."""
    files, single = choose_files()
    uploads, left_out = list_uploads(files)
    desk = Desk(files, uploads, card, single)
    if not uploads:
        show_hint()
        return
    with st.container(key="upload_status"):
        status = st.empty()
    shown = choose_shown(uploads)
    one = st.container()
    st.header("All pictures")
    with st.container(key="upload_results"):
        progress = Progress(status, st.empty(), desk, shown)
    desk.read(uploads[shown])
    with one:
        show_one(desk, uploads[shown])
    desk.read_all(progress.tell)
    offer_downloads(progress.finish(left_out))


ensure_frame()
st.title("Upload pictures")
card = chosen_model()
link_model(card)
if card:
    with show_errors_in(st.container()):
        show_all(card)
