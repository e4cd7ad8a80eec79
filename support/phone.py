"""Whether a page fits phones, upright and turned, without scrolling sideways."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

HEIGHT = 844  # pixels of a phone held upright
UPRIGHT = {320: HEIGHT, 390: HEIGHT}  # heights by width
PHONES = UPRIGHT | {HEIGHT: 390}  # a turned phone shows the sidebar too
WIDTHS = tuple(PHONES)
NARROW = {"width": WIDTHS[0], "height": HEIGHT}  # a page that fits here hardly fails on others
FITS = """
width => innerWidth === width && document.documentElement.scrollWidth <= width
  && (main => main.scrollWidth <= main.clientWidth)(document.querySelector('[data-testid=stMain]'))
"""


def on_phones(page: "Page", phones: dict[int, int] = PHONES) -> Iterator[int]:
    """Make a page as large as each phone, expect that it fits, and yield the width in pixels."""
    for width, height in phones.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(FITS, arg=width)
        yield width
