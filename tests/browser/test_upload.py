"""The upload page as people use it: in a real browser, with pictures that the test draws."""

import csv
import io
import json
import re
import zipfile

import pytest
from PIL import Image
from playwright.sync_api import expect

from support.phone import NARROW, WIDTHS, on_phones
from support.script import wait_for_script
from support.upload_page import HEIGHT, UploadPage, document_of, file_of, grid, middle, sheet

CELLS = [["12", "7", "304"], ["8", "015", "9"], ["63", "4", "18"]]
# Pages that lie otherwise than upright: how, how far they are turned to be read, and the words.
TURNED = {
    "left.png": (
        *(Image.Transpose.ROTATE_90, 90),
        "lies on its side: it was read turned clockwise by 90°",
    ),
    "upside.png": (Image.Transpose.ROTATE_180, 180, "is upside down"),
    "right.png": (Image.Transpose.ROTATE_270, 270, "turned anticlockwise by 90°"),
}


@pytest.fixture
def open_upload(visit):
    """A function that opens the page in a fresh session."""
    return lambda **options: UploadPage(visit("/upload", **options))


@pytest.fixture(scope="module")
def one_album(shared_visit) -> UploadPage:
    """A visit with many pictures; each test looks at its own."""
    page = UploadPage(shared_visit("/upload"))
    page.bring(
        {
            "two.jpg": file_of(sheet("271", "40"), "JPEG"),
            "blank.png": file_of(sheet()),
            "moving.gif": document_of("GIF", sheet("12"), sheet("34")),
            "black.png": file_of(sheet("27415", boxes="black")),
            "orange.png": file_of(sheet("27415", boxes="darkorange")),
            "date.png": file_of(sheet("24/12/2019")),
            "marks.png": file_of(grid(*CELLS)),
        }
        | {
            name: file_of(sheet("2745", "304").transpose(turn))
            for name, (turn, *_) in TURNED.items()
        }
    )
    return page


@pytest.fixture
def show(one_album):
    """A function that shows a picture of that visit, by its name."""

    def show_picture(name: str) -> UploadPage:
        one_album.page.bring_to_front()
        one_album.show(name)
        expect(one_album.current).to_contain_text(name)
        wait_for_script(one_album.page)  # what is typed before its digits have come is lost
        return one_album

    return show_picture


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def of_file(rows: list[dict], name: str) -> dict:
    """Return the one row, or record, of a file."""
    (found,) = (row for row in rows if row["file"] == name)
    return found


def test_a_picture_is_read_corrected_and_downloaded(open_upload):
    page = open_upload()
    page.bring({"sheet.png": file_of(sheet("04712"))})
    expect(page.number).to_have_text("04712")
    expect(page.summary).to_contain_text("5 digits")
    expect(page.picture.locator("i.dl-box")).to_have_count(5)
    expect(page.picture.get_by_role("img")).to_have_attribute("alt", re.compile("04712"))
    expect(page.digits.locator("img")).to_have_count(5)
    expect(page.rows).to_contain_text(["04712"])
    page.correct(3, "1")
    expect(page.number).to_have_text("04112")
    expect(page.summary).to_contain_text("Corrected by you: 1")
    page.correct(5, "", key="Tab")
    expect(page.number).to_have_text("0411")
    page.correct(1, "x")
    expect(page.field(1)).to_have_value("0")
    (row,) = rows_of(page.download("csv"))
    assert (row["file"], row["text"], row["digits"], row["corrected"], row["error"]) == (
        *("sheet.png", "'0411", "4", "yes", ""),
    )
    assert 0 < float(row["lowest_confidence"]) <= 1
    page.reset.click()
    expect(page.number).to_have_text("04712")
    expect(page.reset).to_be_disabled()


def test_lines_stay_lines(show):
    page = show("two.jpg")
    expect(page.number.locator("div")).to_have_text(["271", "40"])
    first, third, fourth = (page.field(place).bounding_box() for place in (1, 3, 4))
    assert third["y"] == first["y"] < fourth["y"]  # a row of fields for each line
    assert fourth["x"] == first["x"]
    assert of_file(rows_of(page.download("csv")), "two.jpg")["text"] == "271\n40"
    record = of_file(json.loads(page.download("json")), "two.jpg")
    assert (record["text"], record["error"]) == ("271\n40", None)
    assert [digit["digit"] for digit in record["digits"]] == [2, 7, 1, 4, 0]
    for digit, place in zip(
        record["digits"], [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1)], strict=True
    ):
        x, y = middle(*place)
        left, top, width, height = digit["box"]
        assert left < x < left + width
        assert top < y < top + height


