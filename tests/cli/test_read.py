import csv
import io
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from mnist_core import cli, reading, serving
from mnist_core.cli import read
from mnist_core.errors import ModelError, PictureError
from mnist_core.pictures import imaging, tiff
from mnist_core.pictures.decoding import FIRST_FRAME
from mnist_core.pictures.record import Picture
from mnist_core.reading import reader
from mnist_core.synthesis import handwriting
from mnist_core.workspace import WORKSPACE
from tests.cli.test_workers import heed_ctrl_c

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


def write_number(path, number, height=80):
    """Write a number with a pen on white paper, lines apart; returns the path as a string."""
    lines = number.split("\n")
    paper = np.full((height * (2 * len(lines) + 1), height * (len(lines[0]) + 2)), 255, np.uint8)
    for row, line in enumerate(lines):
        for column, digit in enumerate(line):
            corner = np.array([column + 1, 2 * row + 1]) * height
            rng = np.random.default_rng(int(digit))
            for stroke in handwriting.write_digit(int(digit), rng, variation=0):
                points = np.round(stroke * height * 0.8 + corner).astype(np.int32)
                cv2.polylines(paper, [points], isClosed=False, color=0, thickness=height // 12)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", paper)[1].tobytes())
    return str(path)


def digit(value, confidence=0.99, *, accepted=True, line=0):
    probabilities = tuple(np.eye(10)[value])
    box = tuple(np.int32([1, 2, 3, 4]))
    return reading.Digit(
        value, np.float32(confidence), 0.9, accepted, box, line, np.zeros((28, 28)), probabilities
    )


class FakeReader:
    """Readings or errors by the name of a file, in place of reading; keeps the calls."""

    def __init__(self, monkeypatch):
        self.calls, self.answers = [], {}
        monkeypatch.setattr(imaging, "open_picture", self.open)
        monkeypatch.setattr(reader, "read", self.read)

    def open(self, path, *, page):
        assert page == 1
        return Picture(np.array([path.name]), 10, 10)

    def read(self, picture, predictor, *, single, detector=None):
        (name,) = picture.pixels.tolist()
        self.calls.append((name, single))
        answer = self.answers.get(name, [digit(7)])
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, reading.Reading):
            return answer
        return reading.Reading(tuple(answer), 10, 10)


@pytest.fixture
def fake(monkeypatch):
    """A fake reader within this process, whose answers the test gives."""
    monkeypatch.setattr(
        read.workers, "in_order", lambda work, inputs, *, processes, lost: map(work, inputs)
    )
    return FakeReader(monkeypatch)


@pytest.fixture
def files(tmp_path):
    """Make files with nothing in them; returns their paths as strings."""

    def make(*names):
        paths = [tmp_path / name for name in names]
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return [str(path) for path in paths]

    return make


def names_of(capsys):
    """Return the names of the files in the JSON output, without their folder."""
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [Path(record["file"]).name for record in records]


def test_a_picture_becomes_one_record(tmp_path, capsys):
    file = write_number(tmp_path / "a.png", "4071")
    assert cli.main(["read", file, "--json"]) == 0
    output = capsys.readouterr()
    record = json.loads(output.out)
    expected = reading.read(
        imaging.open_picture(Path(file)),
        serving.load_predictor(),
        detector=serving.find_detector(),
    )
    assert list(record) == [
        *("file", "page", "text", "written", "digits", "turned", "remark", "error")
    ]
    assert record["file"] == file
    assert record["text"] == "4071"
    assert record["error"] is None
    for shown, found in zip(record["digits"], expected.digits, strict=True):
        assert shown == {
            "digit": found.digit,
            "confidence": pytest.approx(found.confidence),
            "is_digit": pytest.approx(found.is_digit),
            "accepted": found.accepted,
            "box": list(found.box),
            "line": found.line,
        }
    assert "1 of 1 read by digit-net, 0 failed" in output.err


