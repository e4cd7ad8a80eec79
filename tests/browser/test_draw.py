"""The draw page as people use it: in a real browser, with a real pen path."""

import re
import sys

import psutil
import pytest
from playwright.sync_api import expect

from support.app import serve_app
from support.draw_page import CANVAS, DrawPage
from support.pen import PLACES, WAYS, place_of
from support.phone import NARROW, WIDTHS, on_phones
from ui.draw.digit import HINT

STYLED = "getComputedStyle(document.querySelector('.stApp')).getPropertyValue('--dl-accent') !== ''"
PHONE = {"width": 390, "height": 844}


WRITTEN = sorted(
    ((digit, way, place_of(digit, way)) for digit, way in WAYS),
    key=lambda written: PLACES[written[2]].pen,
)


@pytest.mark.parametrize(("digit", "way", "place"), WRITTEN, ids=lambda value: str(value))
def test_digits_are_classified_correctly(one_draw_page, readings, seconds, digit, way, place):
    page = one_draw_page
    page.page.bring_to_front()
    page.pick_pen(PLACES[place].pen)
    page.clear()
    readings.append(False)
    seconds += page.write(digit, way, place)
    answer = page.answer.inner_text()
    readings[-1] = answer == str(digit)
    assert answer == str(digit), f"{digit} ({way}, {place}) was read as {answer}"


def test_a_blank_canvas_shows_what_to_do_and_nothing_moves_when_the_answer_appears(draw_page):
    expect(draw_page.answer).to_have_text("")
    expect(draw_page.words).to_have_text(HINT)
    expect(draw_page.seen).to_have_count(0)
    bars = draw_page.page.locator(".dl-bars")
    expect(bars).to_have_attribute("aria-label", re.compile("nothing drawn yet"))
    parts = ".st-key-draw_answer, .dl-bars, .dl-figure, .st-key-draw_canvas"
    before = draw_page.places_of(parts)
    draw_page.write(8, "one_loop")
    assert draw_page.places_of(parts) == before


def test_clear_empties_the_canvas(cleared_page):
    cleared_page.write(7, "plain")
    expect(cleared_page.answer).to_have_text("7")
    cleared_page.clear()
    expect(cleared_page.answer).to_have_text("")
    expect(cleared_page.words).to_have_text(HINT)
    cleared_page.write(3, "round")
    expect(cleared_page.answer).to_have_text("3")


def test_the_toolbar_works_with_the_answer(cleared_page):
    cleared_page.write(7, "barred")
    before = cleared_page.seen.get_attribute("src")
    cleared_page.toolbar("Undo")
    expect(cleared_page.seen).not_to_have_attribute("src", before)
    cleared_page.toolbar("Redo")
    expect(cleared_page.seen).to_have_attribute("src", before)
    cleared_page.toolbar("Undo")
    expect(cleared_page.seen).not_to_have_attribute("src", before)
    cleared_page.toolbar("Undo")
    expect(cleared_page.answer).to_have_text("")
    cleared_page.toolbar("Redo")
    expect(cleared_page.answer).to_have_text("7")
    expect(cleared_page.page.get_by_role("button", name="Reset canvas")).to_be_hidden()
    cleared_page.clear()
    expect(cleared_page.answer).to_have_text("")
    expect(cleared_page.words).to_have_text(HINT)


def test_a_moved_stroke_is_read_in_its_new_place(cleared_page):
    cleared_page.write(7, "barred")
    before = cleared_page.seen.get_attribute("src")
    cleared_page.toolbar("Edit")
    box = cleared_page.canvas.bounding_box()
    mouse = cleared_page.page.mouse
    mouse.move(box["x"] + 55 + 0.6 * 180, box["y"] + 50 + 0.5 * 180)  # on the bar
    mouse.down()
    mouse.move(box["x"] + 55 + 0.6 * 180, box["y"] + 250, steps=8)
    mouse.up()
    expect(cleared_page.seen).not_to_have_attribute("src", before)