def test_a_bad_file_and_an_evil_name_among_good_ones(open_upload):
    page = open_upload()
    page.bring(
        {
            "=1+1<b>.png": file_of(sheet("17")),
            "broken.jpg": file_of(sheet("5"), "JPEG")[:300],
            "![x](http://evil.example/y.png).webp": file_of(sheet("2"), "WEBP"),
        }
    )
    expect(page.rows).to_have_count(3)
    expect(page.rows.nth(0)).to_contain_text("=1+1<b>.png")
    expect(page.rows.nth(0)).to_contain_text("17")
    expect(page.rows.nth(1)).to_contain_text("damaged")
    expect(page.rows.nth(2).get_by_role("rowheader")).to_contain_text("![x](")
    made = page.page.locator(".st-key-upload_results :is(b, img, a:not([href^='#picture-']))")
    expect(made).to_have_count(0)
    expect(page.status).to_contain_text("2 of 3 pictures read")
    first, second, third = rows_of(page.download("csv"))
    assert first["file"] == "'=1+1<b>.png"
    assert second["text"] == ""
    assert "damaged" in second["error"]
    assert third["text"] == "2"
    page.page.locator(".st-key-upload_next button").click()
    expect(page.page.locator(".st-key-upload_number")).to_contain_text("damaged")
    page.page.locator(".st-key-upload_next button").click()
    expect(page.number).to_have_text("2")


def test_a_zip_of_pictures(open_upload):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, digits in (("scans/10.png", "10"), ("scans/2.png", "2"), ("../7.png", "7")):
            archive.writestr(name, file_of(sheet(digits)))
        archive.writestr("notes.txt", "no picture")
    page = open_upload()
    page.bring({"all.zip": content.getvalue()})
    found = {row["file"]: row["text"] for row in rows_of(page.download("csv"))}
    assert found == {"7.png": "7", "scans/2.png": "2", "scans/10.png": "10"}


def test_zoom_begins_at_the_digits(show):
    page = show("two.jpg")
    page.switch("Zoom")
    try:
        page.page.wait_for_function("document.querySelector('.dl-zoom')?.scrollLeft > 50")
    finally:
        page.switch("Zoom")


def test_a_blank_sheet(show):
    page = show("blank.png")
    nothing = re.compile("no digits (were )?found|is blank", re.IGNORECASE)
    expect(page.summary).to_contain_text(nothing)
    expect(page.number).to_have_text("")
    expect(page.current).to_contain_text(nothing)


def test_one_digit_per_picture(open_upload):
    page = open_upload()
    page.bring({"tight.png": file_of(sheet("7").crop((80, 80, 210, 220)))})
    page.switch("One digit per picture")
    expect(page.number).to_have_text("7")
    expect(page.digits.get_by_role("textbox")).to_have_count(1)
    page.page.get_by_test_id("stSidebarNavLink").filter(has_text="Robustness").click()
    page.page.get_by_role("tab", name="Your own digit").click()
    own = page.page.locator(".st-key-robustness_own")
    expect(own).to_contain_text("your digit is read as", timeout=60_000)


def test_another_model_reads_again(open_upload):
    page = open_upload()
    page.bring({"a.png": file_of(sheet("71"))})
    before = json.loads(page.download("json"))
    page.page.locator(
        ".st-key-model_choice [data-baseweb=select], .st-key-model_choice input"
    ).first.click()
    page.page.get_by_role("option").filter(has_text="cnn-three").click()
    page.page.wait_for_url("**model=cnn-three*")
    wait_for_script(page.page)
    expect(page.rows).to_have_count(1)
    (record,) = json.loads(page.download("json"))
    assert record["digits"] != before[0]["digits"]
    assert record["text"] == before[0]["text"] == "71"


def test_boxes_are_removed_added_and_labelled(open_upload):
    page = open_upload()
    picture = sheet("4071", "23")
    page.bring({"sheet.png": file_of(picture)})
    expect(page.number.locator("div")).to_have_text(["4071", "23"])
    page.correct(2, "9")
    expect(page.number.locator("div").first).to_have_text("4971")
    page.edit_boxes()

    def press(column: int, row: int = 0) -> None:
        page.page.mouse.click(*page.at(*middle(column, row), picture.width))

    page.tool("Edit")
    press(0)
    where = page.canvas.bounding_box()
    page.tool("Delete selected")
    expect(page.number.locator("div")).to_have_text(["971", "23"])
    press(1, 1)
    page.tool("Delete selected")
    expect(page.number.locator("div")).to_have_text(["971", "2"])
    assert page.canvas.bounding_box() == where, "the canvas moves while a person works on it"
    page.tool("Edit")
    x, y = middle(0)
    mouse, half = page.page.mouse, HEIGHT * 0.62
    mouse.move(*page.at(x - half, y - half, picture.width))
    mouse.down()
    mouse.move(*page.at(x, y, picture.width))
    mouse.move(*page.at(x + half, y + half, picture.width))
    mouse.up()
    expect(page.number.locator("div")).to_have_text(["4971", "2"])
    page.switch("Edit boxes")
    expect(page.picture.locator("i.dl-own")).to_have_count(1)
    expect(page.picture.locator("i.dl-box")).to_have_count(5)
    wait_for_script(page.page)
    page.reset.click()
    expect(page.number.locator("div")).to_have_text(["4071", "23"])


