"""How much visitors may upload: the rule, and the route of uploads as Streamlit has it."""

import asyncio
from types import SimpleNamespace

import pytest
from starlette.exceptions import HTTPException
from starlette.routing import Route
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette import starlette_routes

from mnist_core.config import MAX_BYTES, MAX_PICTURES, MAX_VISIT_BYTES
from ui import shell, uploads
from ui.uploads import READING, SERVER_FULL, TOO_MANY, VISIT_FULL, Arrival, Held, refusal_of

PLENTY = 10**11
MB = 1_000_000
# Streamlit's own: the app, which other tests start in this process, puts bounds around them.
HANDLE, ADD_FILE = Route.handle, MemoryUploadedFileManager.add_file


@pytest.mark.parametrize(
    ("coming", "held", "expected"),
    [
        (MAX_BYTES, Held(0, 0, PLENTY), ""),
        (MAX_BYTES, Held(0, MAX_PICTURES, PLENTY), TOO_MANY),
        (20 * MB, Held(0, 0, READING + 39 * MB), SERVER_FULL),
        (20 * MB, Held(0, 0, READING + 40 * MB), ""),
        (0, Held(0, 0, READING - 1), SERVER_FULL),
        (20 * MB, Held(30 * MB, 2, READING + 69 * MB), VISIT_FULL),
        (20 * MB, Held(30 * MB, 2, READING + 70 * MB), ""),
        (20 * MB, Held(MAX_VISIT_BYTES - 19 * MB, 2, PLENTY), VISIT_FULL),
    ],
)
def test_a_visit_may_hold_a_share_of_what_reading_leaves_free(coming, held, expected):
    assert refusal_of(coming, held) == expected


def body_of(size):
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    return head + bytes(size) + b"\r\n--x--\r\n"


def parts_of(body, step=64_000):
    starts = range(0, len(body), step)
    return [
        {"type": "http.request", "body": body[s : s + step], "more_body": s + step < len(body)}
        for s in starts
    ]


class Upload:
    """A request of the upload route, whose parts are counted as they are taken."""

    def __init__(self, file, size, *, declared=True):
        body = body_of(size)
        self.left, self.sent = parts_of(body), []
        headers = {"content-type": "multipart/form-data; boundary=x"}
        headers |= {"content-length": str(len(body))} if declared else {}
        self.scope = {
            "type": "http",
            "method": "PUT",
            "path_params": {"session_id": "visit", "file_id": file},
            "headers": [(name.encode(), text.encode()) for name, text in headers.items()],
        }

    async def receive(self):
        return self.left.pop(0)

    async def send(self, message):
        self.sent.append(message)


@pytest.fixture
def route(monkeypatch):
    """Streamlit's own route of uploads; what it keeps; and how much is free."""
    manager, free = MemoryUploadedFileManager("/upload"), SimpleNamespace(bytes=PLENTY)
    monkeypatch.setattr(Route, "handle", HANDLE)
    monkeypatch.setattr(MemoryUploadedFileManager, "add_file", ADD_FILE)
    monkeypatch.setattr(starlette_routes, "is_xsrf_enabled", lambda: False)
    monkeypatch.setattr(shell, "memory_free", lambda: free.bytes)
    runtime = SimpleNamespace(is_active_session=lambda _: True, uploaded_file_mgr=manager)
    monkeypatch.setattr(shell.Runtime, "instance", lambda: runtime)
    put = starlette_routes.create_upload_routes(runtime, manager, None)[0]

    def upload(*requests):
        async def all_at_once():
            await asyncio.gather(*(put.handle(r.scope, r.receive, r.send) for r in requests))

        asyncio.run(all_at_once())
        return manager.file_storage["visit"]

    return upload, free


def test_streamlit_keeps_all_that_is_uploaded(route):
    upload, free = route
    free.bytes = 0
    assert len(upload(Upload("1", 2 * MB))["1"].data) == 2 * MB, "bound_uploads is not needed"


@pytest.mark.parametrize("declared", [True, False])
def test_of_an_upload_that_is_refused_nothing_is_kept_but_why(route, declared):
    upload, free = route
    shell.bound_uploads.__wrapped__()
    free.bytes = READING + 3 * MB
    good, bad = Upload("1", MB), Upload("2", 4 * MB, declared=declared)
    files = upload(good)
    if not declared:
        free.bytes = READING - 1
    files = upload(bad)
    assert (len(files["1"].data), files["1"].name) == (MB, "a.png")
    assert (files["2"].data, files["2"].name, files["2"].type) == (b"", "a.png", SERVER_FULL)
    assert [good.sent[0]["status"], bad.sent[0]["status"]] == [204, 204]
    assert not bad.left  # it was received to its end


def test_uploads_under_way_count_together(route, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_VISIT_BYTES", 10 * MB)
    upload, _ = route
    shell.bound_uploads.__wrapped__()
    files = upload(*[Upload(str(n), 6 * MB) for n in range(4)])
    assert sorted(len(file.data) for file in files.values()) == [0, 0, 0, 6 * MB]
    assert {file.type for file in files.values() if not file.data} == {VISIT_FULL}


def test_so_many_files_are_kept_and_then_not_even_noted(route, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_PICTURES", 2)
    monkeypatch.setattr(uploads, "MOST_FILES", 3)
    upload, _ = route
    shell.bound_uploads.__wrapped__()
    for n in range(3):
        files = upload(Upload(str(n), 10))
    assert [files[str(n)].type == TOO_MANY for n in range(3)] == [False, False, True]
    with pytest.raises(HTTPException) as refused:
        upload(Upload("3", 10))
    assert refused.value.status_code == 413


def test_an_upload_that_stops_or_never_ends_is_ended(monkeypatch):
    monkeypatch.setattr(uploads, "IDLE", 0.01)

    def end_of(receive, free):
        arrival = Arrival(receive, {}, lambda: Held(0, 0, free))

        async def go_on():
            while True:
                await arrival.receive()

        with pytest.raises(HTTPException) as ended:
            asyncio.run(go_on())
        return ended.value.status_code

    async def stop():
        await asyncio.sleep(9)

    async def more():
        return {"type": "http.request", "body": bytes(MB), "more_body": True}

    assert end_of(stop, PLENTY) == 408
    assert end_of(more, 0) == 413