def test_a_dot_does_no_harm(cleared_page):
    box = cleared_page.canvas.bounding_box()
    cleared_page.page.mouse.click(box["x"] + 140, box["y"] + 140)
    expect(cleared_page.words).to_contain_text("Too little to read")
    expect(cleared_page.answer).to_have_text("")
    expect(cleared_page.page.get_by_test_id("stException")).to_have_count(0)


def test_the_drawing_and_the_model_survive_a_visit_to_another_page(draw_page):
    page = draw_page.page
    draw_page.write(4, "open")
    expect(draw_page.answer).to_have_text("4")
    choose(page, "cnn-three")
    expect(page).to_have_url(re.compile(r"[?&]model=cnn-three"))
    seen = draw_page.seen.get_attribute("src")
    ink = draw_page.ink()
    assert ink > 1000
    draw_page.go_to("Models")
    expect(page).to_have_url(re.compile(r"/models\?model=cnn-three"))
    expect(page.locator(".st-key-models_table tr[aria-current=true]")).to_contain_text("cnn-three")
    draw_page.go_to("Draw")
    draw_page.wait_for_canvas()
    expect(draw_page.answer).to_have_text("4")
    expect(draw_page.seen).to_have_attribute("src", seen)
    expect(model_choice(page)).to_have_value(re.compile("cnn-three"))
    assert draw_page.ink() == pytest.approx(ink, rel=0.02)


def test_drawing_continues_after_a_visit_to_another_page(cleared_page):
    cleared_page.write(7, "plain")
    cleared_page.go_to("Models")
    cleared_page.go_to("Draw")
    cleared_page.wait_for_canvas()
    one_stroke = cleared_page.seen.get_attribute("src")
    cleared_page.draw([(110, 140), (150, 138), (220, 135)])
    expect(cleared_page.seen).not_to_have_attribute("src", one_stroke)
    expect(cleared_page.answer).to_have_text("7")
    cleared_page.clear()
    expect(cleared_page.answer).to_have_text("")
    assert cleared_page.ink() == 0


def test_a_link_opens_with_its_model(visit):
    page = visit("/?model=cnn-three")
    expect(model_choice(page)).to_have_value(re.compile("cnn-three"))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"[?&]model=cnn-three"))


def test_an_unknown_model_in_a_link_is_reported(visit):
    page = visit("/?model=no-such-model")
    expect(page.get_by_test_id("stAlert")).to_contain_text("no model called “no-such-model”")
    expect(page.locator(".st-key-draw_canvas canvas.upper-canvas")).to_be_visible()


def test_a_shared_drawing_opens_on_another_device_with_the_same_answer(draw_page, visit, server):
    draw_page.write(4, "open")
    words = draw_page.words.inner_text()
    draw_page.page.locator(".st-key-draw_share").get_by_role("button").click()
    shared = draw_page.page.locator(".st-key-draw_shared")
    link = shared.locator("code").inner_text()
    assert link.startswith(f"{server.url}/?digit=")
    assert len(link) < 2000
    with draw_page.page.expect_download() as download:
        shared.get_by_role("button", name="Download a picture").click()
    assert download.value.suggested_filename == "digit-lab-4.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    other = DrawPage(visit(link.removeprefix(server.url), viewport=PHONE))
    expect(other.answer).to_have_text("4")
    expect(other.words).to_have_text(words.replace("\n", ""))
    assert other.ink() == pytest.approx(draw_page.ink(), rel=0.02)
    assert other.page.url == link
    other.stroke([(20, 20), (60, 20)])
    expect(other.page).to_have_url(f"{server.url}/")


def test_the_models_page_opens_by_its_own_address(visit):
    page = visit("/models")
    expect(page.locator(".st-key-models_table tbody tr").first).to_contain_text("digit-net")
    expect(page.get_by_role("heading", level=1)).to_have_text("Models")