def test_a_box_with_a_digit_typed_on_the_canvas(open_upload):
    page = open_upload()
    picture = sheet("17")
    page.bring({"sheet.png": file_of(picture)})
    page.edit_boxes()
    page.tool("Edit")
    for _ in range(2):
        page.page.mouse.click(*page.at(*middle(1), picture.width))
        page.page.wait_for_timeout(400)  # two clicks, not a double click
    page.page.keyboard.type("3")
    page.page.mouse.click(*page.at(picture.width - 8, 8, picture.width))
    expect(page.number).to_have_text("13")


def test_many_pictures(open_upload):
    page = open_upload()
    numbers = {f"{n}.png": f"{n:03}" for n in range(0, 24, 2)}
    page.bring({name: file_of(sheet(digits)) for name, digits in numbers.items()})
    expect(page.status).to_contain_text("12 of 12 pictures read")
    right = [
        row["text"].removeprefix("'") == numbers[row["file"]]  # the mark of a text: see text_cell
        for row in rows_of(page.download("csv"))
    ]
    assert sum(right) >= 11
    choice = page.page.locator(".st-key-upload_shown").get_by_role("combobox")
    choice.click()
    choice.fill("22.png")
    page.page.get_by_role("option").filter(has_text="22.png").click()
    expect(page.current).to_contain_text("22.png")


def test_each_page_of_a_document_is_a_result(open_upload):
    page = open_upload()
    numbers = {"scan.tiff": ["125", "472", "541"], "scan.pdf": ["541", "125", "472"]}
    page.bring(
        {
            name: document_of(name.removeprefix("scan.").upper(), *map(sheet, written))
            for name, written in numbers.items()
        }
        | {"one.png": file_of(sheet("38"))}
    )
    expect(page.status).to_contain_text("7 of 7 pictures read")
    expect(page.number).to_have_text("125")
    expect(page.rows).to_contain_text([*numbers["scan.tiff"], *numbers["scan.pdf"], "38"])
    for place, (name, written) in enumerate(numbers.items()):
        page.show(f"{name}, page 3")
        expect(page.number).to_have_text(written[2])
        wait_for_script(page.page)
        page.correct(1, "9")
        expect(page.rows.nth(3 * place + 2)).to_contain_text(f"9{written[2][1:]}")
        expect(page.rows.nth(3 * place)).to_contain_text(written[0])
    found = [(row["file"], row["page"], row["text"]) for row in rows_of(page.download("csv"))]
    assert found == [
        *(("scan.tiff", str(number), text) for number, text in enumerate(["125", "472", "941"], 1)),
        *(("scan.pdf", str(number), text) for number, text in enumerate(["541", "125", "972"], 1)),
        ("one.png", "1", "38"),
    ]
    records = json.loads(page.download("json"))
    assert [record["page"] for record in records] == [1, 2, 3, 1, 2, 3, 1]


def test_of_an_animated_picture_the_first_frame_is_read_and_that_is_told(show):
    page = show("moving.gif")
    expect(page.number).to_have_text("12")
    expect(page.summary).to_contain_text("only the first was read")


def test_a_picture_is_turned_and_read_again(open_upload):
    page = open_upload()
    upright = sheet("2745")
    page.bring({"side.png": file_of(upright.transpose(Image.Transpose.ROTATE_90))})
    wide, high = upright.size
    page.turn.click()
    expect(page.number).to_have_text("2745")
    expect(page.picture).to_have_attribute("style", re.compile(f"aspect-ratio: {wide} / {high}"))
    page.correct(1, "9")
    expect(page.number).to_have_text("9745")
    (record,) = json.loads(page.download("json"))
    assert (record["text"], record["turned"]) == ("9745", 90)
    x, y, width, height = record["digits"][0]["box"]  # on the picture as it came, on its side
    assert 0 <= x < x + width <= high
    assert y + height / 2 == pytest.approx(wide - middle(0)[0], abs=HEIGHT / 4)


@pytest.mark.parametrize("form", ["black.png", "orange.png"])
def test_a_form_with_a_box_for_each_digit(show, form):
    page = show(form)
    expect(page.number).to_have_text("27415")
    expect(page.picture.locator("i:is(.dl-sure, .dl-doubtful)")).to_have_count(5)


