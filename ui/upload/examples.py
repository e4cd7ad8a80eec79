"""Pictures to try at one click: drawn by code, read as if they had been uploaded."""

import base64
import functools
import io
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from ui.address import plain, write_address
from ui.session import has_just_entered
from ui.shell import went_back_or_forward

FOLDER = Path(__file__).with_name("pictures")  # made by `python -m benchmarks.examples`
CHOSEN = "upload_example"  # the choice's key; its value is a name of EXAMPLES, or None
INTRO = "No picture at hand? Try one of these, written and drawn by code:"
_PARAMETER = "example"  # in links: ?example=form
_THUMBNAIL = (240, 135)  # pixels
EXAMPLES = {
    "touching": "Touching zeros",
    "form": "A form with boxes",
    "marks": "A table of marks",
    "shadow": "In the shadow",
    "date": "A date",
    "letters": "Letters and digits",
}


@dataclass(frozen=True)
class Kept:
    """The content of an example, and a small picture of it as an address."""

    content: bytes
    thumbnail: str


class ExampleFile(io.BytesIO):
    """An example in the place of a file that a person uploads."""

    type = "image/jpeg"

    def __init__(self, name: str) -> None:
        super().__init__(kept(name).content)
        self.name = f"example-{name}.jpg"
        self.file_id = f"example-{name}"


def choose_example() -> list[ExampleFile]:
    """Show the examples; return the chosen one."""
    _follow_link()
    with st.container(key="upload_examples"):
        chosen = st.pills(
            INTRO,
            list(EXAMPLES),
            key=CHOSEN,
            format_func=lambda name: f"![]({kept(name).thumbnail}) {EXAMPLES[name]}",
            persist_state="session",
        )
    write_address(**{_PARAMETER: chosen or ""})
    return [ExampleFile(chosen)] if chosen else []


def forget_example() -> None:
    """Choose none: the person has brought pictures."""
    st.session_state[CHOSEN] = None
    write_address(**{_PARAMETER: ""})


@functools.cache
def kept(name: str) -> Kept:
    """Return an example by its name, a key of EXAMPLES."""
    import cv2
    import numpy as np

    content = (FOLDER / f"{name}.jpg").read_bytes()
    pixels = np.asarray(cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR))
    wide, tall = _THUMBNAIL
    factor = min(wide / pixels.shape[1], tall / pixels.shape[0])
    small = cv2.resize(pixels, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    above, left = (tall - small.shape[0]) // 2, (wide - small.shape[1]) // 2
    below, right = tall - small.shape[0] - above, wide - small.shape[1] - left
    whole = cv2.copyMakeBorder(small, above, below, left, right, cv2.BORDER_REPLICATE)
    code = cv2.imencode(".jpg", whole, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()
    return Kept(content, f"data:image/jpeg;base64,{base64.b64encode(code).decode()}")


def _follow_link() -> None:
    """Take the example that the address names, if the visitor has just come to it, or gone back."""
    if not has_just_entered() and not went_back_or_forward():
        return
    asked = st.query_params.get(_PARAMETER)
    if asked in EXAMPLES or went_back_or_forward():
        st.session_state[CHOSEN] = asked if asked in EXAMPLES else None
    if asked and asked not in EXAMPLES:
        st.warning(
            f"There is no example called “{plain(asked)}”. Choose one below.",
            icon=":material/link_off:",
        )
