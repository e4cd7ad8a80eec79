"""Choosing in a select box, by typing."""

from playwright.sync_api import Locator, TimeoutError

from support.script import wait_for_script


def choose(box: Locator, text: str) -> None:
    """Type into a select box and take the first match.

    A list that the app closes, as it draws the page again, is opened again.
    """
    box.wait_for()
    wait_for_script(box.page)
    option = box.page.get_by_role("option").filter(has_text=text).first
    for _ in range(6):
        box.click()
        box.fill(text)
        try:
            option.wait_for(timeout=5_000)
        except TimeoutError:
            continue
        box.press("Enter")
        return
    raise AssertionError(f"There is no {text!r} to choose.")