def test_many_pictures_are_read_by_processes_in_order(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(read, "cpu_count", lambda: 2)
    numbers = ["12", "7", "305", "48", "9"]
    given = [write_number(tmp_path / f"{i}.png", number) for i, number in enumerate(numbers)]
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n")
    given.insert(2, str(broken))
    assert cli.main(["read", *given, "--json"]) == 1
    output = capsys.readouterr()
    records = [json.loads(line) for line in output.out.splitlines()]
    assert [record["file"] for record in records] == given
    assert [record["text"] for record in records] == ["12", "7", "", "305", "48", "9"]
    assert [record["error"] is None for record in records] == [True, True, False, True, True, True]
    assert "5 of 6 read by digit-net, 1 failed" in output.err


def test_one_digit_a_picture_is_asked_for(fake, files):
    assert cli.main(["read", *files("a.png", "b.png"), "--single"]) == 0
    assert fake.calls == [("a.png", True), ("b.png", True)]
    assert cli.main(["read", *files("a.png")]) == 0
    assert fake.calls[-1] == ("a.png", False)


def test_another_model_reads(fake, files, capsys):
    assert cli.main(["read", *files("a.png"), "--model", "cnn-three"]) == 0
    assert "1 of 1 read by cnn-three" in capsys.readouterr().err


def test_people_get_a_line_a_file(fake, files, capsys):
    two_lines = [digit(1), digit(2), digit(3, line=1), digit(8, accepted=False)]
    fake.answers = {"a.png": two_lines, "b.png": []}
    fake.answers["c.png"] = PictureError("This file is no picture.")
    a, b, c = files("a.png", "b.png", "c.png")
    assert cli.main(["read", a, b, c]) == 1
    output = capsys.readouterr()
    assert output.out == f"{a}: 12 / 3\n{b}: nothing found\n"
    assert f"{c}: This file is no picture.\n" in output.err


def test_lines_tell_what_is_written_and_what_to_know_about_it(fake, files, capsys):
    known = {"written": "1,2", "turned": 90, "remark": "The contrast is low."}
    fake.answers["a.png"] = reading.Reading((digit(1), digit(2)), 9, 9, **known)
    fake.answers["b.png"] = reading.Reading((), 9, 9, remark="Nothing here looks like a digit.")
    a, b = files("a.png", "b.png")
    assert cli.main(["read", a, b]) == 0
    assert capsys.readouterr().out == (
        f"{a}: 1,2 (turned by 90 degrees; The contrast is low.)\n"
        f"{b}: Nothing here looks like a digit.\n"
    )


def write_pages(path, *numbers):
    """Write numbers on the pages of a TIFF or PDF; returns the path as a string."""
    pages = []
    for number in numbers:
        png = write_number(path.with_name("page.png"), number)
        pages.append(Image.open(png).convert("L"))
    pages[0].save(path, save_all=True, append_images=pages[1:])
    path.with_name("page.png").unlink()
    return str(path)


@pytest.mark.parametrize("kind", ["tif", "pdf"])
def test_each_page_of_a_file_becomes_a_record_in_order(tmp_path, capsys, kind):
    file = write_pages(tmp_path / f"scan.{kind}", "12", "305", "48")
    one = write_number(tmp_path / "z.png", "7")
    assert cli.main(["read", str(tmp_path), "--json"]) == 0
    output = capsys.readouterr()
    found = [json.loads(line) for line in output.out.splitlines()]
    assert [(record["file"], record["page"], record["text"]) for record in found] == [
        (file, 1, "12"),
        (file, 2, "305"),
        (file, 3, "48"),
        (one, 1, "7"),
    ]
    assert "4 of 4 read by digit-net, 0 failed" in output.err


def test_people_get_a_line_a_page(tmp_path, capsys):
    file = write_pages(tmp_path / "scan.tif", "12", "7")
    content = bytearray(Path(file).read_bytes())
    _, second = tiff.find_pages(content)
    content[second + 2 : second + 14] = struct.pack("<HHII", 273, 4, 2**31, 8)
    Path(file).write_bytes(content)
    assert cli.main(["read", file]) == 1
    output = capsys.readouterr()
    assert output.out == f"{file}, page 1: 12\n"
    assert f"{file}, page 2: The file begins like a TIFF picture but is damaged" in output.err


def test_of_an_animated_picture_the_first_frame_is_read_and_that_is_told(tmp_path, capsys):
    file = write_pages(tmp_path / "moving.gif", "12", "7")
    assert cli.main(["read", file, "--json"]) == 0
    (record,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (record["text"], record["remark"]) == ("12", FIRST_FRAME)


def test_a_table_has_a_row_a_file(fake, files, capsys):
    fake.answers = {
        "a.png": [digit(1), digit(2, 0.61234), digit(3, line=1), digit(8, 0.2, accepted=False)],
        "b.png": [],
        "c.png": PictureError("This file is no picture."),
    }
    given = files("a.png", "b.png", "c.png")
    assert cli.main(["read", *given, "--csv"]) == 1
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [
        [
            *("file", "page", "text", "written", "digits"),
            *("lowest_confidence", "turned", "remark", "error"),
        ],
        [given[0], "1", "12\n3", "12\n3", "3", "0.6123", "0", "", ""],
        [given[1], "1", "", "", "0", "", "0", "", ""],
        [given[2], "1", "", "", "0", "", "0", "", "This file is no picture."],
    ]


@pytest.mark.parametrize("name", ["=1+1.png", "+1.png", "-1.png", "@sum.png"])
def test_names_that_spreadsheets_would_run_are_made_harmless(
    fake, files, capsys, monkeypatch, tmp_path, name
):
    files(name)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["read", "--csv", "--", name]) == 0
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row["file"][0] not in "=+-@"
    assert row["file"].endswith(name)


def test_an_unexpected_error_stops_no_other_file(fake, files, capsys):
    fake.answers = {
        "b.png": ZeroDivisionError("by zero"),
        "c.png": PermissionError(13, "Not yours"),
    }
    assert cli.main(["read", *files("a.png", "b.png", "c.png", "d.png"), "--json"]) == 1
    errors = [json.loads(line)["error"] for line in capsys.readouterr().out.splitlines()]
    assert errors == [
        None,
        "This file could not be read (ZeroDivisionError: by zero).",
        "This file could not be read (PermissionError: [Errno 13] Not yours).",
        None,
    ]


def test_a_file_that_kills_its_process_gets_a_record(fake, files, capsys, monkeypatch):
    monkeypatch.setattr(
        read.workers,
        "in_order",
        lambda work, inputs, *, processes, lost: (lost(given) for given in inputs),
    )
    given = [*files("a.png", "b.png")]
    assert cli.main(["read", *given, "--json"]) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["file"] for record in records] == given
    assert all("process that read it stop" in record["error"] for record in records)


