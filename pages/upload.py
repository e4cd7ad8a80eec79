"""Upload pictures of digits: read the numbers in them, correct them, export them as a table."""

import streamlit as st

from mnist_core.serving import Card
from ui.errors import show_errors_in
from ui.frame import ensure_frame
from ui.model_choice import chosen_model, link_model
from ui.taught import show_used
from ui.upload.choice import INTRO, choose_files, show_hint
from ui.upload.detail import choose_shown, open_picture, show_detail
from ui.upload.files import list_uploads
from ui.upload.reader import UploadReader, forget_others
from ui.upload.rows import open_by_row
from ui.upload.table import ResultsTable, offer_downloads


def show_all(card: Card) -> None:
    """Show what was uploaded: one picture in full, and a table of all."""
    choice = choose_files()
    uploads, left_out = list_uploads(choice.files)
    forget_others(uploads)
    if not uploads:
        show_hint()
        return
    show_used(card, "What was taught can be removed on the Draw page.")
    reader = UploadReader(choice.files, uploads, card, single=choice.single)
    with st.container(key="upload_status"):
        status = st.empty()
    shown = choose_shown(uploads)
    one = st.container(key="upload_one")
    st.header("All pictures")
    with st.container(key="upload_results"):
        table = ResultsTable(status, st.empty(), reader, shown, digits_only=choice.digits_only)
    reader.read(uploads[shown])
    with one:
        show_detail(reader, uploads[shown], digits_only=choice.digits_only)
    for _ in reader.read_rest():
        table.update()
    offer_downloads(table.finish(left_out))
    if len(uploads) > 1:
        open_by_row(len(uploads), open_picture)


ensure_frame()
st.title("Upload pictures")
st.write(INTRO)
card = chosen_model()
link_model(card)
if card:
    with show_errors_in(st.container()):
        show_all(card)
