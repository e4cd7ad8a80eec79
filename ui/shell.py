"""What Streamlit has no public name for; each stands here with its reason and the upstream issue.

`tests/ui/test_shell.py` holds a test of each that fails once Streamlit does without it.
"""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import cache
from typing import Any, cast

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send
from streamlit.components.v2 import component
from streamlit.navigation.page import StreamlitPage
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime import Runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.runtime_util import get_max_widget_state_size_bytes
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.session_state import SessionState
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from mnist_core.config import MAX_BYTES
from mnist_core.pictures.drawing import refusal_of
from mnist_core.runs import memory_free
from ui.uploads import Arrival, Held

MAX_WIDGETS = 2000  # states in a message; the page with the most widgets has some hundred
TOO_MUCH = (
    "This page sent more than the app takes at a time, and it was not looked at. Undo your last "
    "step, or reload the page."
)
_FRAMED = "framed"
_REFUSED = "refused_message"  # session key
_waiting: dict[str, Any] = {}  # visits that had lost their connection at the last look, by id


def went_back_or_forward() -> bool:
    """Whether the page runs because of the browser's Back or Forward: then the address leads.

    At other times the address may lag behind what the person has just moved, so that comparing it
    with what was written last would not do. Streamlit follows Back and Forward by itself only for
    widgets with `bind="query-params"` (https://github.com/streamlit/streamlit/issues/13853), whose
    parameter is the widget's key and which forget a value that they do not know; ours are named
    for people, and a page says what is wrong with a link. `st.context` does not show it.
    """
    return getattr(get_script_run_ctx(), "is_history_navigation", False)


def run_page(page: StreamlitPage) -> None:
    """Run a page inside the frame that is already drawn."""
    st.session_state[_FRAMED] = True
    try:
        page.run()
    finally:
        st.session_state.pop(_FRAMED, None)


def ensure_frame(draw: Callable[[], None]) -> None:
    """Draw the frame and the page in it, if the page runs alone.

    On a fresh server, until a script has called `st.navigation`, Streamlit takes the folder
    `pages` for its older kind of app: who opens a link to a page gets that file alone
    (https://github.com/streamlit/streamlit/pull/10276, where a reviewer describes it).
    """
    if not st.session_state.pop(_FRAMED, False):
        draw()
        st.stop()


@cache
def bound_messages() -> None:
    """Have Streamlit check what browsers send as JSON, and how much of it, before it is parsed.

    Its own limit, `server.maxWidgetStateSize`, bounds the bytes of a message, of which JSON makes
    25 times as much memory; and of a nesting too deep its parser raises RecursionError, which
    Streamlit does not expect. Of a refused drawing only the reason arrives, of other messages that
    `show_refused_message` has something to say.
    """
    set_widgets = SessionState.set_widgets_from_proto

    def set_bounded(self: SessionState, widget_states: WidgetStates) -> None:
        too_large = widget_states.ByteSize() > get_max_widget_state_size_bytes()
        if too_large or len(widget_states.widgets) > MAX_WIDGETS:
            self[_REFUSED] = True  # and all widgets stay as they were
            return
        for state in widget_states.widgets:
            kind = state.WhichOneof("value")
            if kind == "json_value" and (refusal := refusal_of(state.json_value)):
                state.json_value = json.dumps({"drawing": {"raw": {"refused": refusal}}})
            elif kind == "json_trigger_value" and refusal_of(state.json_trigger_value):
                state.json_trigger_value = "[]"
        set_widgets(self, widget_states)

    SessionState.set_widgets_from_proto = set_bounded


def sessions(*, drop_waiting: bool = False) -> frozenset[str]:
    """Return the visits that there are, once Streamlit has dropped those that have ended.

    A visit that lost its connection may come back for `server.disconnectedSessionTTL` seconds.
    Streamlit drops it later, when the next one connects: until then its memory stays taken.

    Parameters
    ----------
    drop_waiting : whether those that may still come back are dropped as well

    Raises
    ------
    RuntimeError : there is no server
    """
    runtime = Runtime.instance()
    manager = runtime._session_mgr
    done: Future[frozenset[str]] = Future()

    def look() -> None:
        try:
            stored = manager._session_storage.list()  # pyright: ignore[reportAttributeAccessIssue]
            for info in stored if drop_waiting else []:
                manager.close_session(info.session.id)
            there = frozenset(info.session.id for info in manager.list_sessions())
            for name in _waiting.keys() - there:  # its time is over; nobody else shuts it down
                _waiting[name].shutdown()
            _waiting.clear()
            _waiting.update({i.session.id: i.session for i in stored if i.session.id in there})
            done.set_result(there)
        except Exception as error:
            done.set_exception(error)

    runtime._get_async_objs().eventloop.call_soon_threadsafe(look)
    return done.result()


