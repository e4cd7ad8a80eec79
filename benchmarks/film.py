"""Make the moving picture at the top of the README: a digit drawn, a form read, a severity swept.

    python -m benchmarks.film

Does in a headless browser what a person would, and saves `docs/film.webp`. It shows no image of
MNIST: the clip of the robustness page ends above them, which is checked.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mnist_core.config import PROJECT_DIR
from support.app import open_browser, serve_app
from support.draw_page import DrawPage
from support.pen import PLACES, paths
from support.robustness_page import RobustnessPage
from support.script import wait_for_script

FILE = PROJECT_DIR / "docs" / "film.webp"
VIEW = {"width": 1280, "height": 1500}
SIZE = (768, 480)  # pixels of the moving picture
MOST = 1_500_000  # bytes
QUALITY = 72
POINTS = 7  # of a stroke, from one frame to the next
STEPS = 10  # of the severity, from 0 to 1


@dataclass(frozen=True)
class Frame:
    """A picture, and for how many milliseconds it is shown."""

    picture: Image.Image
    shown: int


def draw(page: Page) -> Iterator[Frame]:
    """Draw a three, and show the answer."""
    drawn = DrawPage(page)
    clip = (390, 135, 800)
    yield _frame(page, clip, 700)
    box = drawn.canvas.bounding_box()
    assert box, "the canvas is hidden"
    (path,) = paths(3, "two_bowls", PLACES["middle"])
    places = [(box["x"] + x, box["y"] + y) for x, y in path]
    page.mouse.move(*places[0])
    page.mouse.down()
    for index, place in enumerate(places[1:], 1):
        page.mouse.move(*place)
        if index % POINTS == 0:
            yield _frame(page, clip, 70)
    page.mouse.up()
    page.locator(".dl-best").wait_for()
    wait_for_script(drawn.page)
    page.wait_for_timeout(500)  # the bars glide
    yield _frame(page, clip, 2200)


def upload(page: Page) -> Iterator[Frame]:
    """Have an example read: the number first, then the picture with its boxes."""
    page.locator(".st-key-upload_examples img").first.wait_for()
    page.wait_for_timeout(500)
    yield _frame(page, (364, 30, 852), 1100)
    page.get_by_role("radio", name="A form with boxes").click()
    page.locator(".st-key-upload_picture .dl-box").first.wait_for(timeout=60_000)
    page.mouse.move(0, 0)
    page.wait_for_timeout(1500)
    yield _frame(page, (364, 30, 852), 500)
    end = page.locator(".st-key-upload_picture").bounding_box()
    assert end, "the picture is hidden"
    last = end["y"] + end["height"] - 500
    for part in (0.25, 0.5, 0.75, 1.0):
        yield _frame(page, (364, 30 + part * (last - 30), 852), 2600 if part == 1 else 90)


def sweep(page: Page) -> Iterator[Frame]:
    """Raise the severity of noise from 0 to 1, with two models side by side."""
    shown = RobustnessPage(page)
    clip = (372, 24, 836)
    images = page.locator("img.dl-digit-image").first.bounding_box()
    assert images, "the images are hidden"
    assert images["y"] > clip[1] + clip[2] * SIZE[1] / SIZE[0], "images of MNIST are in sight"
    slider = page.get_by_role("slider", name="Severity")
    for step in range(STEPS + 1):
        severity = step / STEPS
        if step:
            slider.press("ArrowRight")
            slider.press("ArrowRight")
            shown.expect_severity(f"{severity:g}")
            partner = page.locator(".st-key-robustness_partner")
            partner.get_by_text(f"severity {severity:g}").wait_for()
        wait_for_script(page, seconds=120)
        yield _frame(page, clip, 1800 if step == STEPS else 1000 if step == 0 else 260)


SCENES = (
    ("/", draw),
    ("/upload", upload),
    ("/robustness?corruption=salt_and_pepper&severity=0&models=digit-net,dense-five", sweep),
)


def _frame(page: Page, clip: tuple[float, float, float], shown: int) -> Frame:
    """Take a part of the page: x, y and width; its shape is that of the moving picture."""
    x, y, width = clip
    height = width * SIZE[1] / SIZE[0]
    taken = page.screenshot(clip={"x": x, "y": y, "width": width, "height": height})
    picture = Image.open(io.BytesIO(taken)).convert("RGB")
    return Frame(picture.resize(SIZE, Image.Resampling.LANCZOS), shown)


def _film(browser: Browser, url: str) -> Iterator[Frame]:
    for path, scene in SCENES:
        page = browser.new_page(viewport=VIEW, color_scheme="light")
        page.goto(url + path)
        yield from scene(page)
        page.close()


def main() -> None:
    """Make the moving picture."""
    expect.set_options(timeout=60_000)
    with serve_app() as server, open_browser() as browser:
        frames = list(_film(browser, server.url))
    first, *rest = (frame.picture for frame in frames)
    first.save(
        FILE,
        save_all=True,
        append_images=rest,
        duration=[frame.shown for frame in frames],
        loop=0,
        quality=QUALITY,
        method=6,
    )
    size = FILE.stat().st_size
    assert size <= MOST, f"{size:,} bytes are more than {MOST:,}"
    seconds, name = sum(frame.shown for frame in frames) / 1000, FILE.relative_to(PROJECT_DIR)
    print(f"{name}: {len(frames)} frames, {seconds:.1f} s, {size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
