"""The app on a small machine: 690 MB of memory."""

import psutil
import pytest
from playwright.sync_api import expect

from support.draw_page import DrawPage
from support.small_machine import MEMORY, serve_small_app
from support.upload_page import UploadPage, file_of, sheet


@pytest.fixture(scope="module")
def small_app():
    with serve_small_app() as (server, peak):
        yield server, peak


def test_every_page_fits(small_app, browser, mnist):
    server, peak = small_app
    page = browser.new_page()
    page.goto(server.url)
    drawn = DrawPage(page)
    drawn.write(7, "barred")
    expect(drawn.answer).to_contain_text("7")
    drawn.go_to("Upload")
    UploadPage(page).bring({"numbers.png": file_of(sheet("2047", "385"))})
    drawn.go_to("Models")
    drawn.go_to("Robustness")
    expect(page.locator(".st-key-robustness_accuracy")).to_contain_text("%", timeout=60_000)
    drawn.go_to("Training")
    page.get_by_role("tab", name="Set up").click()  # another test's training may open Live
    start = page.locator(".st-key-training_start button")
    if peak:  # TensorFlow needs more than there is, and the page knows
        expect(page.locator(".st-key-training_launch")).to_contain_text("memory")
        expect(start).to_be_disabled()
    drawn.go_to("Draw")
    expect(drawn.answer).to_contain_text("7")  # the same visit, so the app has never died
    page.close()
    assert psutil.Process(server.pid).memory_info().rss < MEMORY
