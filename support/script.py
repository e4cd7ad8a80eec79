"""Whether the app runs its script, as far as a browser shows it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOOK_EVERY = 50  # milliseconds; a look at every frame, as is usual, has the browser draw frames
IDLE = '.stApp[data-test-script-state="notRunning"]'


def wait_for_script(page: "Page", *, seconds: float = 30) -> None:
    """Wait until the app has nothing left to run.

    Right after a click it may not even have begun: expect what the click will show.
    """
    page.locator(IDLE).wait_for(timeout=1000 * seconds)
