"""Whether the app runs its script, as far as a browser shows it."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

IDLE = '.stApp[data-test-script-state="notRunning"]'
NOTE_A_RUN = """
() => {
  window.scriptRan = false;
  new MutationObserver((_, observer) => { window.scriptRan = true; observer.disconnect(); })
    .observe(document.querySelector('.stApp'), {attributeFilter: ['data-test-script-state']});
}
"""


def wait_for_script(page: "Page", *, seconds: float = 30) -> None:
    """Wait until the app has nothing left to run.

    Right after a click it may not even have begun: expect what the click will show, or use
    script_run.
    """
    page.locator(IDLE).wait_for(timeout=1000 * seconds)


@contextlib.contextmanager
def script_run(page: "Page") -> Iterator[None]:
    """Wait for the run of the script that begins with what is done inside, until it has ended."""
    wait_for_script(page)
    page.evaluate(NOTE_A_RUN)
    yield
    page.wait_for_function("scriptRan")
    wait_for_script(page)