def test_a_folder_is_searched_and_numbers_sort_by_value(fake, files, capsys, tmp_path):
    wanted = ["1.png", "2.JPG", "10.png", "a/3.webp", "a/b/20.heic", "a/b/100.heic", "B.tif"]
    files(*wanted)
    files("notes.txt", "labels.csv", ".hidden.png", ".thumbnails/1.png", "a/._3.webp", "png")
    assert cli.main(["read", str(tmp_path), "--json"]) == 0
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["file"] for record in records] == [str(tmp_path / name) for name in wanted]


def test_files_and_folders_are_read_in_the_order_given(fake, files, capsys, tmp_path):
    folder, other = tmp_path / "f", tmp_path / "g"
    last, *_ = files("notes.txt", "f/2.png", "f/1.png", "g/0.png")
    assert cli.main(["read", str(other), str(folder), last, str(folder), "--json"]) == 0
    expected = ["0.png", "1.png", "2.png", "notes.txt", "1.png", "2.png"]
    assert names_of(capsys) == expected


def test_a_folder_without_pictures_is_reported(fake, files, capsys, tmp_path):
    files("f/notes.txt", "a.png")
    assert cli.main(["read", str(tmp_path / "f"), str(tmp_path / "a.png"), "--json"]) == 1
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert first["file"] == str(tmp_path / "f")
    assert "has no picture whose name ends in .png, .jpg" in first["error"]
    assert second["error"] is None


def test_a_folder_that_cannot_be_opened_is_reported_and_the_others_read(
    fake, files, capsys, tmp_path, monkeypatch
):
    files("a/1.png", "b/1.png")
    scandir = os.scandir

    def refuse(path):
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert cli.main(["read", str(tmp_path), "--json"]) == 1
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert first["file"] == str(tmp_path / "a")
    assert first["error"] == "This folder cannot be opened (Permission denied)."
    assert second["error"] is None


@POSIX
def test_links_in_a_circle_are_not_followed(capsys, tmp_path):
    write_number(tmp_path / "f" / "1.png", "7")
    (tmp_path / "f" / "again").symlink_to(tmp_path / "f")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    assert cli.main(["read", str(tmp_path / "f"), str(tmp_path / "round"), "--json"]) == 1
    first, second = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert first["file"] == str(tmp_path / "f" / "1.png")
    assert first["error"] is None
    assert second["error"]


@POSIX
def test_pipes_and_devices_are_refused_before_they_are_opened(capsys, tmp_path):
    fifo = tmp_path / "fifo.png"
    os.mkfifo(fifo)
    assert cli.main(["read", "/dev/zero", str(fifo), str(tmp_path), "--json"]) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [record["file"] for record in records] == ["/dev/zero", str(fifo), str(fifo)]
    assert all(record["error"] for record in records)


