"""The app on a machine as small as Streamlit Community Cloud promises: 690 MB of memory."""

import contextlib
import os
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from support.app import serve_app
from support.draw_page import DrawPage
from support.upload_page import UploadPage, file_of, sheet

MEMORY = 690_000_000  # bytes
GROUPS = {  # of control groups, versions 1 and 2: their folder and the file of the limit
    Path("/sys/fs/cgroup/memory"): "memory.limit_in_bytes",
    Path("/sys/fs/cgroup"): "memory.max",
}


@contextlib.contextmanager
def within(pid):
    """Keep a process and its children to MEMORY; yields whether the system lets us."""
    for root, limit in GROUPS.items():
        group = root / f"digit-lab-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(MEMORY))
            (group / "cgroup.procs").write_text(str(pid))
        except OSError:
            group.rmdir()
            continue
        try:
            yield True
        finally:
            for process in (group / "cgroup.procs").read_text().split():
                (root / "cgroup.procs").write_text(process)
            group.rmdir()
        return
    yield False


@pytest.fixture(scope="module")
def small_app():
    with serve_app() as server, within(server.pid) as limited:
        yield server, limited


def test_every_page_fits(small_app, browser, mnist):
    server, limited = small_app
    page = browser.new_page()
    page.goto(server.url)
    drawn = DrawPage(page)
    drawn.write(7, "barred")
    expect(drawn.answer).to_contain_text("7")
    drawn.go_to("Upload")
    UploadPage(page).bring({"numbers.png": file_of(sheet("2047", "385"))})
    drawn.go_to("Models")
    drawn.go_to("Robustness")
    expect(page.locator(".st-key-robustness_accuracy")).to_contain_text("%", timeout=60_000)
    drawn.go_to("Training")
    start = page.locator(".st-key-training_start button")
    if limited:  # TensorFlow needs more than there is, and the page knows
        expect(page.locator(".st-key-training_launch")).to_contain_text("memory")
        expect(start).to_be_disabled()
    drawn.go_to("Draw")
    expect(drawn.answer).to_contain_text("7")  # the same visit, so the app has never died
    page.close()
    assert psutil.Process(server.pid).memory_info().rss < MEMORY
