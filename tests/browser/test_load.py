"""Several visitors at once get their answers, and give their memory back when they go."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import load
from support.app import serve_app


def run(task):
    """Run a coroutine in a thread of its own: in this one Playwright has a loop."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, task).result()


@pytest.fixture(scope="module")
def app():
    """An app of its own: other tests' visits would count here."""
    with serve_app() as server:
        run(load.crowd(server.url, 1, 1, pace=0))
        yield server


def test_ten_who_draw_at_once_are_all_answered(app):
    visitors, _ = run(load.crowd(app.url, 10, 4, pace=0))
    assert all(visitor.times for visitor in visitors)
    digits = [pair for visitor in visitors for pair in visitor.digits]
    assert len(digits) >= 10
    assert all(drawn == answered for drawn, answered in digits)


def test_visitors_who_have_gone_leave_no_memory_behind(app):
    found = run(load.soak(app.url, 60, lambda: load.megabytes(app.pid)))
    assert len(found) == 5
    assert found[-1] < found[0] * (1 + load.KEPT)
