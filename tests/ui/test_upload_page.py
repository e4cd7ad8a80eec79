"""The upload page's logic, without a browser, with a fake reader and fake models."""

import base64
import io
import json
import re
import threading
import zipfile
from dataclasses import replace
from html import escape
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import ui.model_choice
import ui.why
from mnist_core import data, reading
from mnist_core.config import MAX_PAGES, MAX_PICTURES
from mnist_core.errors import ModelError
from mnist_core.pictures.imaging import Picture, open_picture
from tests.ui.test_draw_page import PROJECT, always, fake_models, shown
from tests.ui.test_upload_result import digit
from ui import taught, turns
from ui.robustness.own_digit import UNLIKE
from ui.upload import cells as upload_cells
from ui.upload import kept, queue, reader
from ui.upload import table as upload_table
from ui.upload import teach as upload_teach
from ui.upload.choice import accepted_types, lacks_camera
from ui.upload.digits import MAX_DIGITS, NO_DIGIT
from ui.upload.number import NOTHING
from ui.upload.preview import frame_style, preview_of
from ui.upload.reader import UNEXPECTED
from ui.upload.rows import take_row
from ui.uploads import REFUSALS, VISIT_FULL


def png(level: int = 255) -> bytes:
    """A picture; its grey level sets what the fake reader finds."""
    return cv2.imencode(".png", np.full((60, 100, 3), level, np.uint8))[1].tobytes()


# Any other level: a number of two lines
BLANK, SINGLE, STRANGE, WRITTEN, TABLE, SIDEWAYS = 250, 240, 230, 220, 210, 200


KNOWN = {
    WRITTEN: {"written": "-0,4", "remark": "A digit touches the edge."},
    TABLE: {"cells": (("0", ""), ("", "04")), "written": "0\n04"},
}


@pytest.fixture
def read(monkeypatch):
    """A fake reader; the list holds what it was asked."""
    asked = []

    def fake(picture, predictor, *, single=False, detector=None):
        level = int(picture.pixels[0, 0, 0])
        asked.append((level, single))
        if level == STRANGE:
            raise RuntimeError("unexpected")
        answer = int(predictor(np.zeros((1, 28, 28), np.float32)).argmax())
        digits = (
            digit(answer, (5, 5, 20, 40)),
            digit(4, (30, 5, 20, 40), confidence=0.6),
            digit(8, (5, 50, 10, 9), line=1, confidence=0.3, accepted=False),
        )
        digits = tuple(
            replace(one, image=np.full((28, 28), place / 9, np.float32))
            for place, one in enumerate(digits)
        )
        found = {BLANK: (), SINGLE: digits[:1]}.get(level, digits[: 1 if single else 3])
        height, width = picture.pixels.shape[:2]
        if level == SIDEWAYS and width > height:
            return reading.Reading(digits, width, height, turned=90)
        return replace(reading.Reading(found, width, height), **KNOWN.get(level, {}))

    monkeypatch.setattr(reading, "read", fake)
    return asked


@pytest.fixture
def predictors(monkeypatch):
    """What the models answer, by name; see `fake_models`."""
    return fake_models(monkeypatch, first=0)


@pytest.fixture
def page(predictors, read):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
    app.run()
    app.switch_page("pages/upload.py").run()
    return app


