"""What a person can do on the draw page: draw, clear, pick a pen, read the answer."""

from typing import TYPE_CHECKING

from support.pen import PLACES, paths
from support.script import LOOK_EVERY, wait_for_script

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Page

# Notes when the pen leaves the paper and when the picture of what the network sees changes. That
# picture is the last part of an answer to reach the page.
STOPWATCH = """
() => {
  const seen = () => document.querySelector('.dl-seen')?.getAttribute('src') ?? null;
  const watch = {up: null, before: null, answered: null};
  window.addEventListener('mouseup', () => {
    watch.up = performance.now(); watch.before = seen(); watch.answered = null;
  }, true);
  new MutationObserver(() => {
    if (watch.up !== null && watch.answered === null && seen() !== watch.before)
      watch.answered = performance.now();
  }).observe(document.body, {subtree: true, childList: true, attributes: true,
                             attributeFilter: ['src']});
  window.stopwatch = watch;
}
"""

INK = """
canvas => {
  const context = canvas.getContext('2d');
  const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let dark = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0 && data[i] < 128) dark++;
  return dark;
}
"""

CANVAS = ".st-key-draw_canvas canvas.upper-canvas"  # the one that takes the pen

# Scrolls to the whole canvas, which the page's head may cover, if it is not in sight.
FREE = """
canvas => {
  const {top, bottom} = canvas.getBoundingClientRect();
  if (top < 64 || bottom > window.innerHeight) canvas.scrollIntoView({block: 'center'});
}
"""

STEP = 12  # pixels between two events of the mouse, as of a hand that writes a digit in a second

# Where a page's heading is not its title in the navigation.
HEADINGS = {"Training": "Train a model"}


class DrawPage:
    """The draw page in a browser."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.answer = page.locator(".st-key-draw_answer")
        self.words = page.locator(".dl-words")
        self.seen = page.locator("img.dl-seen")
        self.canvas = page.locator(CANVAS)
        self.wait_for_canvas()
        page.evaluate(STOPWATCH)

    def wait_for_canvas(self) -> None:
        """Wait until the canvas can be drawn on, and what it replaces is gone."""
        self.page.wait_for_function(
            "s => document.querySelectorAll(s).length === 1", arg=CANVAS, polling=LOOK_EVERY
        )
        self.canvas.wait_for()
        wait_for_script(self.page)

    def write(self, digit: int, way: str, place: str = "middle") -> list[float]:
        """Write a digit, waiting for the answer to every stroke; the seconds that each took."""
        return [self.draw(path) for path in paths(digit, way, PLACES[place], step=STEP)]

    def draw(self, path: list[tuple[float, float]]) -> float:
        """Draw one stroke with the mouse; the seconds from its end to the answer."""
        self.stroke(path)
        answered = "stopwatch.answered !== null"
        self.page.wait_for_function(answered, timeout=15_000, polling=LOOK_EVERY)
        return self.page.evaluate("(stopwatch.answered - stopwatch.up) / 1000")

    def stroke(self, path: list[tuple[float, float]]) -> None:
        """Draw one stroke with the mouse, and wait for nothing."""
        self.canvas.evaluate(FREE)
        self.canvas.scroll_into_view_if_needed()  # which waits until it stands still
        box = self.canvas.bounding_box()
        assert box, "the canvas is hidden"
        mouse = self.page.mouse
        points = [(box["x"] + x, box["y"] + y) for x, y in path]
        mouse.move(*points[0])
        mouse.down()
        for point in points[1:]:
            mouse.move(*point)
        mouse.up()

    def choose(self, kind: str) -> None:
        """Choose what to draw, and wait for its canvas."""
        old = self.canvas.element_handle()
        self.page.get_by_role("radio", name=kind).click()
        self._wait_for_end_of(old)
        self.wait_for_canvas()

    def places_of(self, selectors: str) -> list[dict]:
        """Where the parts of the page are that these selectors choose."""
        return self.page.evaluate(
            "s => [...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().toJSON())",
            selectors,
        )

    def ink(self) -> int:
        """How many pixels of the canvas are dark."""
        return self.page.locator(".st-key-draw_canvas canvas.dc-canvas.lower-canvas").evaluate(INK)

    def pick_pen(self, width: int) -> None:
        """Set the pen width with the keyboard."""
        slider = self.page.get_by_role("slider", name="Pen width")
        steps = (width - int(float(slider.input_value()))) // 2
        for _ in range(abs(steps)):
            slider.press("ArrowRight" if steps > 0 else "ArrowLeft")
        if steps:
            self.page.wait_for_timeout(1000)  # Streamlit sends a slider's value when it rests
            wait_for_script(self.page)

    def clear(self) -> None:
        """Press Clear and wait for the fresh canvas."""
        old = self.canvas.element_handle()
        self.page.locator(".st-key-draw_clear button").click()
        self._wait_for_end_of(old)
        self.wait_for_canvas()

    def _wait_for_end_of(self, canvas: "ElementHandle | None") -> None:
        self.page.wait_for_function("canvas => !canvas.isConnected", arg=canvas, polling=LOOK_EVERY)

    def toolbar(self, button: str) -> None:
        """Press a button of the canvas's own toolbar."""
        self.canvas.hover()
        self.page.get_by_role("button", name=button, exact=True).click()

    def go_to(self, title: str) -> None:
        """Follow a link of the navigation."""
        self.page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
        heading = HEADINGS.get(title, title)
        self.page.get_by_role("heading", level=1, name=heading).wait_for()
        wait_for_script(self.page)
