"""Pages of numbers made by code: the same seed gives the same page, and the labels are exact."""

import csv
import json

import cv2
import numpy as np
import pytest

from mnist_core.boxes import turn_box
from mnist_core.cli.main import main
from mnist_core.synthesis.pages import KINDS, Specimens, hands, make_crop, make_page, writing
from mnist_core.synthesis.pages.canvas import Canvas, outline
from mnist_core.synthesis.pages.numbers import NUMBERS
from mnist_core.synthesis.pages.signs import SIGNS

MARKS = {*"0123456789.,-/+", "other"}
WRITTEN = set("0123456789.,-/+ \n")
STEADY = hands.Hand(0, 0.08, 0, 1, 0, 0.2, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def specimens():
    """Rings for all digits: what matters is which digit is asked for, not how it looks."""
    ring = np.zeros((28, 28), np.uint8)
    cv2.circle(ring, (14, 14), 8, 255, 2)
    return Specimens(np.stack([ring] * 10), np.arange(10))


@pytest.mark.parametrize("kind", KINDS)
def test_pages_are_labelled(kind, specimens):
    for seed in range(2):
        page, again = (
            make_page(np.random.default_rng(seed), kind=kind, specimens=specimens) for _ in range(2)
        )
        assert np.array_equal(page.pixels, again.pixels)
        assert page.marks == again.marks
        assert (page.text, page.written, page.kind) == (again.text, again.written, kind)
        assert page.pixels.dtype == np.uint8
        tall, wide = page.pixels.shape[:2]
        for mark in page.marks:
            x, y, width, height = mark.box
            assert mark.label in MARKS
            assert 0 <= x <= x + width <= wide
            assert 0 <= y <= y + height <= tall
            assert mark.line == -1 or mark.label != "other"
        assert set(page.written) <= WRITTEN
        digits = page.written.split("\n")
        assert page.text == "\n".join("".join(filter(str.isdigit, line)) for line in digits)
        assert page.turned in ((90, 180, 270) if kind == "turned" else (0,))


def test_text_is_that_of_the_marks(specimens):
    for seed in range(20):
        page = make_page(np.random.default_rng([7, seed]), specimens=specimens)
        lines = {}
        for mark in page.marks:
            if mark.line >= 0 and mark.label.isdigit():
                lines[mark.line] = lines.get(mark.line, "") + mark.label
        assert page.text == "\n".join(lines[line] for line in sorted(lines))


def test_kinds_without_numbers_have_none():
    for kind in ("letters", "print", "doodles", "scenes", "blank"):
        for seed in range(5):
            page = make_page(np.random.default_rng(seed), kind=kind)
            assert page.text == page.written == ""
            assert all(mark.label == "other" for mark in page.marks)


def test_boxes_hold_the_ink():
    """On clean paper, what is darker than the paper lies in the boxes, and fills them."""
    canvas = Canvas(np.ones((80, 400, 3), np.float32))
    writer = writing.Writer(STEADY, (0.0, 0.0, 0.0), 1.0)
    writing.write(canvas, "27,4-1/5", 10, 15, 40, writer, np.random.default_rng(3))
    assert [mark.label for mark in canvas.marks] == list("27,4-1/5")
    dark = canvas.pixels[..., 0] < 0.7
    inside = np.zeros_like(dark)
    for mark in canvas.marks:
        left, top = np.floor(mark.outline.min(0) - 0.5).astype(int)
        right, foot = np.ceil(mark.outline.max(0) + 0.5).astype(int)
        inside[top:foot, left:right] = True
        part = dark[top:foot, left:right]
        assert part.any(0).mean() > 0.9
        assert part.any(1).mean() > 0.9
    assert not (dark & ~inside).any()


def test_struck_out_numbers_do_not_count():
    canvas = Canvas(np.ones((80, 300, 3), np.float32))
    writer = writing.Writer(STEADY, (0.0, 0.0, 0.0), 1.0)
    rng = np.random.default_rng(0)
    pieces = writing.compose("86", 40, writer, rng)
    writing.put(canvas, pieces, 10, 15, writer, rng, struck=True)
    assert [(mark.label, mark.line) for mark in canvas.marks] == [("other", -1)] * 2


def test_a_gap_before_a_sign_that_is_not_written_is_kept():
    canvas = Canvas(np.ones((80, 500, 3), np.float32))
    writer = writing.Writer(STEADY, (0.0, 0.0, 0.0), 1.0)
    writing.write(canvas, "12 $34", 10, 15, 40, writer, np.random.default_rng(0))
    assert [mark.gap for mark in canvas.marks if mark.line >= 0] == [False, False, True, False]


def test_turned_boxes_follow_the_pixels():
    picture = np.zeros((30, 50), np.uint8)
    picture[4:10, 7:9] = 1
    for turns in range(4):
        x, y, width, height = turn_box((7, 4, 2, 6), -90 * turns, (50, 30))
        left, top, wide, tall = cv2.boundingRect(np.ascontiguousarray(np.rot90(picture, turns)))
        assert (x, y, width, height) == (left, top, wide, tall)


def test_outline_of_nothing_is_the_whole():
    assert outline(np.zeros((3, 5), np.float32)).tolist() == [[0, 0], [5, 3]]


def test_crops_are_small_enough(specimens):
    for seed in range(150):
        page = make_crop(np.random.default_rng(seed), (96, 160), specimens=specimens)
        assert page.pixels.shape[0] <= 96
        assert page.pixels.shape[1] <= 160


def test_held_out_pages_look_different(specimens):
    pages = [
        make_page(np.random.default_rng(1), kind="lines", specimens=specimens, held_out=held_out)
        for held_out in (False, True)
    ]
    assert not np.array_equal(pages[0].pixels, pages[1].pixels)


def test_numbers_are_written_with_known_signs():
    rng = np.random.default_rng(0)
    for _, make in NUMBERS:
        for _ in range(30):
            text = make(rng)
            assert any(sign.isdigit() for sign in text), make.__name__
            assert all(sign.isdigit() or sign in {" ", "?", "^"} or sign in SIGNS for sign in text)


def test_cents_are_small_and_raised():
    writer = writing.Writer(STEADY, (0, 0, 0), 1.0)
    pieces = writing.compose("777^77", 40, writer, np.random.default_rng(3))
    tall, foot = zip(
        *((len(piece.mask), piece.y + len(piece.mask)) for piece in pieces), strict=True
    )
    assert [piece.label for piece in pieces] == ["7"] * 5
    assert max(tall[3:]) < 0.9 * min(tall[:3])
    assert max(foot[3:]) < min(foot[:3])


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match=r"Kinds of pages are lines, .*; received 'poster'"):
        make_page(np.random.default_rng(0), kind="poster")


