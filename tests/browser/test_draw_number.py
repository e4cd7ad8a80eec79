"""A whole number on the draw page's wide canvas, with a mouse and with a finger."""

import re

import pytest
from playwright.sync_api import expect

from support.draw_page import STEP, DrawPage
from support.pen import Place, paths
from support.phone import FITS, NARROW, UPRIGHT, on_phones
from ui.draw.digit import HINT as HINT_OF_DIGIT
from ui.draw.number import HINT

PHONE = {"width": 390, "height": 844}
NUMBER = ((1, "straight"), (7, "plain"), (0, "oval"))
TILES = ".dl-drawn-digits li"
# Notes every place that the canvas takes, however briefly.
NOTE_PLACES = """
() => {
  window.places = new Set();
  const note = () => {
    for (const canvas of document.querySelectorAll('.st-key-draw_canvas canvas.upper-canvas'))
      places.add(JSON.stringify(canvas.getBoundingClientRect()));
    requestAnimationFrame(note);
  };
  note();
}
"""


def strokes_of(digits, *, left=40, top=60, height=160, apart=160):
    """The pen's paths of digits side by side, in pixels of the page."""
    return [
        path
        for place, (digit, way) in enumerate(digits)
        for path in paths(digit, way, Place(left + place * apart, top, height, 18), step=STEP)
    ]


def write(page: DrawPage, digits, **where) -> None:
    """Write a number as fast as a mouse can, without a look at the answers in between."""
    for path in strokes_of(digits, **where):
        page.stroke(path)


@pytest.fixture(scope="module")
def one_number_page(shared_visit) -> DrawPage:
    page = DrawPage(shared_visit())
    page.choose("A whole number")
    return page


@pytest.fixture
def number_page(one_number_page) -> DrawPage:
    """A blank wide canvas."""
    one_number_page.page.bring_to_front()
    one_number_page.clear()
    return one_number_page


def test_a_blank_wide_canvas_shows_what_to_do_and_nothing_moves_when_the_number_appears(
    number_page,
):
    expect(number_page.answer).to_have_text("")
    expect(number_page.words).to_have_text(HINT)
    expect(number_page.page.get_by_role("heading", level=1)).to_have_text("Draw a number")
    expect(number_page.page.locator(TILES)).to_have_count(0)
    assert number_page.canvas.bounding_box()["width"] == pytest.approx(700, abs=5)
    parts = ".dl-drawn, .dl-words, .dl-figure, .st-key-draw_canvas, .st-key-pen_width"
    before = number_page.places_of(parts)
    number_page.page.evaluate(NOTE_PLACES)
    write(number_page, NUMBER)
    expect(number_page.answer).to_have_text("170")
    assert number_page.places_of(parts) == before
    assert number_page.page.evaluate("places.size") == 1, "the canvas moved under the pen"


def test_a_number_is_read_and_cleared(number_page):
    write(number_page, NUMBER)
    expect(number_page.answer).to_have_text("170")
    assert number_page.answer.inner_text() == "170"
    tiles = number_page.page.locator(TILES)
    expect(tiles).to_have_text([re.compile(rf"^{digit} >?\d+\.\d%") for digit in "170"])
    expect(tiles.locator("img")).to_have_count(3)
    expect(number_page.words).to_contain_text("Least certain digit: ")
    number_page.clear()
    expect(number_page.answer).to_have_text("")
    expect(number_page.words).to_have_text(HINT)
    expect(tiles).to_have_count(0)
    assert number_page.ink() == 0
    write(number_page, NUMBER[1:])
    expect(number_page.answer).to_have_text("70")


def test_a_longer_number_by_another_hand(number_page):
    digits = ((2, "looped"), (0, "narrow"), (4, "closed"), (8, "one_loop"), (5, "with_hat"))
    write(number_page, digits, height=120, apart=130)
    expect(number_page.answer).to_have_text("20485")


def test_undo_takes_a_digit_away(number_page):
    write(number_page, NUMBER)
    expect(number_page.answer).to_have_text("170")
    number_page.toolbar("Undo")
    expect(number_page.answer).to_have_text("17")


def test_both_drawings_are_kept_and_cleared_by_themselves(number_page):
    draw_page = number_page
    draw_page.choose("One digit")
    draw_page.clear()
    draw_page.write(3, "round")
    expect(draw_page.answer).to_have_text("3")
    ink = draw_page.ink()
    draw_page.choose("A whole number")
    expect(draw_page.answer).to_have_text("")
    write(draw_page, NUMBER)
    expect(draw_page.answer).to_have_text("170")
    wide_ink = draw_page.ink()
    draw_page.choose("One digit")
    expect(draw_page.answer).to_have_text("3")
    assert draw_page.answer.inner_text() == "3"
    assert draw_page.ink() == pytest.approx(ink, rel=0.02)
    draw_page.clear()
    expect(draw_page.words).to_have_text(HINT_OF_DIGIT)
    draw_page.choose("A whole number")
    expect(draw_page.answer).to_have_text("170")
    assert draw_page.ink() == pytest.approx(wide_ink, rel=0.02)


def test_the_number_survives_a_visit_to_another_page(number_page):
    write(number_page, NUMBER)
    expect(number_page.answer).to_have_text("170")
    number_page.go_to("Models")
    number_page.go_to("Draw")
    number_page.wait_for_canvas()
    expect(number_page.answer).to_have_text("170")
    write(number_page, [(7, "plain")], left=530)
    expect(number_page.answer).to_have_text("1707")


def test_on_phones_the_wide_canvas_fits_and_a_finger_writes_on_it(visit):
    page = DrawPage(visit("/", viewport=NARROW, has_touch=True, is_mobile=True))
    page.choose("A whole number")
    touch = page.page.context.new_cdp_session(page.page)

    def send(kind, *points):
        places = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    for width in on_phones(page.page, UPRIGHT):
        page.clear()
        box = page.canvas.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        for path in strokes_of(NUMBER, left=20, top=25, height=80, apart=85):
            send("touchStart", path[0])
            for point in path[1:]:
                send("touchMove", point)
            send("touchEnd")
        expect(page.answer).to_have_text("170")
        page.page.wait_for_function(FITS, arg=width)
        answer = page.answer.bounding_box()
        assert 0 <= answer["y"] - (box["y"] + box["height"]) < 60


def test_what_a_phone_shows_stays_in_its_place_on_a_wider_page(visit):
    page = DrawPage(visit("/", viewport=PHONE))
    page.choose("A whole number")
    write(page, NUMBER, left=20, top=25, height=80, apart=85)
    expect(page.answer).to_have_text("170")
    before = page.canvas.bounding_box()["width"]
    page.page.set_viewport_size({"width": 844, "height": 390})
    page.page.wait_for_function(
        "([canvas, before]) => canvas.getBoundingClientRect().width > before",
        arg=[page.canvas.element_handle(), before],
    )
    page.canvas.hover()  # Playwright waits until it stands still
    box = page.canvas.bounding_box()
    # A stroke in the free room at the right, by the canvas's new size.
    path = [(0.85 * box["width"], y * box["height"]) for y in (0.15, 0.3, 0.5, 0.65)]
    page.stroke(path)
    expect(page.answer).to_have_text("1701")
