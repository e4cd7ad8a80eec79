"""Fixtures for tests in a real browser.

Without a browser the tests are skipped; with DIGIT_LAB_REQUIRE_BROWSER=1 they fail instead.
"""

import contextlib
import os

import pytest
from playwright.sync_api import expect

from support.app import NoBrowserError, open_browser, serve_app
from support.draw_page import DrawPage
from tests.measured import MEASURED

DESKTOP = {"width": 1280, "height": 800}
# Milliseconds to wait for what a page will show, as other tests compute on the same processors; how
# long people wait is measured by the tests whose times are reported.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def readings(request) -> list[bool]:
    """Whether each digit drawn was classified correctly, for the summary."""
    return request.config.stash[MEASURED]["readings"]


@pytest.fixture(scope="session")
def seconds(request) -> list[float]:
    """From the end of each stroke to its answer, for the summary."""
    return request.config.stash[MEASURED]["seconds"]


@pytest.fixture(scope="session")
def busy_seconds(request) -> list[float]:
    """The same while a training goes on, for the summary."""
    return request.config.stash[MEASURED]["busy_seconds"]


@pytest.fixture(scope="session")
def inside_seconds(request) -> list[float]:
    """The same while the layers are shown, to all of their maps, for the summary."""
    return request.config.stash[MEASURED]["inside_seconds"]


@pytest.fixture(scope="session")
def slider_seconds(request) -> dict[str, list[float]]:
    """By model, from each move of the severity slider to the new accuracy, for the summary."""
    return request.config.stash[MEASURED]["slider"]


@pytest.fixture(scope="session")
def server():
    """The app; all browser tests of this process visit the same one."""
    with serve_app() as running:
        yield running


@pytest.fixture(scope="package")
def browser():
    """A headless browser.

    It is closed before this process goes on to other tests, where Playwright's loop would be in
    the way of those that use asyncio.
    """
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(open_browser())
        except NoBrowserError as error:
            if os.environ.get("DIGIT_LAB_REQUIRE_BROWSER") == "1":
                pytest.fail(f"DIGIT_LAB_REQUIRE_BROWSER is set, but: {error}")
            pytest.skip(str(error))
        yield running


@pytest.fixture(scope="package")
def desktop(browser):
    """What most visits share: a browser keeps the scripts that it has loaded and compiled."""
    with contextlib.closing(browser.new_context(viewport=DESKTOP)) as context:
        yield context


@pytest.fixture
def visit(browser, desktop, server):
    """A function that opens a page of the app in a fresh session; options: of another device."""
    with contextlib.ExitStack() as opened:

        def open_page(path: str = "/", **options):
            context = desktop
            if options:
                context = browser.new_context(**{"viewport": DESKTOP, **options})
                opened.callback(context.close)
            page = context.new_page()
            opened.callback(page.close)
            page.goto(server.url + path)
            return page

        yield open_page


@pytest.fixture
def draw_page(visit) -> DrawPage:
    """The draw page with a blank canvas, ready to draw on."""
    return DrawPage(visit())


@pytest.fixture(scope="module")
def one_draw_page(browser, server):
    """A draw page for many digits, cleared between them as a person does."""
    page = browser.new_page(viewport=DESKTOP)
    page.goto(server.url)
    yield DrawPage(page)
    page.close()
