"""All models in one table, and the card of the chosen one."""

import streamlit as st

from ui.cards import show_card, show_table
from ui.frame import need_frame
from ui.models import chosen_model, link_model, models
from ui.style import use_style

need_frame()
st.set_page_config(layout="wide")
use_style()
st.title("Models")
st.write(
    "Every model learned from MNIST, a collection of handwritten digits. Its test accuracy is the "
    "share of 10,000 other digits of MNIST that it reads right. Other digits would have given "
    "a slightly different share, most likely one in the range beside it."
)
card = chosen_model()
link_model(card)
if card:
    with st.container(key="models_table"):
        show_table(models(), card)
    st.subheader(f"The chosen model: {card.title}")
    show_card(card)