@pytest.mark.parametrize("name", ["none.png", "", "a\0b.png", "x" * 5000])
def test_files_that_are_not_there_are_reported(capsys, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["read", name, "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["file"] == name
    assert record["text"] == ""
    assert record["digits"] == []
    assert record["error"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("s3://bucket/x.png", "add --on ray"),
        ("https://example.org/x.png", "download pictures of the web"),
        ("a.zip", "Unpack an archive first"),
    ],
)
def test_what_is_no_picture_of_this_computer_gets_advice(
    capsys, tmp_path, monkeypatch, name, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.zip").write_bytes(b"PK\3\4")
    assert cli.main(["read", name, "--json"]) == 1
    record = json.loads(capsys.readouterr().out)
    assert record["file"] == name
    assert words in record["error"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: PATH"),
        (["a.png", "--json", "--csv"], "not allowed with argument"),
    ],
)
def test_wrong_usage_is_exit_code_2(capsys, arguments, complaint):
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", *arguments])
    assert stop.value.code == 2
    output = capsys.readouterr()
    assert complaint in output.err
    assert output.out == ""


@pytest.mark.parametrize("model", ["nobody", "../up", ""])
def test_a_model_that_is_not_there_is_wrong_usage(capsys, model):
    assert cli.main(["read", "a.png", "--model", model, "--csv"]) == 2
    output = capsys.readouterr()
    assert f"There is no model {model!r}" in output.err
    assert output.out == ""


def test_a_damaged_model_reads_nothing(capsys, tmp_path):
    shutil.copytree(WORKSPACE.models / "dense-five", tmp_path / "dense-five")
    (tmp_path / "dense-five" / "model.tflite").write_bytes(b"")
    arguments = ["read", "a.png", "--models", str(tmp_path), "--model", "dense-five", "--json"]
    assert cli.main(arguments) == 1
    output = capsys.readouterr()
    assert "is damaged" in output.err
    assert output.out == ""


def test_a_model_that_cannot_run_stops_the_command(files, capsys, monkeypatch):
    def fail(name, *, workspace):
        raise ModelError("LiteRT cannot run it.")

    monkeypatch.setattr(serving, "load_predictor", fail)
    read._predictor.cache_clear()
    assert cli.main(["read", *files("a.png"), "--json"]) == 1
    output = capsys.readouterr()
    assert "LiteRT cannot run it." in output.err
    assert output.out == ""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_no_utf_8(fake, capfdbinary, tmp_path):
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\n\x1b.png")
    Path(name).touch()
    for form in (["--json"], ["--csv"], []):
        assert cli.main(["read", name, *form]) == 0
    first, *rest, last = capfdbinary.readouterr().out.decode().splitlines(keepends=True)
    assert json.loads(first)["file"] == name
    _, row = csv.reader(rest)
    assert row[:3] == [f"{tmp_path}/\\udcff\\n\\x1b.png", "1", "7"]
    assert last == f"{tmp_path}/\\udcff\\n\\x1b.png: 7\n"


@pytest.mark.parametrize("form", ["--json", "--csv", None])
def test_names_that_the_terminal_has_no_letters_for(fake, files, monkeypatch, form):
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", stdout)
    assert cli.main(["read", *files("数.png"), *([form] if form else [])]) == 0
    assert b"\\u6570.png" in stdout.buffer.getvalue()


def test_help_explains_folders(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["read", "--help"])
    assert stop.value.code == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "all pictures in it and in its subfolders (.png, .jpg" in words


@pytest.fixture
def many(tmp_path):
    """A folder with more pictures than are read before a test is done."""
    first = Path(write_number(tmp_path / "many" / "0.png", "12"))
    for number in range(1, 500):
        os.link(first, first.with_name(f"{number}.png"))
    return first.parent


COMMAND = [sys.executable, "-m", "mnist_core", "read", "--json"]


def test_a_reader_that_goes_away_is_no_error(many):
    process = subprocess.Popen(
        [*COMMAND, str(many)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    record = json.loads(process.stdout.readline())
    process.stdout.close()
    words = process.stderr.read().decode()
    assert process.wait(60) == 1
    assert record["text"] == "12"
    assert "BrokenPipe" not in words
    assert "Traceback" not in words


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to a group on Windows")
def test_ctrl_c_stops_after_whole_records(many):
    process = subprocess.Popen(
        [*COMMAND, str(many)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=heed_ctrl_c,
    )
    first = process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    rest, words = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Stopped." in words.decode()
    assert "Traceback" not in words.decode()
    records = [json.loads(line) for line in [first, *rest.splitlines()]]
    assert [Path(record["file"]).name for record in records] == [
        f"{number}.png" for number in range(len(records))
    ]
    assert len(records) < 500
