"""How the benchmark of photographs counts, with fake ways of reading."""

import json
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from benchmarks import photos
from mnist_core.errors import PictureError
from mnist_core.pictures import imaging
from mnist_core.serving import load_predictor

SINGLE = "file,label,source,width\n0.png,3,s01,10\n1.png,8,s01,10\n2.png,5,s02,10\n"
MULTI = "file,label,source\n0.png,12|345,s03\n"


@pytest.fixture
def folder(tmp_path):
    for kind, labels in (("single", SINGLE), ("multi", MULTI)):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "labels.csv").write_text(labels)
    return tmp_path


@pytest.fixture
def fake(monkeypatch):
    """Read 3, 8 and nothing; the number right; stretch every picture to a 3."""
    says = {"single/0.png": "3", "single/1.png": "8", "single/2.png": "", "multi/0.png": "12\n345"}

    def ours(picture, predictor, *, detector):
        return says["/".join(picture["file"].parts[-2:])]

    monkeypatch.setattr(photos, "read_ours", ours)
    monkeypatch.setattr(photos, "read_stretched", lambda picture, predictor: "3")
    return says


def test_labels_are_found_with_their_lines(folder):
    pictures = photos.read_labels(folder)
    assert [p["kind"] for p in pictures] == ["single"] * 3 + ["multi"]
    assert pictures[-1] == {
        "kind": "multi",
        "file": folder / "multi" / "0.png",
        "label": "12\n345",
        "source": "s03",
    }


def test_one_kind_alone_will_do(folder):
    (folder / "single" / "labels.csv").unlink()
    assert [p["label"] for p in photos.read_labels(folder)] == ["12\n345"]


@pytest.mark.parametrize("content", ["", "file,label\n0.png,3\n", "file,label,source\n"])
def test_labels_without_pictures_or_columns_are_refused(folder, content):
    (folder / "multi" / "labels.csv").write_text(content)
    with pytest.raises(photos.LabelError, match="needs the columns file,label,source"):
        photos.read_labels(folder)


def test_cases_have_what_is_written_and_pages(tmp_path):
    (tmp_path / "cases.csv").write_text('file,text,written,why\na.tif,12|3,"1,2|3",two pages\n')
    (case,) = photos.read_labels(tmp_path)
    assert (case["kind"], case["label"], case["written"]) == ("cases", "12|3", "1,2|3")
    pixels = np.full((60, 80, 3), 255, np.uint8)
    Image.fromarray(pixels).save(
        tmp_path / "a.tif", save_all=True, append_images=[Image.fromarray(pixels)]
    )
    assert photos.read_ours(case, load_predictor()) == "|"
    assert photos.read_written(case, load_predictor()) == "|"
    row = {**case, "read": {photos.OURS: "12|3", photos.WRITTEN: "12|3"}, "seconds": {}}
    row["seconds"] = dict.fromkeys(row["read"], 1.0)
    assert photos.summarise([row], photos.OURS)["right"] == 1
    written = photos.summarise([row], photos.WRITTEN)
    assert (written["right"], written["edits"]) == (0, pytest.approx(1 / 3))


def test_cases_without_columns_are_refused(tmp_path):
    (tmp_path / "cases.csv").write_text("file,text\na.png,1\n")
    with pytest.raises(photos.LabelError, match="needs the columns file,text,written"):
        photos.read_labels(tmp_path)


def test_a_folder_without_labels_is_refused(tmp_path):
    with pytest.raises(photos.LabelError, match=r"Expected labels\.csv in .*cases\.csv"):
        photos.read_labels(tmp_path)


def test_a_picture_that_cannot_be_read_is_wrong_and_the_rest_go_on():
    def fail(picture, predictor):
        raise PictureError("This is no picture.")

    def tire(picture, predictor):
        raise subprocess.TimeoutExpired("tesseract", 60)

    pictures = [{"label": "1"}, {"label": "2"}]
    ways = {"fails": fail, "tires": tire, "ones": lambda picture, predictor: "1"}
    rows = list(photos.measure(pictures, None, ways))
    assert [row["read"] for row in rows] == [{"fails": None, "tires": None, "ones": "1"}] * 2
    assert all(row["seconds"].keys() == ways.keys() for row in rows)
    assert [photos.summarise(rows, way)["right"] for way in ways] == [0, 0, 1]