def show_refused_message() -> None:
    """Say so if the browser has sent more than the app takes."""
    if st.session_state.pop(_REFUSED, False):
        st.error(TOO_MUCH, icon=":material/error:")


def visit_id() -> str:
    """Return what tells this visit from others; empty without a server."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def is_connected() -> bool:
    """Whether the visitor is still there. `st.context` does not say so."""
    return not Runtime.exists() or Runtime.instance().is_active_session(visit_id())


@cache
def keep_uploads_in_memory() -> None:
    """Have the parser of uploads, Starlette's, write none of them to a temporary file.

    It does so from 1 MB on; Streamlit reads the file at once and keeps it in memory anyway, and
    refuses larger bodies while they arrive.
    """
    MultiPartParser.spool_max_size = 2 * MAX_BYTES


@cache
def bound_uploads() -> None:
    """Have Streamlit ask how much a visit may upload, while the bytes arrive.

    Streamlit bounds the size of each file, not what a visit or all of them hold. Of a file that is
    refused an empty one is kept, whose type says why: of an error of the request the browser side
    would show its number alone.
    """
    handle, add_file = Route.handle, MemoryUploadedFileManager.add_file
    arriving: dict[str, list[Arrival]] = {}
    refused: dict[tuple[str, str], str] = {}

    async def handle_bounded(self: Route, scope: Scope, receive: Receive, send: Send) -> None:
        place = scope.get("path_params", {})
        if scope["method"] != "PUT" or place.keys() != {"session_id", "file_id"}:
            await handle(self, scope, receive, send)
            return
        visit, file = place["session_id"], place["file_id"]

        def held() -> Held:
            there = uploads_of(visit)
            coming = sum(arrival.arrived for arrival in arriving[visit] if not arrival.refused)
            return Held(sum(there) + coming, len(there), memory_free())

        async def receive_bounded() -> Message:
            message = await arrival.receive()
            if arrival.refused:
                refused[visit, file] = arrival.refused
            return message

        headers = {name.decode(): text.decode("latin-1") for name, text in scope["headers"]}
        arrival = Arrival(receive, headers, held)
        arriving.setdefault(visit, []).append(arrival)
        try:
            await handle(self, scope, receive_bounded, send)
        finally:
            refused.pop((visit, file), None)
            arriving[visit].remove(arrival)
            if not arriving[visit]:
                del arriving[visit]

    def add_bounded(
        self: MemoryUploadedFileManager, session_id: str, file: UploadedFileRec
    ) -> None:
        if reason := refused.pop((session_id, file.file_id), ""):
            file = file._replace(data=b"", type=reason)
        add_file(self, session_id, file)

    Route.handle, MemoryUploadedFileManager.add_file = handle_bounded, add_bounded


def uploads_of(visit: str) -> list[int]:
    """Return how many bytes each file of a visit has that Streamlit holds."""
    manager = _in_memory(Runtime.instance().uploaded_file_mgr)
    return [len(file.data) for file in list(manager.file_storage.get(visit, {}).values())]


def release_upload(file: str) -> None:
    """Free the content of an uploaded file, by its id; the browser side goes on to list it.

    Streamlit keeps it until the person removes the file.
    """
    if context := get_script_run_ctx():
        manager = _in_memory(context.uploaded_file_mgr)
        for record in manager.get_files(context.session_id, [file]):
            manager.add_file(context.session_id, record._replace(data=b""))


def remove_uploads(files: Iterable[str]) -> None:
    """Forget uploaded files, by their ids: an uploader that is no longer shown leaves them."""
    if context := get_script_run_ctx():
        for file in files:
            _in_memory(context.uploaded_file_mgr).remove_file(context.session_id, file)


def _in_memory(manager: object) -> MemoryUploadedFileManager:
    """Return the manager of uploads, as the only one that Streamlit has."""
    return cast("MemoryUploadedFileManager", manager)


@cache
def canvas_component() -> Callable[..., Any]:
    """Return the browser side of streamlit-drawable-canvas, without its Python side, `st_canvas`.

    `st_canvas` hands Streamlit the drawing as a dict, and to look for tables in a dict Streamlit
    imports pandas: 0.4 s and 80 MB. The browser side reads a drawing from JSON text as well.
    Its styles are not isolated, so that style.css can keep its invisible toolbar off the canvas,
    where it would swallow strokes that begin in the upper right corner.
    """
    return component(
        "streamlit-drawable-canvas.streamlit_drawable_canvas",
        html='<div class="canvas-root"></div>',
        css="index-*.css",
        js="index-*.js",
        isolate_styles=False,
    )
