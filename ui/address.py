"""The page's address: how it is changed, and how its text is shown safely."""

import re

import streamlit as st


def write_address(**parameters: str) -> None:
    """Change the address in one step, so that Back takes one; an empty text removes its part."""
    before = st.query_params.to_dict()
    after = {name: text for name, text in {**before, **parameters}.items() if text}
    if after != before:
        st.query_params.from_dict(after)


def plain(text: str) -> str:
    """Strip an address's text of anything that Markdown would turn into a link or an image."""
    kept = "".join(c for c in text[:40] if c.isalnum() or c in "-_ .")
    return re.sub(r"(?<!\d)\.|\.(?!\d)", "", kept)  # www.example is a link, 0.5 is not
