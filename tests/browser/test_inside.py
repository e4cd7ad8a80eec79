"""Look inside in a real browser: it follows the pen, and is used by mouse and by keyboard."""

from playwright.sync_api import expect

from support.pen import PLACES, paths
from ui.draw.maps import columns

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
    expect(maps).to_be_visible()
    page.locator(".st-key-inside_view").evaluate(WATCH)
    for path in rest:
        before = pictures.last.get_attribute("src")
        draw_page.draw(path)
        expect(pictures.last).not_to_have_attribute("src", before)
        inside_seconds.append(page.evaluate("(mapsChanged - stopwatch.up) / 1000"))

    page.get_by_role("button", name="Convolution 2").click()
    expect(maps).to_have_accessible_name("Maps of Convolution 2; the arrow keys choose one")
    count, box = int(maps.get_attribute("aria-valuemax")), maps.bounding_box()
    across = columns(count)
    maps.click(position={"x": box["width"] / across / 2, "y": box["height"] / across / 2})
    heading = page.locator(".dl-map h2")
    expect(heading).to_have_text(f"Map 1 of {count}, Convolution 2")
    maps.press("ArrowRight")
    maps.press("ArrowDown")
    expect(heading).to_have_text(f"Map {across + 2} of {count}, Convolution 2")
    expect(maps).to_be_focused()
    expect(maps).to_have_attribute("aria-valuenow", str(across + 2))

    page.get_by_text("Look inside").click()
    expect(maps).to_have_count(0)
