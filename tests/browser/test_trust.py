"""How the draw page answers non-digits and ambiguous digits, and explains why."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from mnist_core import serving
from mnist_core.pictures.strokes import to_image
from mnist_core.synthesis.handwriting import write_letter
from support.draw_page import STEP, DrawPage
from support.pen import smooth
from support.phone import NARROW, WIDTHS, on_phones
from ui.draw.digit import REJECTED

SIDE, CORNER = 180, 50  # pixels of what is drawn
ZIGZAG = [(i * 10, 95 if i % 2 else 5) for i in range(11)]
# A closed 4 and a 9 in hundredths of their height, stroke by stroke, point by point.
FOUR = [(70, 4), (40, 22), (12, 52), (12, 52), (40, 52), (76, 50)]
NINE = [(74, 10), (50, 2), (24, 14), (22, 34), (44, 47), (74, 40)]
STICK = [(74, 4), (74, 50), (72, 100)]


def placed(stroke) -> list[tuple[float, float]]:
    """A stroke in hundredths as a pen's path on the canvas."""
    return smooth(
        [(CORNER + SIDE * x / 100, CORNER + SIDE * y / 100) for x, y in stroke], step=STEP
    )


def between(share: float) -> list:
    """The pen's paths of something between a 4 and a 9."""
    loop = (1 - share) * np.array(FOUR) + share * np.array(NINE)
    return [placed(map(tuple, loop)), placed(STICK)]


def half_way() -> float:
    """Return the share at which the default model would as soon read a 4 as a 9, by halving."""
    predict = serving.load_predictor()
    four, nine = 0.0, 1.0
    for _ in range(8):
        share = (four + nine) / 2
        (found,) = predict(to_image([np.array(path) for path in between(share)])[None])
        four, nine = (share, nine) if found[4] > found[9] else (four, share)
    return (four + nine) / 2


def draw_four_or_nine(draw_page) -> None:
    """Draw what is half way between a 4 and a 9, by halving: a canvas rounds a little."""
    middle = half_way()
    four, nine = middle - 0.1, middle + 0.1
    for _ in range(10):
        share = (four + nine) / 2
        for path in between(share):
            draw_page.draw(path)
        if "Not sure" in draw_page.words.inner_text():
            return
        if "4" in draw_page.answer.inner_text():
            four = share
        else:
            nine = share
        draw_page.clear()


def open_why(page: DrawPage) -> None:
    page.page.locator(".st-key-why summary").click()
    page.page.locator(".st-key-why_map img").wait_for()


def bars(page: DrawPage):
    return page.page.locator(".dl-bars")


def test_a_scribble_is_rejected(cleared_page):
    cleared_page.draw(placed(ZIGZAG))
    expect(cleared_page.words).to_contain_text(REJECTED)
    expect(cleared_page.words).to_contain_text(
        re.compile(r"If it is a digit, it is most likely an? \d\.")
    )
    expect(cleared_page.answer).to_have_text("")
    expect(bars(cleared_page)).to_have_class(re.compile("dl-dim"))


@pytest.mark.parametrize("letter", ["E", "M"])
def test_a_letter_is_rejected(cleared_page, letter):
    for stroke in write_letter(letter, np.random.default_rng(1)):
        cleared_page.draw([tuple(CORNER + SIDE * point) for point in stroke.astype(float)[::3]])
    expect(cleared_page.words).to_contain_text(REJECTED)
    expect(cleared_page.answer).to_have_text("")


def test_what_may_be_a_four_or_a_nine_is_shown_as_either(cleared_page):
    draw_four_or_nine(cleared_page)
    expect(cleared_page.words).to_contain_text(re.compile("Not sure: (4 or 9|9 or 4)"))
    expect(cleared_page.answer).to_have_text(re.compile("^[49]$"))


def test_a_clean_three_is_read(cleared_page):
    cleared_page.write(3, "round")
    expect(cleared_page.answer).to_have_text("3")
    expect(cleared_page.words).to_contain_text("Almost certain")
    expect(bars(cleared_page)).not_to_have_class(re.compile("dl-dim"))


def test_a_person_can_have_anything_read_on_all_pages(draw_page):
    draw_page.draw(placed(ZIGZAG))
    expect(draw_page.answer).to_have_text("")
    page = draw_page.page
    page.get_by_text("Rejection threshold").click()
    slider = page.get_by_role("slider", name="How digit-like")
    for _ in range(3):
        slider.press("ArrowLeft")
    expect(draw_page.answer).to_have_text(re.compile(r"^\d$"))
    draw_page.go_to("Models")
    draw_page.go_to("Draw")
    draw_page.wait_for_canvas()
    expect(draw_page.answer).to_have_text(re.compile(r"^\d$"))


def test_why_is_explained_when_asked_and_follows_the_drawing(draw_page):
    page = draw_page.page
    draw_page.write(3, "round")
    expect(page.locator(".dl-why")).to_have_count(0)
    open_why(draw_page)
    explanation = page.locator(".st-key-why_map")
    expect(explanation).to_contain_text("Why 3 rather than")
    expect(explanation).to_contain_text("Blue: evidence for 3")
    before = page.locator(".dl-why").get_attribute("src")
    draw_page.clear()
    draw_page.write(7, "plain")
    expect(explanation).to_contain_text("Why 7 rather than")
    expect(page.locator(".dl-why")).not_to_have_attribute("src", before)


def test_why_shows_the_most_similar_training_digits(draw_page, mnist):
    draw_page.write(3, "round")
    open_why(draw_page)
    similar = draw_page.page.locator(".st-key-why_similar")
    expect(similar.locator("li")).to_have_count(5, timeout=60_000)
    expect(similar).to_contain_text(re.compile("of the (5 )?most similar training digits are 3s"))


def test_a_phone_shows_reasons_without_scrolling_sideways(visit):
    page = DrawPage(visit("/", viewport=NARROW))
    page.write(3, "round")
    open_why(page)
    assert list(on_phones(page.page)) == list(WIDTHS)
