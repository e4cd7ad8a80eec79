"""What a person can do on the robustness page: corrupt, move the severity, read results."""

import re

from playwright.sync_api import Page, expect

from support.script import LOOK_EVERY
from support.select_box import choose

# Notes when a key moves the slider and when the accuracy shows another severity.
STOPWATCH = """
() => {
  const shown = () => document.querySelector('.st-key-robustness_accuracy')?.innerText;
  const watch = {moved: null, before: null, updated: null};
  window.addEventListener('keydown', () => {
    watch.moved = performance.now(); watch.before = shown(); watch.updated = null;
  }, true);
  new MutationObserver(() => {
    if (watch.moved !== null && watch.updated === null && shown() !== watch.before)
      watch.updated = performance.now();
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
  window.sliderWatch = watch;
}
"""

# On a fresh visit Streamlit may show the page a moment before its style sheet.
STYLED = "getComputedStyle(document.querySelector('.dl-accuracy')).display === 'flex'"


class RobustnessPage:
    """The robustness page in a browser."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.accuracy = page.locator(".st-key-robustness_accuracy")
        self.severity = page.get_by_role("slider", name="Severity")
        self.corruption = page.locator(".st-key-robustness_corruption").get_by_role("combobox")
        self.model = page.locator(".st-key-model_choice").get_by_role("combobox")
        self.strip = page.locator('.dl-strip[aria-label^="Test images"]')
        self.curve = page.locator(".st-key-robustness_curve")
        self.table = page.locator(".st-key-robustness_table")
        self.own = page.locator(".st-key-robustness_own")
        self.confused = page.locator(".dl-confused")
        self.accuracy.locator("strong").wait_for(timeout=60_000)
        page.wait_for_function(STYLED)

    def open(self, tab: str) -> None:
        """Open one of the page's tabs."""
        self.page.get_by_role("tab", name=tab).click()
        expect(self.page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")

    def read(self) -> float:
        """Return the accuracy shown, in percent."""
        shown = re.search(r"(\d+\.\d\d)%", self.accuracy.inner_text())
        assert shown, "no accuracy is shown"
        return float(shown[1])

    def expect_severity(self, text: str) -> None:
        """Wait until the accuracy of this severity shows."""
        phrase = re.compile(rf"severity {re.escape(text)}$", re.MULTILINE)
        expect(self.accuracy).to_contain_text(phrase, use_inner_text=True)

    def move(self, key: str = "ArrowRight") -> float:
        """Press a key on the slider; the seconds until the accuracy of the new severity shows."""
        self.page.evaluate(f"if (!window.sliderWatch) ({STOPWATCH})()")
        self.severity.press(key)
        updated = "sliderWatch.updated !== null"
        self.page.wait_for_function(updated, timeout=30_000, polling=LOOK_EVERY)
        return self.page.evaluate("(sliderWatch.updated - sliderWatch.moved) / 1000")

    def choose_corruption(self, title: str) -> None:
        """Choose a corruption by its name, with the keyboard."""
        self.pick("robustness_corruption", title)

    def pick(self, key: str, text: str) -> None:
        """Type into a select box and take the first match."""
        choose(self.page.locator(f".st-key-{key}").get_by_role("combobox"), text)

    def curve_values(self) -> dict[float, dict[str, str]]:
        """Return the curve's table: by severity, each model's accuracy as it is written."""
        rows = self.curve.locator("tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        (_, *models), *rows = rows
        return {float(at): dict(zip(models, cells, strict=True)) for at, *cells in rows}

    def wait_for_curve(self, seconds: float = 60) -> None:
        """Wait until every point of the curve is measured."""
        self.page.wait_for_function(
            "() => { const t = document.querySelector('.st-key-robustness_curve table');"
            " return t && !t.textContent.includes('…'); }",
            timeout=seconds * 1000,
        )

    def choose_cell(self, written: int, read: int) -> None:
        """Click a cell of the confusion matrix; once more if it was just being drawn again."""
        cells = self.page.locator(".st-key-confusion_chart .scatterlayer .point")
        for _ in range(3):
            cells.nth(10 * written + read).click(force=True)
            try:
                expect(self.confused).to_contain_text(f"of {written} classified as {read}")
            except AssertionError:
                continue
            return
