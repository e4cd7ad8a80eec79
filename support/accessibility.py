"""What axe-core finds on the app's pages, in states that people meet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from support.draw_page import DrawPage
from support.expanders import unfold
from support.script import wait_for_script
from support.upload_page import UploadPage, document_of, sheet
from ui.frame import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOOKS = {
    "desktop-light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}
MAP_OF_DIGITS = ".dl-map-of-digits canvas[aria-label]"  # its script gives it the label


def _draw(page: "Page") -> None:
    DrawPage(page).write(7, "barred")
    page.get_by_text("Look inside").click()
    page.locator(".dl-map img").first.wait_for()
    page.get_by_text("Can you fool it?").click()
    page.get_by_role("button", name="People would call this a 3").wait_for()
    unfold(page, "Why ")
    page.locator(MAP_OF_DIGITS).wait_for()


def _draw_number(page: "Page") -> None:
    drawn = DrawPage(page)
    drawn.choose("A whole number")


def _bring_document(page: "Page") -> None:
    brought = UploadPage(page)
    brought.bring({"scan.tif": document_of("TIFF", sheet("125", "47"), sheet("38"), sheet())})


def _robustness(page: "Page") -> None:
    _wait(page)
    page.locator(".dl-confused").wait_for()


def _models(page: "Page") -> None:
    _wait(page)
    page.locator(MAP_OF_DIGITS).wait_for()


def _wait(page: "Page") -> None:
    wait_for_script(page)
    # On a fresh visit Streamlit may show the page a moment before its style sheet.
    page.wait_for_function(
        "getComputedStyle(document.documentElement).getPropertyValue('--dl-soft')"
        " || getComputedStyle(document.querySelector('.stApp')).getPropertyValue('--dl-soft')"
    )


# Where each state is, and what a person does there first: every page as it opens, and others.
STATES: Mapping[str, tuple[str, Callable[["Page"], object]]] = {
    **{page.title.lower(): (page.path, _wait) for page in PAGES},
    "draw": ("/", DrawPage),
    "models": ("/models?tab=map", _models),
    "draw-answered": ("/", _draw),
    "draw-number": ("/", _draw_number),
    "upload-read": ("/upload", _bring_document),
    "robustness": (
        "/robustness?corruption=fog&severity=0.5&models=dense-sigmoid&tab=digits",
        _robustness,
    ),
}


@dataclass(frozen=True)
class Finding:
    """A rule that is broken, how badly ("minor" to "critical"), and where first."""

    impact: str
    rule: str
    places: int
    first: str


# Elements fade in, and pale ones have too little contrast; what moves for ever is not waited for.
STILL = """
() => Promise.allSettled(document.getAnimations()
  .filter(moving => moving.effect.getComputedTiming().endTime !== Infinity)
  .map(moving => moving.finished))
"""


def findings(page: "Page", name: str) -> list[Finding]:
    """Bring a page that opens into a state, and return what axe-core finds there.

    Parameters
    ----------
    page : at the address of the state
    name : a key of STATES

    Returns
    -------
    list of Finding
    """
    from axe_playwright_python.sync_playwright import Axe

    _, act = STATES[name]
    page.get_by_role("heading", level=1).wait_for()
    act(page)
    page.wait_for_timeout(500)  # what has come may fade in only now
    page.evaluate(STILL)
    found = Axe().run(page).response["violations"]
    return [
        Finding(
            one["impact"] or "minor", one["id"], len(one["nodes"]), one["nodes"][0]["html"][:160]
        )
        for one in found
    ]