def test_any_page_may_be_the_first_that_a_fresh_server_shows(browser):
    with serve_app() as fresh:
        page, asked = browser.new_page(), []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{fresh.url}/models?model=cnn-three")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Models", timeout=30_000)  # the browser has to load it all
        expect(model_choice(page)).to_have_value(re.compile("cnn-three"), timeout=30_000)
        expect(page.get_by_test_id("stException")).to_have_count(0)
        page.close()
        elsewhere = [url for url in asked if not url.startswith((fresh.url, "data:", "blob:"))]
        assert not elsewhere, "no page loads anything from another server"


@pytest.mark.parametrize("path", ["/", "/models"])
def test_a_phone_scrolls_down_only(visit, path):
    page = visit(path, viewport=NARROW)
    key = "draw_canvas canvas.upper-canvas" if path == "/" else "models_table table"
    page.locator(f".st-key-{key}").wait_for()
    page.wait_for_function(STYLED)
    assert list(on_phones(page)) == list(WIDTHS)


def test_a_phone_shows_the_answer_under_the_canvas(visit):
    page = visit("/", viewport=PHONE)
    canvas = page.locator(".st-key-draw_canvas canvas.upper-canvas")
    canvas.wait_for()
    answer = page.locator(".st-key-draw_answer").bounding_box()
    box = canvas.bounding_box()
    assert box["width"] == box["height"] == 350
    assert 0 <= answer["y"] - (box["y"] + box["height"]) < 60
    assert page.locator(".dl-digit").evaluate("e => e.getBoundingClientRect().bottom") < 844
    for chip in page.locator(".st-key-draw_suggestions a").all():
        box = chip.bounding_box()
        assert box["x"] >= 16
        assert box["x"] + box["width"] <= 374
        assert chip.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_finger_draws_from_the_corner_where_the_toolbar_was_and_a_turned_phone_keeps_it(visit):
    page = visit("/", viewport=PHONE, has_touch=True, is_mobile=True)
    draw_page = DrawPage(page)
    box = draw_page.canvas.bounding_box()
    touch = page.context.new_cdp_session(page)

    def send(kind, *points):
        places = [{"x": box["x"] + x, "y": box["y"] + y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": places})

    corner, end = (box["width"] - 18, 8), (0.4 * box["width"], 0.86 * box["height"])
    send("touchStart", corner)
    for step in range(1, 11):
        send("touchMove", tuple(a + (b - a) * step / 10 for a, b in zip(corner, end, strict=True)))
    send("touchEnd")
    expect(draw_page.answer).to_have_text("1")
    page.set_viewport_size({"width": 844, "height": 390})
    # On the wider screen the sidebar opens, which leaves the canvas less room than it has at most.
    page.wait_for_function("s => document.querySelector(s).clientWidth < 280", arg=CANVAS)
    draw_page.canvas.scroll_into_view_if_needed()  # which waits until it stands still
    width = draw_page.canvas.evaluate("canvas => canvas.clientWidth")
    draw_page.stroke([(x * width, 0.036 * width) for x in (0.36, 0.5, 0.65, 0.8, 0.93)])
    expect(draw_page.answer).to_have_text("7")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's memory maps")
def test_the_server_never_loads_tensorflow(server, visit):
    page = visit()
    page.locator(".st-key-draw_canvas canvas.upper-canvas").wait_for()
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Models").click()
    page.locator(".st-key-models_table table").wait_for()
    mapped = [region.path for region in psutil.Process(server.pid).memory_maps()]
    assert any("ai_edge_litert" in path for path in mapped)
    assert not [path for path in mapped if "/tensorflow/" in path]


def model_choice(page):
    return page.locator(".st-key-model_choice").get_by_role("combobox")


def choose(page, model: str) -> None:
    """Choose a model in the sidebar."""
    page.locator(
        ".st-key-model_choice [data-baseweb=select], .st-key-model_choice input"
    ).first.click()
    page.get_by_role("option").filter(has_text=model).click()
