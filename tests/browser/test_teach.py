"""Teaching the draw page one's own hand, on a phone."""

import itertools

from playwright.sync_api import expect

from support.draw_page import DrawPage
from support.expanders import unfold

PHONE = {"width": 390, "height": 844}


def odd_seven(lean):
    """A 7 as in a mirror, with a foot."""
    corners = [(200, 50), (80, 55), (150 + lean, 230), (210 + lean, 232)]
    return [
        (x + (right - x) * step / 8, y + (below - y) * step / 8)
        for (x, y), (right, below) in itertools.pairwise(corners)
        for step in range(9)
    ]


def test_an_odd_digit_taught_three_times_is_recognised_and_can_be_removed(visit):
    draw_page = DrawPage(visit("/", viewport=PHONE))
    page = draw_page.page
    draw_page.draw(odd_seven(0))
    assert draw_page.answer.inner_text().strip() != "7", "the model has to misread it at first"
    for lean in (0, -10, 10):
        if lean:
            draw_page.draw(odd_seven(lean))
        page.locator(".st-key-draw_teach").get_by_role("radio", name="7").click()
        page.get_by_text("Learnt: this is a 7.").wait_for()
        draw_page.clear()
    draw_page.draw(odd_seven(5))
    expect(draw_page.answer).to_have_text("7")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], "the page must not scroll sideways"
    unfold(page, "Teach it your handwriting")
    page.get_by_alt_text("Taught as 7").nth(2).wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my digits").click()
    assert download.value.suggested_filename == "my-digits.npz"
    page.locator(".st-key-taught_clear button").click()
    page.locator(".st-key-taught_clear").wait_for(state="detached")
    expect(draw_page.answer).not_to_have_text("7")
    page.locator(".st-key-taught_bring button").click()
    page.locator("input[type=file]").set_input_files(
        {
            "name": "my-digits.npz",
            "mimeType": "application/octet-stream",
            "buffer": download.value.path().read_bytes(),
        }
    )
    page.get_by_text("3 digits taught from your file.").wait_for()
    expect(draw_page.answer).to_have_text("7")
    page.get_by_role("button", name="Write each digit three times").click()
    expect(page.get_by_text("(1 of 30)")).to_be_in_viewport()
    expect(draw_page.canvas).to_be_in_viewport(ratio=1)
