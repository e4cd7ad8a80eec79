"""Look inside in a real browser: it follows the pen, and is used by mouse and by keyboard."""

from playwright.sync_api import expect

from support.pen import PLACES, paths

# Notes when the maps change; the answer's own stopwatch notes when the pen leaves the paper.
WATCH = """
view => new MutationObserver(() => { window.mapsChanged = performance.now(); })
  .observe(view, {subtree: true, attributes: true, attributeFilter: ['src']})
"""


def test_the_layers_follow_the_pen_and_one_map_is_chosen(draw_page, inside_seconds):
    page = draw_page.page
    page.get_by_text("Look inside").click()
    expect(page.get_by_text("Draw a digit: every layer")).to_be_visible()
    first, *rest = [path for way in ("open", "closed") for path in paths(4, way, PLACES["middle"])]
    draw_page.draw(first)
    maps, pictures = page.get_by_role("slider", name="Maps of"), page.locator(".dl-path img")
    expect(pictures).to_have_count(9)
    page.locator(".st-key-inside_view").evaluate(WATCH)
    for path in rest:
        before = pictures.nth(8).get_attribute("src")
        draw_page.draw(path)
        expect(pictures.nth(8)).not_to_have_attribute("src", before)
        inside_seconds.append(page.evaluate("(mapsChanged - stopwatch.up) / 1000"))

    page.get_by_role("button", name="Convolution 4").click()
    expect(maps).to_have_accessible_name("Maps of Convolution 4; the arrow keys choose one")
    box = maps.bounding_box()
    maps.click(position={"x": box["width"] / 28, "y": box["height"] / 28})
    heading = page.locator(".dl-map h3")
    expect(heading).to_have_text("Map 1 of 192, Convolution 4")
    maps.press("ArrowRight")
    maps.press("ArrowDown")
    expect(heading).to_have_text("Map 16 of 192, Convolution 4")
    expect(maps).to_be_focused()
    expect(maps).to_have_attribute("aria-valuenow", "16")

    page.get_by_text("Look inside").click()
    expect(maps).to_have_count(0)
