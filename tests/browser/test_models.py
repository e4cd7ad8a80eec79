"""The models page as people use it: in a real browser, with the models that the project has."""

import re

import pytest
from playwright.sync_api import expect

from mnist_core import data, serving
from support.script import wait_for_script
from support.select_box import choose

PHONE = {"width": 390, "height": 844}
OVERFLOW = """
() => ['html', '[data-testid=stMain]'].map(part => {
  const element = document.querySelector(part);
  return element.scrollWidth - element.clientWidth;
})
"""


def names(page) -> list[str]:
    """The models in the table, from top to bottom."""
    return page.locator(".st-key-models_table tbody th code").all_inner_texts()


@pytest.fixture
def open_models(visit):
    """A function that opens the page in a fresh session, and waits until all of it is there."""

    def open_page(tab="size", **options):
        page = visit(f"/models?tab={tab}", **options)
        part = {"size": ".st-key-models_size .js-plotly-plot", "map": ".dl-map-of-digits canvas"}
        page.locator(part[tab]).wait_for(timeout=60_000)
        wait_for_script(page)
        expect(page.locator(".st-key-models_tabs")).to_be_in_viewport()
        return page

    return open_page


def test_models_are_sorted(open_models):
    page = open_models()
    table = page.locator(".st-key-models_table")
    expect(table.locator("tbody tr")).to_have_count(len(serving.list_models(classifiers_only=True)))
    size = table.get_by_role("button", name="Size")
    size.click()
    expect(table.locator("caption")).to_contain_text("the smallest first")
    cards = serving.list_models(classifiers_only=True)
    cards.sort(key=lambda card: card.files["model.tflite"]["bytes"])
    assert names(page) == [card.name for card in cards]
    size.press("Enter")  # it still has the focus
    expect(table.locator("caption")).to_contain_text("the largest first")
    expect(size).to_be_focused()
    expect(table.locator('th[aria-sort="descending"]')).to_have_text("Size")
    assert names(page) == [card.name for card in reversed(cards)]


def test_a_phone_does_not_scroll_sideways(open_models):
    page = open_models(viewport=PHONE)
    for summary in page.locator(".dl-values summary").all():
        summary.click()
    assert page.evaluate(OVERFLOW) == [0, 0]
    points = page.locator(".st-key-models_size .js-plotly-plot .point")
    expect(points).to_have_count(len(serving.list_models(classifiers_only=True)))
    choose(page.locator(".st-key-models_sort").get_by_role("combobox"), "Size")
    caption = page.locator(".st-key-models_table caption")
    expect(caption).to_contain_text("the smallest first")


def test_every_model_answers_what_was_drawn(draw_page):
    draw_page.write(7, "plain")
    draw_page.go_to("Models")
    draw_page.page.get_by_role("tab", name="Answers to your digit").click()
    answers = draw_page.page.locator(".dl-answers li")
    expect(answers).to_have_count(len(serving.list_models(classifiers_only=True)))
    expect(answers.first).to_contain_text("7")
    expect(draw_page.page.locator(".dl-asked p")).to_contain_text("models answer 7")


def test_a_dot_of_the_map_shows_its_digit(open_models):
    page = open_models("map")
    canvas = page.locator(".dl-map-of-digits canvas")
    canvas.scroll_into_view_if_needed()
    page.wait_for_function("canvas => canvas.held?.dots.length", arg=canvas.element_handle())
    x, y, label = canvas.evaluate(
        "canvas => { const side = canvas.clientWidth - 28, dot = canvas.held.dots[0];"
        " return [14 + dot.x * side, 14 + dot.y * side, dot.label]; }"
    )
    canvas.hover(position={"x": x, "y": y})
    tip = page.locator(".dl-tip")
    expect(tip).to_be_visible()
    expect(tip).to_have_text(re.compile(rf"^A {label}\b"))
    if data.local_copy():
        expect(tip.locator("img")).to_have_attribute("src", re.compile("^data:image/png"))