def bring(page: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Upload files, each a name and its content, in the place of those before."""
    kind = "application/octet-stream"
    page.file_uploader(key="upload_chosen").set_value([(*file, kind) for file in files])
    page.run()
    assert not page.exception
    return page


def number(page: AppTest) -> str:
    (text,) = (m.value for m in page.markdown if "dl-number-room" in m.value)
    return text


def rows(page: AppTest) -> list[str]:
    (table,) = (m.value for m in page.markdown if "dl-uploads" in m.value)
    return table.split("<tr")[2:]


def captions(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def downloads(page: AppTest) -> list:
    return list(page.get("download_button"))


def packed(*members: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return content.getvalue()


def test_an_empty_page_explains_what_is_read_well(page):
    assert not page.exception
    assert "This works best" in shown(page)
    assert "50 megapixels" in captions(page)
    assert not downloads(page)


def test_a_picture_is_read_and_shown_at_once(page):
    bring(page, ("a.png", png(10)))
    assert '<div>0<u title="doubtful: 60.0% sure">4</u></div>' in number(page)
    assert "Doubtful:</b> 4 (60.0% sure)" in number(page)
    assert "Left out, does not look like a digit:</b> 1. If it is one, most likely an 8" in number(
        page
    )
    boxes = shown(page)
    assert boxes.count('class="dl-box dl-doubtful"') == 2  # on the picture and in the legend
    assert 'alt="Your picture. Read in it: 04."' in boxes
    assert [field.value for field in page.text_input] == ["0", "4", ""]
    assert "60.0%, doubtful" in rows(page)[0]
    assert "1 left out" in rows(page)[0]
    assert len(downloads(page)) == 2


def test_the_rejection_threshold_decides_what_counts_and_nothing_is_read_again(page, read):
    bring(page, ("a.png", png(10)))
    page.select_slider(key="strictness").set_value(-1).run()
    assert ">04\n8</td>" in rows(page)[0]
    page.select_slider(key="strictness").set_value(1).run()
    assert ">0</td>" in rows(page)[0]
    assert "does not look like a digit:</b> 2. If they are digits, most likely a 4, an 8" in number(
        page
    )
    assert len(read) == 1


def test_a_digit_that_a_person_confirms_counts_but_its_low_score_is_reported(page):
    bring(page, ("a.png", png(10)))
    page.toggle(key="upload_single").set_value(True).run()
    assert "Hardly looks" not in number(page)
    page.select_slider(key="strictness").set_value(3).run()
    assert '<u title="doubtful: 99.0% sure">0</u>' in number(page)
    assert "Hardly looks like a digit:</b> read as a 0" in number(page)


def test_a_chosen_digit_is_explained_on_demand(page, monkeypatch):
    monkeypatch.setattr(ui.why, "learned", lambda: None)
    bring(page, ("a.png", png(10)))
    assert "dl-why" not in shown(page)
    page.session_state["why"] = True
    page.run()
    assert not page.exception
    assert page.selectbox(key="why_which").options == [
        "Digit 1, read as 0",
        "Digit 2, read as 4",
        "Digit 3, read as 8",
    ]
    assert page.selectbox(key="why_against").label == "Why 0 rather than"
    page.selectbox(key="why_which").set_value(2).run()
    assert page.selectbox(key="why_against").label == "Why 8 rather than"
    assert "dl-why" in shown(page)


def test_a_digit_is_corrected_and_brought_back(page):
    bring(page, ("a.png", png(10)))
    page.text_input(key="upload_digit_1").set_value("9").run()
    page.text_input(key="upload_digit_2").set_value("5").run()
    assert "<div>09</div><div>5</div>" in number(page)
    assert "Corrected by you:</b> 2" in number(page)
    assert ">09\n5</td>" in rows(page)[0]
    page.text_input(key="upload_digit_0").set_value("x").run()
    assert page.text_input(key="upload_digit_0").value == "0"
    assert [toast.value for toast in page.toast] == [NO_DIGIT.format("x")]
    page.text_input(key="upload_digit_0").set_value("").run()
    assert not page.toast
    assert "<div>9</div><div>5</div>" in number(page)
    page.button(key="upload_reset").click().run()
    assert [field.value for field in page.text_input] == ["0", "4", ""]
    assert page.button(key="upload_reset").disabled


def test_a_picture_is_read_when_its_turn_has_come(page, monkeypatch):
    monkeypatch.setattr(turns, "LOOK", 0.01)
    held, waited = threading.Event(), threading.Event()

    def hold():
        with queue.PICTURES.turn("another visit"):
            held.set()
            while not queue.PICTURES.waiting():
                waited.wait(0.01)
            waited.wait(0.1)

    another = threading.Thread(target=hold)
    another.start()
    assert held.wait(5)
    bring(page, ("a.png", png(10)))
    another.join()
    assert ">04</td>" in rows(page)[0]


def test_each_picture_is_read_once_a_model_and_once_a_way(page, read, predictors):
    bring(page, ("a.png", png(10)), ("b.png", png(20)), ("a again.png", png(10)))
    assert read == [(10, False), (20, False)]
    page.button(key="upload_next").click().run()
    page.text_input(key="upload_digit_1").set_value("9").run()
    assert len(read) == 2
    page.toggle(key="upload_single").set_value(True).run()
    assert read[2:] == [(20, True), (10, True)]  # what is shown comes first
    assert "<div>0</div>" in number(page)
    page.selectbox(key="model_choice").set_value("cnn-three").run()
    assert "<div>3</div>" in number(page)
    page.selectbox(key="model_choice").set_value("digit-net").run()
    page.toggle(key="upload_single").set_value(False).run()
    assert "<div>09</div>" in number(page)
    assert len(read) == 6


def test_what_is_wrong_with_a_picture_never_stops_the_others(page):
    files = {"empty.png": b"", "text.png": b"hello", "odd.png": png(STRANGE), "good.png": png(10)}
    bring(page, *files.items())
    empty, text, odd, good = rows(page)
    assert "empty (0 bytes)" in empty
    assert "The file is a text" in text
    assert UNEXPECTED.replace("'", "&#x27;") in odd
    assert ">04</td>" in good
    assert "1 of 4 pictures read" in captions(page)
    assert "empty (0 bytes)" in shown(page)
    page.selectbox(key="upload_shown").set_value(3).run()
    assert "<div>0<u" in number(page)


def test_a_zip_is_unpacked_in_memory(page):
    content = packed(
        ("scans/2.png", png(10)),
        ("scans/10.png", png(BLANK)),
        ("../../up.png", png(20)),
        ("readme.txt", b"no picture"),
        ("bad.png", b""),
    )
    bring(page, ("a.zip", content), ("b.zip", packed()), ("c.zip", b"no zip"))
    names = [re.sub("<[^>]*>", "", f"<tr{row.partition('<td')[0]}") for row in rows(page)]
    assert names == ["bad.png", "scans/2.png", "scans/10.png", "up.png", "b.zip", "c.zip"]
    assert "contains no pictures" in rows(page)[4]
    assert "not a zip" in rows(page)[5]
    page.selectbox(key="upload_shown").set_value(2).run()
    assert NOTHING in number(page)
    page.selectbox(key="upload_shown").set_value(3).run()
    assert "<div>0<u" in number(page)


def pages_of(kind, *levels):
    """A file with a page for each grey level."""
    first, *more = (Image.new("L", (100, 60), level) for level in levels)
    content = io.BytesIO()
    first.save(content, kind, save_all=True, append_images=more)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["tiff", "pdf"])
def test_each_page_of_a_file_is_a_result_of_its_own(page, read, kind):
    name = f"scan.{kind}"
    bring(page, (name, pages_of(kind, 10, BLANK, 30)), ("b.png", png(40)))
    assert len(read) == 4
    first, second, third, last = rows(page)
    assert [">1</td>" in first, ">2</td>" in second, ">3</td>" in third] == [True] * 3
    assert 'data-label="Page">1</td>' in last
    assert "no digits found" in second
    assert page.selectbox(key="upload_shown").options == [
        *(f"{place}. {name}, page {place}" for place in (1, 2, 3)),
        "4. b.png",
    ]
    page.selectbox(key="upload_shown").set_value(2).run()
    page.text_input(key="upload_digit_1").set_value("9").run()
    assert ">09</td>" in rows(page)[2]
    assert ">04</td>" in rows(page)[0]
    assert len(read) == 4
    assert "4 of 4 pictures read" in captions(page)


def test_the_pages_of_documents_in_a_zip_are_read(page, read):
    bring(page, ("a.zip", packed(("b/2.tif", pages_of("TIFF", 10, 20)), ("c.pdf", b"%PDF"))))
    assert [level for level, _ in read] == [10, 20]
    assert "The PDF is damaged" in rows(page)[2]


def test_files_of_one_page_get_no_column_for_pages(page):
    bring(page, ("a.png", png(10)))
    assert "Page" not in rows(page)[0]


def test_what_stands_between_the_digits_is_shown_unless_digits_alone_are_wanted(page):
    bring(page, ("a.png", png(WRITTEN)))
    between = '<span class="dl-between">{}</span>'
    doubtful = '<u title="doubtful: 60.0% sure">4</u>'
    assert f"<div>{between.format('-')}0{between.format(',')}{doubtful}</div>" in number(page)
    assert "<b>Note:</b> A digit touches the edge." in number(page)
    assert ">-0,4</td>" in rows(page)[0]
    assert "A digit touches the edge." in rows(page)[0]
    assert 'alt="Your picture. Read in it: -0,4."' in shown(page)
    page.toggle(key="upload_digits_only").set_value(True).run()
    assert f"<div>0{doubtful}</div>" in number(page)
    assert ">04</td>" in rows(page)[0]


def test_a_table_is_shown_and_exported(page, monkeypatch):
    made = {}
    monkeypatch.setattr(
        upload_cells.st, "download_button", lambda label, data, **k: made.update({label: data})
    )
    bring(page, ("a.png", png(TABLE)))
    (table,) = (m.value for m in page.markdown if "dl-cells" in m.value)
    assert "<tr><td>0</td><td></td></tr><tr><td></td><td>04</td></tr>" in table
    assert "2 rows, 2 columns" in table
    assert made["Export this table as CSV"] == "0,\n,'04\n"


def test_a_picture_that_lies_on_its_side_says_so_and_is_turned(page, read):
    bring(page, ("a.png", png(SIDEWAYS)))
    assert "The picture lies on its side: it was read turned clockwise by 90°" in number(page)
    assert "turned to be read" in rows(page)[0]
    assert "aspect-ratio:100/60" in shown(page)
    page.text_input(key="upload_digit_1").set_value("9").run()
    page.button(key="upload_turn").click().run()
    assert not page.exception
    assert "lies on its side" not in number(page)
    assert "aspect-ratio:60/100" in shown(page)
    assert "<div>0<u" in number(page)  # what was corrected before is another picture's
    assert len(read) == 2
    for _ in range(3):
        page.button(key="upload_turn").click().run()
    assert "aspect-ratio:100/60" in shown(page)
    bring(page)
    assert not page.session_state["upload_turned"]


def test_the_remark_on_a_file_is_shown_with_its_result(page):
    bring(page, ("a.gif", pages_of("GIF", 10, 20)))
    assert "only the first was read" in number(page)
    assert len(rows(page)) == 1


@pytest.mark.parametrize(
    ("address", "lacks"),
    [
        ("http://192.168.1.7:8501/upload", True),
        ("http://lab.example.org", True),
        ("https://lab.example.org/upload", False),
        ("http://localhost:8501/upload", False),
        ("http://127.0.0.1:8501", False),
        ("http://[::1]:8501", False),
        (None, False),
    ],
)
def test_browsers_keep_the_camera_from_pages_over_http(address, lacks):
    assert lacks_camera(address) == lacks


def test_one_picture_of_a_zip_is_unpacked_alone(page, monkeypatch):
    content = packed(*[(f"{place}.png", png(place)) for place in range(30, 36)])
    bring(page, ("a.zip", content), ("b.png", png(20)))
    unpacked, open_member = [], zipfile.ZipFile.open

    def count(archive, info, *arguments, **options):
        unpacked.append(info.filename)
        return open_member(archive, info, *arguments, **options)

    monkeypatch.setattr(zipfile.ZipFile, "open", count)
    page.selectbox(key="upload_shown").set_value(4).run()
    assert not page.exception
    assert unpacked == ["34.png"]
    del page.session_state["upload_read"][next(iter(page.session_state["upload_read"]))]
    page.run()
    assert unpacked == ["34.png", "30.png"]


def test_the_pictures_are_exported_as_on_the_command_line(page, monkeypatch):
    made = {}
    monkeypatch.setattr(
        upload_table.st, "download_button", lambda label, data, **k: made.update({label: data})
    )
    bring(page, ("=a.png", png(10)), ("b.png", png(BLANK)), ("c.png", b"hello"))
    page.text_input(key="upload_digit_1").set_value("9").run()
    assert made["Export the results as CSV"] == (
        "file,page,text,written,digits,lowest_confidence,corrected,turned,remark,error\n"
        "'=a.png,1,'09,'09,2,0.9900,yes,0,,\n"
        "b.png,1,,,0,,no,0,,\n"
        'c.png,1,,,0,,no,0,,"The file is a text, which cannot be read. Expected PNG, JPEG, WebP, '
        'BMP, TIFF, GIF, AVIF, HEIC or PDF."\n'
    )
    first, *_ = json.loads(made["Export the results as JSON"])
    assert list(first) == [
        *("file", "page", "text", "written", "digits", "turned", "remark", "error")
    ]
    assert [digit.get("corrected") for digit in first["digits"]] == [None, True, None]


def test_names_do_no_harm(page):
    name = "=1+1<b>*x*\u202e\n.png"
    bring(page, (name, png(10)), ("b.png", png(20)))
    assert '<a href="#picture-1">=1+1&lt;b&gt;*x*.png</a></th>' in rows(page)[0]
    assert page.selectbox(key="upload_shown").options[0] == "1. =1+1<b>*x*.png"
    assert not [m for m in page.markdown if "<b>*x*" in m.value]


@pytest.mark.parametrize(("sent", "opened"), [(1, [1]), (0, [0]), (2, []), (True, []), ("1", [])])
def test_a_row_opens_its_picture(sent, opened):
    found = []
    take_row(SimpleNamespace(opened=sent), 2, found.append)
    assert found == opened


def test_a_zoomed_picture_is_larger_than_its_frame(page):
    bring(page, ("a.png", png(10)))
    assert "dl-zoom" not in shown(page)
    page.toggle(key="upload_zoom").set_value(True).run()
    assert not page.exception
    assert 'class="dl-zoom" tabindex="0"' in shown(page)
    assert "width:250%" in shown(page)
    assert 'class="dl-target' in shown(page)


def test_more_than_a_visit_may_bring_are_left_out(page):
    members = [(f"{place}.png", png(10)) for place in range(MAX_PICTURES - 1)]
    bring(page, ("a.zip", packed(*members)), *[(f"{n}.png", png(20)) for n in range(3)])
    assert len(rows(page)) == MAX_PICTURES
    assert f"2 more were left out: the limit is {MAX_PICTURES} at a time" in captions(page)


@pytest.mark.parametrize(
    ("count", "expected"), [(230, "30 more were left out"), (201, "1 more was left out")]
)
def test_what_an_archive_leaves_out_is_counted(page, count, expected):
    bring(page, ("a.zip", packed(*[(f"{place}.png", png(10)) for place in range(count)])))
    assert f"{MAX_PICTURES} of {MAX_PICTURES} pictures read. {expected}:" in captions(page)


@pytest.mark.parametrize(
    ("before", "expected"),
    [(0, "More were left out"), (1, "1 more and further pages were left out")],
)
def test_the_rest_of_a_long_document_is_not_counted(page, before, expected):
    pages = [Image.new("L", (9, 9), 200) for _ in range(MAX_PAGES + 15)]
    content = io.BytesIO()
    pages[0].save(content, "TIFF", save_all=True, append_images=pages[1:])
    bring(page, *[("a.png", png(10))] * before, ("b.tiff", content.getvalue()))
    assert f" pictures read. {expected}:" in captions(page)


@pytest.mark.parametrize(("degrees", "press"), [(90, ""), (180, " twice"), (270, " three times")])
def test_it_tells_how_often_to_turn(page, monkeypatch, degrees, press):
    monkeypatch.setitem(KNOWN, 10, {"turned": degrees})
    bring(page, ("a.png", png(10)))
    assert f"Press “Turn”{press} to see it upright." in number(page)


def test_the_first_of_the_pictures_that_were_added_is_shown(page):
    first, *added = (("a.png", png(10)), ("b.png", png(SINGLE)), ("c.png", png(BLANK)))
    bring(page, first)
    bring(page, first, *added)
    assert page.selectbox(key="upload_shown").value == 1
    assert "<div>0</div>" in number(page)
    page.button(key="upload_previous").click().run()
    assert page.selectbox(key="upload_shown").value == 0
    page.run()
    assert page.selectbox(key="upload_shown").value == 0


def test_a_picture_that_was_chosen_while_others_came_stays_in_sight(page):
    before = (("a.png", png(10)), ("b.png", png(SINGLE)))
    bring(page, *before)
    page.selectbox(key="upload_shown").set_value(1)
    bring(page, *before, ("c.png", png(BLANK)))
    assert page.selectbox(key="upload_shown").value == 1


def test_removed_pictures_are_forgotten(page, read):
    bring(page, ("a.png", png(10)), ("b.png", png(20)))
    page.selectbox(key="upload_shown").set_value(1).run()
    bring(page, ("a.png", png(10)))
    assert len(rows(page)) == 1
    assert page.session_state["upload_opened"].key in {
        key[0] for key in page.session_state["upload_read"]
    }
    bring(page)
    assert "This works best" in shown(page)
    assert "upload_opened" not in page.session_state
    assert not page.session_state["upload_read"]


def test_a_model_that_cannot_be_loaded_is_reported(page, predictors):
    predictors["digit-net"] = ModelError("It is damaged.")
    bring(page, ("a.png", png(10)))
    assert [error.value for error in page.error] == ["It is damaged."]
    predictors["digit-net"] = always(0)
    page.run()
    assert "<div>0<u" in number(page)


def test_a_folder_and_a_camera_are_offered(page):
    page.segmented_control[0].set_value("Folder").run()
    assert page.file_uploader(key="upload_folder").accept_directory
    page.segmented_control[0].set_value("Camera").run()
    assert not page.file_uploader
    page.camera_input(key="upload_camera").set_value(("camera.jpg", png(10), "image/jpeg")).run()
    assert "<div>0<u" in number(page)


def test_boxes_are_edited_on_a_canvas(page):
    bring(page, ("a.png", png(10)))
    page.toggle(key="upload_edit_boxes").set_value(True).run()
    assert not page.exception
    assert "Drag" in captions(page)


def test_the_canvas_starts_again_when_boxes_are_corrected_elsewhere(page):
    bring(page, ("a.png", png(10)))
    page.toggle(key="upload_edit_boxes").set_value(True).run()
    first = page.session_state["upload_boxes_canvas"]
    page.session_state[first.key] = {}  # as a browser's component would report
    page.run()
    assert page.session_state["upload_boxes_canvas"] == first
    page.session_state[first.key] = {}
    page.text_input(key="upload_digit_1").set_value("9").run()
    second = page.session_state["upload_boxes_canvas"]
    assert second.key != first.key
    assert '"label": "9"' in second.start
    page.session_state[second.key] = {}
    page.button(key="upload_reset").click().run()
    third = page.session_state["upload_boxes_canvas"]
    assert third.key != second.key
    assert third.start == first.start


def test_a_single_digit_is_offered_to_the_robustness_page(page, monkeypatch):
    bring(page, ("a.png", png(10)))
    assert "uploaded_digit" not in page.session_state
    bring(page, ("b.png", png(SINGLE)))
    monkeypatch.setattr(data, "local_copy", lambda: None)
    monkeypatch.delenv("MNIST_PATH", raising=False)
    page.switch_page("pages/robustness.py").run()
    assert not page.exception
    assert "your digit is read as <b>0</b>" in shown(page)
    assert UNLIKE not in shown(page)
    page.session_state["strictness"] = 3
    page.run()
    assert UNLIKE in shown(page)


def test_only_so_many_digits_can_be_changed_one_by_one(page, monkeypatch):
    many = tuple(digit(1, (i, 5, 1, 40)) for i in range(MAX_DIGITS + 2))
    monkeypatch.setattr(reading, "read", lambda *_, **__: reading.Reading(many, 200, 60))
    bring(page, ("a.png", png(10)))
    assert len(page.text_input) == MAX_DIGITS
    assert "2 more digits are not shown here" in captions(page)


def test_a_preview_is_at_most_so_long_and_keeps_its_shape():
    pixels = np.zeros((800, 1600, 3), np.uint8)
    pixels[..., 0] = 200
    content = preview_of(Picture(pixels, 3200, 1600)).partition("base64,")[2]
    image = cv2.imdecode(np.frombuffer(base64.b64decode(content), np.uint8), cv2.IMREAD_COLOR)
    assert image.shape == (500, 1000, 3)
    assert abs(int(image[0, 0, 2]) - 200) < 5  # red stays red
    assert "aspect-ratio:3200/1600" in frame_style(3200, 1600)


def test_the_uploader_accepts_what_can_be_read():
    assert {"png", "jpg", "heic", "avif", "zip"} <= set(accepted_types())


def photo(level: int) -> bytes:
    """A photo-like PNG, far larger than its copy; its corner has that grey level."""
    noise = np.random.default_rng(0).integers(0, 30, (600, 800, 3), np.uint8)
    noise[:20, :20] = level
    return cv2.imencode(".png", noise, [cv2.IMWRITE_PNG_COMPRESSION, 0])[1].tobytes()


def test_copies_take_the_place_of_files_that_are_larger(page, read, monkeypatch):
    released, opened = [], []
    monkeypatch.setattr(kept, "release_upload", released.append)
    monkeypatch.setattr(
        queue, "open_picture", lambda *a, **k: opened.append(a) or open_picture(*a, **k)
    )
    content = packed(("1.png", photo(100)), ("bad.png", b"x"))
    bring(page, ("a.zip", content), ("b.png", photo(50)), ("c.png", png(10)))
    assert len(released) == 2
    page.toggle(key="upload_single").set_value(True).run()
    assert [level for level, _ in read] == pytest.approx([100, 50, 10] * 2, abs=9)
    assert len(opened) == 5  # again only the one that was too small for a copy
    assert "which cannot be read" in rows(page)[1]
    page.selectbox(key="upload_shown").set_value(2).run()
    page.button(key="upload_turn").click().run()
    assert not page.exception
    assert "aspect-ratio:600/800" in shown(page)
    bring(page, ("c.png", png(10)))
    assert not page.session_state["upload_kept"].copies


def test_the_page_says_why_a_file_was_not_kept_or_not_read(page, monkeypatch):
    monkeypatch.setattr(reader, "MAX_VISIT_DIGITS", 5)
    files = [(f"{level}.png", png(level), "image/png") for level in range(3)]
    page.file_uploader(key="upload_chosen").set_value([("a.png", b"", VISIT_FULL), *files]).run()
    assert escape(REFUSALS[VISIT_FULL]) in rows(page)[0]
    assert [reader.TOO_MANY in row for row in rows(page)] == [False, False, False, True]
    page.toggle(key="upload_single").set_value(True).run()
    assert reader.TOO_MANY not in shown(page)


def test_corrected_digits_are_taught_and_pictures_are_read_again(page, read, monkeypatch):
    bring(page, ("a.png", png(10)))
    page.text_input(key="upload_digit_1").set_value("9").run()
    with pytest.raises(KeyError):
        page.button(key="upload_teach")  # the model keeps nothing of its training
    monkeypatch.setattr(upload_teach, "can_be_taught", bool)
    monkeypatch.setattr(taught, "can_be_taught", bool)
    monkeypatch.setattr(taught, "_fitted", lambda _: SimpleNamespace(head="a head"))
    page.text_input(key="upload_digit_2").set_value("").run()
    page.text_input(key="upload_digit_0").set_value("6").run()
    assert page.button(key="upload_teach").label == "Teach this: 2 digits"
    assert len(read) == 1
    page.button(key="upload_teach").click().run()
    assert not page.exception
    assert [one.label for one in page.session_state["taught"]] == [6, 9]
    assert page.button(key="upload_teach").disabled
    assert len(read) == 2
    assert "Read by digit-net with your 2 digits." in captions(page)
    assert "<div>69</div>" in number(page), "corrections stay"
    page.session_state["taught_used"] = False
    page.run()
    assert len(read) == 2, "what was read before is still there"
    assert "with your" not in captions(page)