def test_a_date_is_shown_as_it_is_written_and_as_digits_alone(show):
    page = show("date.png")
    expect(page.number).to_have_text("24/12/2019")
    expect(page.current).to_contain_text("24/12/2019")
    page.correct(8, "8")
    expect(page.number).to_have_text("24/12/2018")
    page.switch("Digits only")
    try:
        expect(page.number).to_have_text("24122018")
    finally:
        page.switch("Digits only")
    expect(page.number).to_have_text("24/12/2018")
    row = of_file(rows_of(page.download("csv")), "date.png")
    assert (row["text"], row["written"]) == ("24122018", "'24/12/2018")


def test_a_table_is_shown_and_exported_with_its_cells(show):
    page = show("marks.png")
    expect(page.cells.locator("td")).to_have_text([cell for row in CELLS for cell in row])
    exported = csv.reader(io.StringIO(page.download("cells_csv")))
    assert [[cell.removeprefix("'") for cell in row] for row in exported] == CELLS
    page.correct(1, "9")
    expect(page.cells.locator("td").first).to_have_text("92")


@pytest.mark.parametrize("name", TURNED)
def test_a_turned_page_is_read_and_says_so(show, name):
    _, degrees, words = TURNED[name]
    page = show(name)
    expect(page.number.locator("div")).to_have_text(["2745", "304"])
    expect(page.summary).to_contain_text(words)
    record = of_file(json.loads(page.download("json")), name)
    assert (record["text"], record["turned"]) == ("2745\n304", degrees)
    for _ in range((360 - degrees) // 90 if degrees == 270 else degrees // 90):
        shape = page.picture.get_attribute("style")
        page.turn.click()
        expect(page.picture).not_to_have_attribute("style", shape)
    expect(page.number.locator("div")).to_have_text(["2745", "304"])


def test_nothing_moves_when_a_digit_is_corrected(open_upload):
    page = open_upload()
    page.bring({"sheet.png": file_of(sheet("4071", "23"))})

    def boxes():
        parts = ".dl-number, .dl-page, .st-key-upload_digits, .st-key-upload_results"
        return page.page.evaluate(
            "s => [...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().toJSON())"
            ".map(({x, y, height}) => [x, y, height])",
            parts,
        )

    wait_for_script(page.page)
    before = boxes()
    page.correct(2, "8")
    expect(page.summary).to_contain_text("Corrected by you")
    wait_for_script(page.page)
    assert boxes() == before


def test_a_phone_scrolls_down_only(open_upload):
    page = open_upload(viewport=NARROW)
    assert list(on_phones(page.page)) == list(WIDTHS)
    page.page.set_viewport_size(NARROW)
    name = f"{'a_very_long_name' * 6}.png"
    page.bring({name: file_of(sheet("402719403527", "17")), "blank.png": file_of(sheet())})
    assert list(on_phones(page.page)) == list(WIDTHS)
    page.page.set_viewport_size(NARROW)
    page.edit_boxes()
    for width in on_phones(page.page):
        assert page.canvas.bounding_box()["width"] <= width - 32
    expect(page.page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(
    ("width", "rows"),
    [(1280, [6, 7, 8, 5, 4]), (390, [6, 7, 4, 4, 5, 4]), (320, [6, 4, 3, 4, 4, 5, 4])],
)
def test_a_lines_digits_keep_to_one_row_and_are_wide_enough_for_a_finger(open_upload, width, rows):
    page = open_upload(viewport={"width": width, "height": 844})
    page.bring({"sheet.png": file_of(sheet("384617", "2741593", "27415938", "274159382"))})
    expect(page.digits.get_by_role("textbox")).to_have_count(30)
    boxes = [field.bounding_box() for field in page.digits.get_by_test_id("stTextInput").all()]
    tops = [round(box["y"]) for box in boxes]
    assert [tops.count(top) for top in dict.fromkeys(tops)] == rows
    assert min(box["width"] for box in boxes) >= 44


def test_the_page_stays_wide(open_upload):
    page = open_upload()
    files = page.page.locator(".st-key-upload_files")
    width = files.bounding_box()["width"]
    for _ in range(6):
        page.switch("One digit per picture")
        wait_for_script(page.page)
        assert files.bounding_box()["width"] == width


def test_an_example_is_read_at_one_click(visit):
    page = visit("/")
    page.get_by_role("link", name="Read a form").click()
    number = page.locator(".st-key-upload_number .dl-number")
    expect(number.locator("div")).to_have_text(["90210", "384617", "1250"], timeout=30_000)
    picture = page.locator(".st-key-upload_picture .dl-page").bounding_box()
    assert picture["y"] + picture["height"] <= page.viewport_size["height"]  # in sight at once
    page.locator(".st-key-upload_examples").get_by_role("radio", name="A date").click()
    expect(number).to_have_text("24/12/2026")
    expect(page).to_have_url(re.compile("example=date"))
    page.go_back()
    expect(number.locator("div")).to_have_text(["90210", "384617", "1250"])
