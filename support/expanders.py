"""Parts of a page that are folded away."""

from playwright.sync_api import Page

from support.script import wait_for_script

# Lists that open while their part unfolds close at once, and buttons move away from the mouse. A
# part that the app fills once it is open ends its movement early.
UNFOLDED = """
summary => new Promise(requestAnimationFrame).then(
  () => Promise.allSettled(summary.parentElement.getAnimations().map(moving => moving.finished)))
"""


def unfold(page: Page, title: str) -> None:
    """Unfold the part of this title, and wait until it stands still."""
    wait_for_script(page)
    summary = page.locator("summary").filter(has_text=title)
    summary.click()
    summary.evaluate(UNFOLDED)
