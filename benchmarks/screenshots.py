"""The picture of the draw page in the README, taken anew.

    python -m benchmarks.screenshots

Writes a digit in a headless browser and saves `docs/draw.png`.
"""

from mnist_core.config import PROJECT_DIR
from tests.browser.app import open_browser, serve_app
from tests.browser.draw_page import DrawPage

PICTURE = PROJECT_DIR / "docs" / "draw.png"


def main():
    """Draw a seven with a bar, and take the picture."""
    PICTURE.parent.mkdir(exist_ok=True)
    with serve_app() as server, open_browser() as browser:
        page = browser.new_page(viewport={"width": 1120, "height": 680}, color_scheme="light")
        page.goto(server.url)
        draw_page = DrawPage(page)
        draw_page.write(7, "barred")
        page.mouse.move(0, 0)
        page.wait_for_timeout(1000)
        page.screenshot(path=PICTURE)
    print(f"{PICTURE.relative_to(PROJECT_DIR)}: {PICTURE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
