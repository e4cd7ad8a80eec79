"""Share a drawing: the link that opens it, and a picture of it with its answer."""

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.config import MAX_LINK
from mnist_core.errors import PictureError
from mnist_core.serving import Card
from ui.address import write_address
from ui.canvas import SHEETS, Sheet, drawing, mounted, put, strokes_in
from ui.model_choice import PARAMETER, models
from ui.session import has_just_entered
from ui.shell import went_back_or_forward
from ui.style import html
from ui.taught import is_used
from ui.threshold import STEPS, chosen_steps, set_steps

if TYPE_CHECKING:  # not before something is drawn: it takes time
    from mnist_core.pictures.postcard import Told
    from mnist_core.pictures.strokes import Stroke

STORED_NOWHERE = (
    "The link holds the drawing itself: whoever opens it sees the drawing, and what the model "
    "reads in it. Nothing is stored here."
)
TAUGHT = "What you taught the model stays with you; others see the answer without it."
NEAR = 0.05  # pixels; the canvas rounds what it is given
_THRESHOLD = "threshold"  # in links: ?threshold=-1, a key of STEPS
_LINKED = "linked_drawing"  # session key
_REFUSED = "refused_link"  # session key: what to say of a damaged link, and what was shown then


@dataclass(frozen=True)
class _Linked:
    """What the address shows, as long as nothing of it was changed."""

    sheet: Sheet
    strokes: "list[Stroke]"
    steps: int


def open_link() -> None:
    """Show the drawing that the address holds, if the visitor has just come with it."""
    if not has_just_entered() and not went_back_or_forward():
        return
    address, state = st.query_params, st.session_state
    for sheet in SHEETS.values():
        if text := address.get(sheet.parameter):
            from mnist_core.pictures.packing import unpack

            try:
                strokes = unpack(text)
            except PictureError as error:
                state[_REFUSED] = str(error), None
                write_address(**{sheet.parameter: ""})  # so that a reload does not repeat it
                return
            put(strokes, sheet)
            asked = {str(step): step for step in STEPS}.get(address.get(_THRESHOLD, ""))
            if asked is not None:
                set_steps(asked)
            state[_LINKED] = _Linked(sheet, strokes, chosen_steps())
            return


def follow_link() -> None:
    """Take the drawing out of the address once another one is shown, or another threshold holds."""
    linked = st.session_state.get(_LINKED)
    if linked and (linked.steps != chosen_steps() or not _is_same(linked)):
        del st.session_state[_LINKED]
        write_address(**{sheet.parameter: "" for sheet in SHEETS.values()}, **{_THRESHOLD: ""})


def show_refused(drawn: dict[str, Any] | None) -> None:
    """Say over the canvas that the link is damaged it was opened by, until something is drawn.

    Parameters
    ----------
    drawn : Fabric.js's JSON of the canvas that is shown
    """
    words, before = st.session_state.get(_REFUSED, ("", None))
    shown = mounted(), (drawn or {}).get("objects") or []
    if words and before in (None, shown):
        st.session_state[_REFUSED] = words, shown
        html(f'<div class="dl-refused" role="alert">{escape(words)}</div>')
    else:
        st.session_state.pop(_REFUSED, None)


def show_share(place: DeltaGenerator, sheet: Sheet, told: "Told | None", card: Card | None) -> None:
    """Offer a link to the drawing on a sheet, and a picture of it.

    Parameters
    ----------
    told : what the page says about the drawing; None if there is nothing to share
    """
    icon = ":material/share:"
    with (
        place,
        st.popover("Share", icon=icon, disabled=not told, key="draw_share"),
        st.container(key="draw_shared"),
    ):
        if not told or not card:
            return
        drawn = drawing(sheet)
        st.markdown("**Link to this drawing**")
        try:
            st.code(link_to(drawn, sheet, card), language=None)
        except PictureError as error:
            st.warning(str(error), icon=":material/link_off:")
        st.caption(STORED_NOWHERE + (f" {TAUGHT}" if is_used(card) else ""))

        def picture() -> bytes:
            from mnist_core.pictures.postcard import postcard

            return postcard(strokes_in(drawn), sheet.size, told)

        st.download_button(
            "Download a picture",
            picture,
            f"digit-lab-{told.answer.replace(chr(10), '-') or 'drawing'}.png",
            "image/png",
            key="draw_share_picture",
            icon=":material/image:",
            on_click="ignore",
        )


def link_to(drawn: dict[str, Any] | None, sheet: Sheet, card: Card) -> str:
    """Return the address that opens a drawing with the same model and threshold.

    Parameters
    ----------
    drawn : Fabric.js's JSON of the canvas, with at least one stroke

    Raises
    ------
    PictureError : the drawing does not fit into a link, or is not one of the canvas
    """
    from mnist_core.pictures.packing import pack

    here = urlsplit(st.context.url or "")
    steps = chosen_steps()
    asked = {
        **({} if card.name == models()[0].name else {PARAMETER: card.name}),
        **({_THRESHOLD: str(steps)} if steps else {}),
        sheet.parameter: "",
    }
    start = f"{here.scheme}://{here.netloc}{here.path or '/'}?{urlencode(asked)}"
    return start + pack(strokes_in(drawn), MAX_LINK - 1 - len(start))


def _is_same(linked: _Linked) -> bool:
    """Return whether the linked drawing is still on its sheet."""
    try:
        shown = strokes_in(drawing(linked.sheet))
    except PictureError:
        return False
    return [len(one.points) for one in shown] == [
        len(one.points) for one in linked.strokes
    ] and all(
        np.allclose(one.points, other.points, rtol=0, atol=NEAR)
        for one, other in zip(shown, linked.strokes, strict=True)
    )
