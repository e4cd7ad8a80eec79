"""What a person can do on the upload page, and the pictures that they bring."""

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from support.pen import Place, paths
from support.script import wait_for_script

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Locator, Page

PAPER, INK = (244, 241, 231), (28, 34, 92)
HANDS = {
    0: "oval",
    1: "short_upstroke",
    2: "swan",
    3: "round",
    4: "closed",
    5: "with_hat",
    6: "curved",
    7: "plain",
    8: "one_loop",
    9: "straight_leg",
}
# Strokes of what may stand between digits, in heights of a digit from its top left corner.
SIGNS = {
    "/": [[(0.55, 0.0), (0.15, 1.0)]],
    "-": [[(0.15, 0.5), (0.6, 0.5)]],
    ".": [[(0.3, 0.98), (0.32, 1.0)]],
    ",": [[(0.34, 0.92), (0.25, 1.15)]],
    " ": [],
}
BOX, GAP = 20, 160  # pixels between a digit and its box, and between the columns of a table
TIGHT = 95  # pixels from one digit of a cell to the next
MARGIN, HEIGHT, STEP, LINE, PEN = 90, 120, 130, 210, 11  # pixels


def sheet(*lines: str, boxes: str = "") -> Image.Image:
    """Return a sheet of light paper with numbers on it, one a line, written with a pen.

    Parameters
    ----------
    lines : digits, SIGNS and spaces
    boxes : the colour of a form's boxes, one around each digit; empty for none
    """
    longest = max(map(len, lines), default=0)
    step = STEP + 2 * BOX if boxes else STEP
    size = (2 * MARGIN + step * max(longest, 3), 2 * MARGIN + LINE * max(len(lines), 1))
    image = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        for column, letter in enumerate(line):
            x, y = MARGIN + step * column, MARGIN + LINE * row
            if boxes:
                box = [x - BOX, y - BOX, x + step - BOX, y + HEIGHT + BOX]
                draw.rectangle(box, outline=boxes, width=4)
            _write(draw, letter, x, y)
    return image


def grid(*rows: Sequence[str]) -> Image.Image:
    """Return a ruled table with a number in each cell."""
    longest = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lefts = [
        MARGIN + TIGHT * sum(longest[:place]) + GAP * place for place in range(len(longest) + 1)
    ]
    tops = [MARGIN + LINE * place for place in range(len(rows) + 1)]
    image = Image.new("RGB", (lefts[-1] + MARGIN, tops[-1] + MARGIN), PAPER)
    draw = ImageDraw.Draw(image)
    for left in lefts:
        draw.line(
            [left - GAP // 2, tops[0] - 45, left - GAP // 2, tops[-1] - 45], fill=INK, width=4
        )
    for top in tops:
        draw.line(
            [lefts[0] - GAP // 2, top - 45, lefts[-1] - GAP // 2, top - 45], fill=INK, width=4
        )
    for top, row in zip(tops, rows, strict=False):
        for left, number in zip(lefts, row, strict=False):
            for column, letter in enumerate(number):
                _write(draw, letter, left + TIGHT * column, top)
    return image


def _write(draw: ImageDraw.ImageDraw, letter: str, x: float, y: float) -> None:
    """Write a digit, one of SIGNS or a space."""
    if letter.isdecimal():
        digit = int(letter)
        written = paths(digit, HANDS[digit], Place(x, y, HEIGHT, PEN))
    else:
        signs = SIGNS[letter]
        written = [[(x + HEIGHT * right, y + HEIGHT * down) for right, down in s] for s in signs]
    for path in written:
        draw.line(path, fill=INK, width=PEN, joint="curve")
        for right, down in (path[0], path[-1]):
            draw.ellipse(
                [right - PEN / 2, down - PEN / 2, right + PEN / 2, down + PEN / 2], fill=INK
            )


def middle(column: int, row: int = 0) -> tuple[float, float]:
    """Where on a sheet a digit is, about."""
    return MARGIN + STEP * column + 0.45 * HEIGHT, MARGIN + LINE * row + HEIGHT / 2


def file_of(image: Image.Image, kind: str = "PNG") -> bytes:
    """Return a picture as the content of a file."""
    content = io.BytesIO()
    image.save(content, kind)
    return content.getvalue()


def document_of(kind: str, *pages: Image.Image) -> bytes:
    """Return pictures as the pages, or frames, of one file: a TIFF, a PDF or a GIF."""
    content = io.BytesIO()
    pages[0].save(content, kind, save_all=True, append_images=pages[1:])
    return content.getvalue()


class UploadPage:
    """The upload page in a browser."""

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.number = page.locator(".st-key-upload_number .dl-number")
        self.summary = page.locator(".st-key-upload_number .dl-summary")
        self.picture = page.locator(".st-key-upload_picture .dl-page")
        self.digits = page.locator(".st-key-upload_digits")
        self.rows = page.locator(".st-key-upload_results tbody tr")
        self.current = page.locator(".st-key-upload_results tr[aria-current=true]")
        self.status = page.locator(".st-key-upload_status")
        self.reset = page.locator(".st-key-upload_reset").get_by_role("button", name="Undo all")
        self.turn = page.locator(".st-key-upload_turn").get_by_role("button", name="Turn")
        self.cells = page.locator(".st-key-upload_cells table")
        self.canvas = page.locator(".st-key-upload_boxes canvas.upper-canvas")
        page.locator(".dl-hint").wait_for(timeout=60_000)
        wait_for_script(self.page)

    def bring(self, files: dict[str, bytes]) -> None:
        """Upload files, and wait until all are read."""
        given: list[FilePayload] = [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            for name, content in files.items()
        ]
        self.page.locator(".st-key-upload_files input[type=file]").set_input_files(given)
        self.status.get_by_text("read.").wait_for(timeout=60_000 + 30_000 * len(files))
        wait_for_script(self.page)

    def field(self, place: int) -> "Locator":
        """Return the field under a digit, counted from 1.

        Its place among the fields would not do: on a slow machine they do not all come at once.
        """
        return self.digits.get_by_role("textbox", name=re.compile(f"^Digit {place}, "))

    def correct(self, place: int, digit: str, key: str = "Enter") -> None:
        """Type a digit into the field under one, counted from 1."""
        self.field(place).fill(digit)
        self.field(place).press(key)

    def switch(self, label: str) -> None:
        """Press a switch."""
        self.page.get_by_test_id("stCheckbox").filter(has_text=label).locator("label").click()

    def show(self, title: str) -> None:
        """Choose the picture to show in full by a part of its title."""
        choice = self.page.locator(".st-key-upload_shown").get_by_role("combobox")
        choice.click()
        choice.fill(title)
        self.page.get_by_role("option").filter(has_text=title).click()
        wait_for_script(self.page)

    def download(self, kind: str) -> str:
        """Download the results as CSV or JSON, or a table as CSV: "csv", "json", "cells_csv"."""
        with self.page.expect_download() as download:
            self.page.locator(f".st-key-upload_{kind} button").click()
        return download.value.path().read_text("utf-8")

    def edit_boxes(self) -> None:
        """Show the canvas on which boxes are edited."""
        self.switch("Edit boxes")
        self.canvas.wait_for()
        wait_for_script(self.page)

    def tool(self, name: str) -> None:
        """Press a button of the canvas's toolbar."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def at(self, x: float, y: float, width: int) -> tuple[float, float]:
        """Where on the page a pixel of the picture is that is so many pixels wide."""
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        assert box, "the canvas is hidden"
        scale = box["width"] / width
        return box["x"] + x * scale, box["y"] + y * scale
