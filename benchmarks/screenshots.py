"""Take the pictures of the README again.

    python -m benchmarks.screenshots

Visits every page in a headless browser, does there what a person would, and saves `docs/PAGE.png`;
pages made by code go to `docs/synthetic_pages.jpg`. No picture shows an image of MNIST.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageOps
from playwright.sync_api import Page

from mnist_core.config import PROJECT_DIR
from mnist_core.synthesis.pages import make_page
from support.app import open_browser, serve_app
from support.draw_page import DrawPage
from support.robustness_page import RobustnessPage
from support.script import wait_for_script
from support.training_page import TrainingPage
from ui.frame import PAGES

FOLDER = PROJECT_DIR / "docs"
VIEW = {"width": 1280, "height": 800}
SAMPLES = FOLDER / "synthetic_pages.jpg"
SHOWN = (
    *("boxes", "tables", "lines", "cheques", "forms", "columns", "exams", "chains"),
    *("sudoku", "edges", "receipts", "turned"),
)
TILE, COLUMNS = (316, 190), 4  # pixels of a page; pages side by side
COLOURS = 128  # enough for a page, and a third of the bytes


def draw(page: Page) -> None:
    """Write a seven with a bar."""
    DrawPage(page).write(7, "barred")


def upload(page: Page) -> None:
    """Wait for what is read in an example."""
    page.locator(".st-key-upload_picture .dl-box").first.wait_for()
    _to_top(page, ".st-key-upload_examples")


def robustness(page: Page) -> None:
    """Wait for the curve of two networks; above it are images of MNIST."""
    RobustnessPage(page).wait_for_curve(180)
    _to_top(page, ".st-key-robustness_tabs")


def training(page: Page) -> None:
    """Show the settings of a training, as they are at first."""
    TrainingPage(page)


def models(page: Page) -> None:
    """Show the table of models."""
    page.locator(".dl-models tbody").wait_for()


# What is done on each page, by its title in `ui.frame.PAGES`, and what its address says besides.
ACTIONS = {
    "Draw": draw,
    "Upload": upload,
    "Robustness": robustness,
    "Training": training,
    "Models": models,
}
QUERIES = {
    "Upload": "?example=form",
    "Robustness": "?corruption=fog&severity=0.5&models=digit-net,cnn-three",
}
PARTS = {"Robustness": ".st-key-robustness_tabs"}  # shown alone: around it are MNIST's digits
MARGIN = 16  # pixels around a part


def synthetic_pages() -> Image.Image:
    """Put pages made by code side by side, written without MNIST's digits."""
    rows = -(-len(SHOWN) // COLUMNS)
    gap = 4
    sheet_size = (COLUMNS * (TILE[0] + gap) - gap, rows * (TILE[1] + gap) - gap)
    found = Image.new("RGB", sheet_size, "white")
    for place, kind in enumerate(SHOWN):
        made = make_page(np.random.default_rng([1, place]), kind=kind, size=(260, 430))
        tile = ImageOps.pad(Image.fromarray(made.pixels), TILE, color="white")
        found.paste(tile, (place % COLUMNS * (TILE[0] + gap), place // COLUMNS * (TILE[1] + gap)))
    return found


def picture_of(title: str) -> Path:
    """Return the path of a page's picture."""
    return FOLDER / f"{title.lower()}.png"


def _to_top(page: Page, place: str) -> None:
    page.wait_for_timeout(500)
    page.locator(place).first.evaluate("place => place.scrollIntoView()")


def _without_room_below(picture: Image.Image) -> Image.Image:
    """Return a picture without what is as empty as its lowest corner."""
    ground = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    filled = ImageChops.difference(picture, ground).getbbox()
    return picture.crop((0, 0, picture.width, min(picture.height, filled[3] + MARGIN)))


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(exist_ok=True)
    synthetic_pages().save(SAMPLES, quality=80, optimize=True)
    with serve_app() as server, open_browser() as browser:
        for shown in PAGES:
            page = browser.new_page(viewport=VIEW, color_scheme="light")
            page.goto(server.url + shown.path + QUERIES.get(shown.title, ""))
            ACTIONS[shown.title](page)
            page.mouse.move(0, 0)
            wait_for_script(page, seconds=120)
            page.wait_for_timeout(1500)
            taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            if shown.title in PARTS:
                box = page.locator(PARTS[shown.title]).bounding_box()
                assert box, "what the picture shows is hidden"
                left, top = round(box["x"]) - MARGIN, round(box["y"])
                right = left + round(box["width"]) + 2 * MARGIN
                taken = _without_room_below(taken.crop((left, top, right, taken.height)))
            page.close()
            file = picture_of(shown.title)
            taken.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
            print(f"{file.relative_to(PROJECT_DIR)}: {file.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
