"""What the parts of the app know about this visit, and about who makes it."""

import os
import re

import streamlit as st

from mnist_core.permissions import Person, is_admin_secret, new_token
from mnist_core.workspace import WORKSPACE, Workspace
from ui.address import write_address

PUBLIC = "DIGIT_LAB_PUBLIC"  # "yes" or "no"; without it, what the visit's address says
_HERE = ("localhost", "127.0.0.1", "[::1]")
_WORKSPACE = "workspace"
_PAGE, _ENTERED = "page_shown", "page_just_entered"
_TOKEN, _ADMIN, _OWNS = "owner_token", "owner_is_admin", "owner_has_made_something"
_IN_ADDRESS = "owner"  # ?owner=TOKEN: the link with which a visitor comes back to the own trainings
_SECRET_IN_ADDRESS = "admin"  # ?admin=SECRET; it is removed as soon as it was read
_A_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


def workspace() -> Workspace:
    """Return the folders that this visit works in: the session's own, or else the project's."""
    return st.session_state.get(_WORKSPACE, WORKSPACE)


def note_page(path: str) -> None:
    """Remember which page is shown, and whether the visitor has just come to it."""
    state = st.session_state
    state[_ENTERED] = state.get(_PAGE) != path
    state[_PAGE] = path


def has_just_entered() -> bool:
    """Return whether the page runs because the visitor came to it: then its address leads."""
    return st.session_state.get(_ENTERED, False)


def person() -> Person:
    """Return who this visitor is to the core: what was made in this visit, the visitor may change.

    At this computer, and with the administrator's secret, people may change everything.
    """
    state, address = st.session_state, st.query_params
    if _TOKEN not in state:
        given = address.get(_IN_ADDRESS, "")
        state[_OWNS] = bool(_A_TOKEN.fullmatch(given))
        state[_TOKEN] = given if state[_OWNS] else new_token()
    if _SECRET_IN_ADDRESS in address:
        state[_ADMIN] = is_admin_secret(address[_SECRET_IN_ADDRESS])
        write_address(**{_SECRET_IN_ADDRESS: ""})
    return Person(state[_TOKEN], everything=not _is_public() or state.get(_ADMIN, False))


def note_ownership() -> None:
    """Remember that this visitor has made something, so that the page's link leads back to it."""
    st.session_state[_OWNS] = True


def link_owner() -> None:
    """Keep in the address whose trainings the visitor may change, once there are any."""
    visitor = person()
    if st.session_state[_OWNS] and not visitor.everything:
        write_address(**{_IN_ADDRESS: visitor.token})


def _is_public() -> bool:
    """Return whether this visit comes from another computer, or through a proxy.

    Whoever comes from afar can write anything in the headers, but not the address it comes from; a
    proxy on this computer comes from here, and says for whom by its headers.
    """
    said = os.environ.get(PUBLIC, "").strip().lower()
    if said in ("yes", "no"):
        return said == "yes"
    headers = st.context.headers
    hosts = [headers.get("Host", ""), headers.get("Origin", "").rpartition("//")[2]]
    names = {re.sub(r":\d+$", "", host) for host in hosts if host}
    forwarded = any(name in headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    # None stands for this computer; AppTest has neither None nor a text.
    return isinstance(st.context.ip_address, str) or forwarded or not names <= set(_HERE)
