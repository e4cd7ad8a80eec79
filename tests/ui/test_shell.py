"""What `ui/shell.py` works around in Streamlit is still so; a test that fails asks to remove it."""

import asyncio
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import streamlit as st
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest

from mnist_core.config import MAX_BYTES
from ui import shell

PROJECT = Path(__file__).resolve().parents[2]
APP = """
import streamlit as st
page = st.navigation([st.Page("pages/first.py", default=True), st.Page("pages/second.py")])
st.write("frame")
page.run()
"""
SECOND = "import streamlit as st\nst.write('second')"
CANVAS = """
from streamlit_drawable_canvas import st_canvas
st_canvas(initial_drawing={"objects": []}, key="canvas")
"""
BOUND = """
import streamlit as st
st.write(st.slider("Level", 0, 9, 5, key="level", bind="query-params"))
st.write(dict(st.query_params))
"""


def texts(app: AppTest) -> list[str]:
    return [element.value for element in app.markdown]


def test_on_a_fresh_server_streamlit_runs_a_page_without_its_frame(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "pages" / "first.py").write_text("")
    (tmp_path / "pages" / "second.py").write_text(SECOND)
    app = AppTest.from_file(str(tmp_path / "app.py"))
    app.switch_page("pages/second.py").run()
    assert texts(app) == ["second"], "ensure_frame is no longer needed"


def test_who_opens_a_page_first_gets_its_frame_too():
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.switch_page("pages/models.py").run()
    assert not app.exception
    assert app.sidebar.selectbox(key="model_choice").value
    assert len(app.title) == 1
    for page in (PROJECT / "pages").glob("*.py"):
        assert "\nensure_frame()\n" in page.read_text("utf-8"), page


def test_streamlit_reports_back_and_forward_only_in_private_attributes():
    public = [name for name in dir(st.context) if not name.startswith("_")]
    assert not [name for name in public if "history" in name or "navigation" in name], (
        "st.context provides what went_back_or_forward looks up"
    )
    assert "is_history_navigation" in ScriptRunContext.__dataclass_fields__


def test_a_widget_bound_to_the_address_forgets_a_value_that_it_does_not_know():
    app = AppTest.from_string(BOUND)
    app.query_params["level"] = "high"
    app.run()
    assert "high" not in " ".join(texts(app)), "a page could say what is wrong with its link"


def test_the_canvas_by_itself_imports_pandas(tmp_path):
    (tmp_path / "canvas.py").write_text(CANVAS)
    script = f"""
import sys
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(tmp_path / "canvas.py")!r}, default_timeout=60).run()
assert not app.exception, app.exception
print("pandas" in sys.modules)
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert run.stdout.strip() == "True", f"canvas_component is no longer needed {run.stderr[-500:]}"


def test_streamlit_would_write_uploads_to_disk(monkeypatch):
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 1024 * 1024)
    assert asyncio.run(upload(2_000_000))._rolled, "keep_uploads_in_memory is no longer needed"
    shell.keep_uploads_in_memory.__wrapped__()
    assert not asyncio.run(upload(MAX_BYTES))._rolled


def test_the_content_of_an_upload_is_freed_or_all_of_it(monkeypatch):
    manager = MemoryUploadedFileManager("")
    for name in "ab":
        manager.add_file("visit", UploadedFileRec(name, f"{name}.png", "", b"content"))
    context = SimpleNamespace(uploaded_file_mgr=manager, session_id="visit")
    monkeypatch.setattr(shell, "get_script_run_ctx", lambda: context)
    shell.release_upload("a")
    assert manager.file_storage["visit"]["a"] == ("a", "a.png", "", b"")
    shell.remove_uploads(["b", "no such file"])
    assert set(manager.file_storage["visit"]) == {"a"}


async def upload(size: int):
    """The file behind an upload, as Starlette's parser hands it to Streamlit."""
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    body = head + bytes(size) + b"\r\n--x--\r\n"

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    request = Request({"type": "http", "method": "POST", "headers": headers}, receive)
    form = await request.form()
    return form["f"].file
