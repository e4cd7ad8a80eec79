"""What a person can do on the training page: set up a training, start it, watch it, stop it."""

import contextlib
import time

from playwright.sync_api import Page, expect

from mnist_core import runs, serving
from mnist_core.errors import ModelError, RunError
from support.expanders import unfold
from support.script import wait_for_script
from support.select_box import choose

STYLED = "getComputedStyle(document.querySelector('.stApp')).getPropertyValue('--dl-accent') !== ''"

# None while the chart is being drawn.
POINTS = """
(document.querySelector('.st-key-training_curves .js-plotly-plot')?.data ?? [])
  .reduce((points, curve) => points + curve.x.length, 0)
"""


class TrainingPage:
    """The training page in a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.start_button = page.locator(".st-key-training_start button")
        self.stop_button = page.locator(".st-key-training_stop button")
        self.status = page.locator(".st-key-training_status")
        self.curves = page.locator(".st-key-training_curves")
        self.launch = page.locator(".st-key-training_launch")
        self.model = page.locator(".st-key-model_choice").get_by_role("combobox")
        self.wait_for_page()

    def wait_for_page(self) -> None:
        """Wait until the page is whole."""
        self.page.get_by_role("tab", name="Set up").wait_for(timeout=60_000)
        self.page.wait_for_function(STYLED)
        wait_for_script(self.page)

    def open(self, tab: str) -> None:
        """Open one of the page's tabs."""
        self.page.get_by_role("tab", name=tab).click()
        expect(self.page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        wait_for_script(self.page)

    def unfold(self, title: str) -> None:
        """Show settings that are folded away."""
        unfold(self.page, title)

    def type(self, label: str, text: str) -> None:
        """Type into a field in the place of what it holds, and send it."""
        field = self.page.get_by_label(label, exact=True)
        field.focus()
        field.press("Control+a")
        field.press("Delete")
        field.press_sequentially(text)
        field.press("Enter")

    def pick(self, setting: str, text: str) -> None:
        """Type into a select box and take the first match."""
        choose(self.page.locator(f".st-key-train_{setting}").get_by_role("combobox"), text)

    def points(self) -> int:
        """How many points the curves of the loss have by now."""
        return self.page.evaluate(POINTS)

    def wait_for_points(self, least: int, seconds: float = 120) -> None:
        """Wait until the curves have so many points."""
        deadline = time.monotonic() + seconds
        while self.points() < least:
            assert time.monotonic() < deadline, f"the curves have {self.points()} points"
            self.page.wait_for_timeout(200)

    def go_to(self, title: str) -> None:
        """Follow a link of the navigation."""
        self.page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()

    def expect_text(self, text: str) -> None:
        """Expect a sentence beside the start button, and that it cannot be pressed."""
        expect(self.launch).to_contain_text(text)
        expect(self.start_button).to_be_disabled()


def forget(name: str, seconds: float = 60) -> None:
    """Delete a training and its model, whatever has become of them."""
    deadline = time.monotonic() + seconds
    while any(run.name == name for run in runs.list_runs()) and time.monotonic() < deadline:
        with contextlib.suppress(RunError):  # its process has not ended yet
            runs.discard(name)
    with contextlib.suppress(ModelError):
        serving.delete_model(name)
