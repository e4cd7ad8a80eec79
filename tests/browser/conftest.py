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
def tabs(browser):
    """The tabs that visits share: one that has shown the app shows it again in half the time."""
    tabs = Tabs(browser)
    yield tabs
    tabs.close()


class Tabs:
    """Tabs of a browser, of which a test takes one and hands it back.

    Whatever is opened in a tab is a fresh session of the app.
    """

    def __init__(self, browser):
        self._browser = browser
        self._contexts = {}  # by what they are like
        self._free = {}

    def take(self, *, viewport=DESKTOP, color_scheme="light", **device):
        """Return the kind of a tab and the tab, which is empty; device: Playwright's options.

        Tabs of another kind load all of the app's scripts again, so light and dark are not kinds.
        """
        kind = repr(sorted(device.items()))
        if kind not in self._contexts:
            self._contexts[kind] = self._browser.new_context(viewport=viewport, **device)
            self._free[kind] = []
        page = self._free[kind].pop() if self._free[kind] else self._contexts[kind].new_page()
        page.bring_to_front()  # a tab behind another one is slow
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=color_scheme)
        page.mouse.move(0, 0)
        return kind, page

    def hand_back(self, kind, page):
        """End the session in a tab and keep the tab for others."""
        if not page.is_closed():
            page.goto("about:blank")
            self._free[kind].append(page)

    def close(self):
        for context in self._contexts.values():
            context.close()


@contextlib.contextmanager
def visits(tabs, server):
    """A function that opens pages, which last as long as this context."""
    with contextlib.ExitStack() as opened:

        def open_page(path: str = "/", **options):
            kind, page = tabs.take(**options)
            opened.callback(tabs.hand_back, kind, page)
            page.goto(server.url + path)
            return page

        yield open_page


@pytest.fixture
def visit(tabs, server):
    """A function that opens a page of the app in a fresh session; options: of another device."""
    with visits(tabs, server) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def shared_visit(tabs, server):
    """The same for a visit that tests of a module share."""
    with visits(tabs, server) as open_page:
        yield open_page


@pytest.fixture
def draw_page(visit) -> DrawPage:
    """The draw page with a blank canvas, ready to draw on."""
    return DrawPage(visit())


@pytest.fixture(scope="module")
def one_draw_page(shared_visit) -> DrawPage:
    """A draw page for many drawings, cleared between them as a person does."""
    return DrawPage(shared_visit())


@pytest.fixture
def cleared_page(one_draw_page) -> DrawPage:
    """That page, cleared, with the usual pen."""
    one_draw_page.page.bring_to_front()
    one_draw_page.pick_pen(18)
    one_draw_page.clear()
    return one_draw_page
