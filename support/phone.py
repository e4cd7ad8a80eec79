"""Whether a page fits phones, without scrolling sideways."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS, HEIGHT = (320, 390), 844  # pixels
NARROW = {"width": WIDTHS[0], "height": HEIGHT}  # a page that fits here hardly fails on others
FITS = """
width => innerWidth === width && document.documentElement.scrollWidth <= width
  && (main => main.scrollWidth <= main.clientWidth)(document.querySelector('[data-testid=stMain]'))
"""


def on_phones(page: "Page") -> Iterator[int]:
    """Make a page as wide as each phone, expect that it fits, and yield the width in pixels."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.wait_for_function(FITS, arg=width)
        yield width