def test_the_summary_has_wilsons_interval():
    rows = [{"label": "1", "read": {"a": "1"}, "seconds": {"a": 2.0}}] * 81
    rows += [{"label": "1", "read": {"a": "1\n1"}, "seconds": {"a": 4.0}}] * 182
    summary = photos.summarise(rows, "a")
    assert (summary["n"], summary["right"]) == (263, 81)
    assert summary["seconds"] == pytest.approx((81 * 2 + 182 * 4) / 263)
    # R. Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I.
    assert summary["interval"] == pytest.approx((0.2553, 0.3662), abs=1e-4)


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["photos", *map(str, arguments)])
    photos.main()


def test_a_table_a_kind_and_what_was_misread(folder, fake, monkeypatch, capsys):
    run(monkeypatch, folder)
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert lines[0] == ["single", "digits", "n", "Digit", "Lab", "stretch"]
    assert ["s01", "2", "2", "1"] in lines
    assert ["s02", "1", "0", "0"] in lines
    assert ["all,", "right", "3", "2", "1"] in lines
    numbers = lines.index(["numbers", "n", "Digit", "Lab"])
    assert lines[numbers + 1] == ["s03", "1", "1"]
    assert lines[-1] == ["single/2.png", "s02", "5", "nothing"]
    assert lines[-2][0] == "1"


def test_json_has_every_picture_and_the_summaries(folder, fake, monkeypatch, capsys):
    run(monkeypatch, folder, "--json")
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["read"]["Digit Lab"] for row in rows[:4]] == list(fake.values())
    summaries = {(s["summary"]["kind"], s["summary"]["way"]): s["summary"] for s in rows[4:]}
    assert set(summaries) == {
        ("single", "Digit Lab"),
        ("single", "stretch"),
        ("multi", "Digit Lab"),
    }
    assert summaries["single", "Digit Lab"]["right"] == 2


def test_a_program_that_is_not_installed_is_reported(folder, fake, monkeypatch, capsys):
    monkeypatch.setattr(photos.shutil, "which", lambda name: None)
    run(monkeypatch, folder, "--compare", "tesseract")
    output = capsys.readouterr()
    assert "apt install tesseract-ocr" in output.err
    assert "tesseract" not in output.out


def test_a_folder_without_labels_is_wrong_usage(monkeypatch, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, tmp_path)
    assert stop.value.code == 2
    assert "labels.csv" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "label", "mode"),
    [("single", "3", "10"), ("multi", "345", "7"), ("multi", "12\n345", "6")],
)
def test_tesseract_gets_the_mode_of_the_label(monkeypatch, tmp_path, kind, label, mode):
    asked = []

    def answer(command, **options):
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, stdout=" 1 2\n\n345 \n\f", stderr="")

    monkeypatch.setattr(photos.subprocess, "run", answer)
    picture = {"kind": kind, "label": label, "file": tmp_path / "a.png"}
    assert photos.read_tesseract(picture, None) == "12\n345"
    ((*_, psm, _, whitelist),) = asked
    assert psm == mode
    assert whitelist == "tessedit_char_whitelist=0123456789"


def test_stretching_makes_dark_ink_white_on_black(monkeypatch):
    pixels = np.full((56, 280, 3), 255, np.uint8)
    pixels[:, 140:] = 0
    monkeypatch.setattr(imaging, "open_picture", lambda file: imaging.Picture(pixels, 280, 56))
    seen = []

    def predict(images):
        seen.append(images)
        return np.eye(10)[[4]]

    assert photos.read_stretched({"file": "a.png"}, predict) == "4"
    (images,) = seen
    assert images.shape == (1, 28, 28)
    assert images.dtype == np.float32
    assert (images[0, :, :14] == 0).all()
    assert (images[0, :, 14:] == 1).all()


def test_rapidocr_is_read_from_another_environment(tmp_path):
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\nread line\necho "{\\"text\\": \\"12\\"}"\n')
    fake.chmod(0o755)
    reader = photos.RapidOcr(fake)
    assert reader({"file": "a.png"}, None) == "12"
    assert reader({"file": "b.png"}, None) is None  # it has ended
    reader.close()