@pytest.mark.usefixtures("mnist")
def test_synthesize_writes_pages_and_labels(tmp_path):
    assert main(["synthesize", str(tmp_path / "a"), "--pages", "3", "--kind", "boxes"]) == 0
    assert main(["synthesize", str(tmp_path / "b"), "--pages", "3", "--kind", "boxes"]) == 0
    with (tmp_path / "a" / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    marks = [json.loads(line) for line in (tmp_path / "a" / "marks.jsonl").open(encoding="utf-8")]
    assert [row["kind"] for row in rows] == ["boxes"] * 3
    for row, found in zip(rows, marks, strict=True):
        files = [(tmp_path / folder / row["file"]).read_bytes() for folder in "ab"]
        assert files[0] == files[1]
        assert found["file"] == row["file"]
        digits = sum(mark["label"].isdigit() and mark["line"] >= 0 for mark in found["marks"])
        assert digits == len(row["text"].replace("\n", ""))


@pytest.mark.parametrize("wrong", [["--pages", "0"], ["--seed", "-1"], ["--kind", "poster"]])
def test_synthesize_refuses_what_cannot_be(tmp_path, wrong, capsys):
    try:
        code = main(["synthesize", str(tmp_path), *wrong])
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert wrong[0] in capsys.readouterr().err
