"""Records as JSON and CSV: what other programs lean on, compared letter by letter."""

import numpy as np
import pytest

from mnist_core.reading import Digit, Reading, records
from mnist_core.reading.records import Record


def digit(value, confidence=0.75, *, accepted=True, line=0, box=(1, 2, 3, 4)):
    probabilities = [(1 - confidence) / 9] * 10
    probabilities[value] = confidence
    image = np.zeros((28, 28), np.float32)
    return Digit(value, confidence, 0.5, accepted, box, line, image, tuple(probabilities))


@pytest.fixture
def read():
    """12 in one line, 3 in the next, and a piece of ink that is not accepted."""
    digits = (digit(1), digit(2, 0.61234), digit(3, line=1), digit(8, 0.25, accepted=False, line=1))
    return records.from_reading("folder/a.png", Reading(digits, 100, 50))


@pytest.fixture
def corrected():
    """As a person corrected it: 1 became a 7, 2 was left out, 3 confirmed."""
    own = {1: 7, 2: None, 3: 3}
    digits = tuple(records.from_correction(digit(value, 0.71875), own[value]) for value in own)
    return Record("b.png", 1, "73", "73", digits, corrected=True)


FAILED = Record("=1+1.png", error='The file is "empty", alas.')


def test_json_of_the_read_command(read):
    assert records.to_json_line(read) == (
        '{"file": "folder/a.png", "page": 1, "text": "12\\n3", "written": "12\\n3", "digits": ['
        '{"digit": 1, "confidence": 0.75, "is_digit": 0.5, "accepted": true, '
        '"box": [1, 2, 3, 4], "line": 0}, '
        '{"digit": 2, "confidence": 0.61234, "is_digit": 0.5, "accepted": true, '
        '"box": [1, 2, 3, 4], "line": 0}, '
        '{"digit": 3, "confidence": 0.75, "is_digit": 0.5, "accepted": true, '
        '"box": [1, 2, 3, 4], "line": 1}, '
        '{"digit": 8, "confidence": 0.25, "is_digit": 0.5, "accepted": false, '
        '"box": [1, 2, 3, 4], "line": 1}], "turned": 0, "remark": null, "error": null}'
    )
    assert records.to_json_line(FAILED) == (
        '{"file": "=1+1.png", "page": 1, "text": "", "written": "", "digits": [], "turned": 0, '
        '"remark": null, "error": "The file is \\"empty\\", alas."}'
    )


def test_json_of_the_upload_page(corrected):
    assert records.to_json([corrected, FAILED]) == (
        """[
 {
  "file": "b.png",
  "page": 1,
  "text": "73",
  "written": "73",
  "digits": [
   {
    "digit": 7,
    "confidence": 0.03125,
    "is_digit": 0.5,
    "accepted": true,
    "box": [
     1,
     2,
     3,
     4
    ],
    "line": 0,
    "corrected": true
   },
   {
    "digit": 2,
    "confidence": 0.71875,
    "is_digit": 0.5,
    "accepted": false,
    "box": [
     1,
     2,
     3,
     4
    ],
    "line": 0,
    "corrected": true
   },
   {
    "digit": 3,
    "confidence": 0.71875,
    "is_digit": 0.5,
    "accepted": true,
    "box": [
     1,
     2,
     3,
     4
    ],
    "line": 0,
    "corrected": true
   }
  ],
  "turned": 0,
  "remark": null,
  "error": null
 },
 {
  "file": "=1+1.png",
  "page": 1,
  "text": "",
  "written": "",
  "digits": [],
  "turned": 0,
  "remark": null,
  "error": "The file is \\"empty\\", alas."
 }
]
"""
    )


def test_csv_of_the_read_command(read):
    assert records.csv_heading("read") == (
        "file,page,text,written,digits,lowest_confidence,turned,remark,error"
    )
    assert records.to_csv_line(read, "read") == 'folder/a.png,1,"12\n3","12\n3",3,0.6123,0,,'
    assert records.to_csv_line(FAILED, "read") == (
        '\'=1+1.png,1,,,0,,0,,"The file is ""empty"", alas."'
    )


def test_csv_of_the_upload_page(read, corrected):
    assert records.to_csv([read, corrected, FAILED], "upload") == (
        "file,page,text,written,digits,lowest_confidence,corrected,turned,remark,error\n"
        'folder/a.png,1,"12\n3","12\n3",3,0.6123,no,0,,\n'
        "b.png,1,73,73,2,,yes,0,,\n"
        '\'=1+1.png,1,,,0,,no,0,,"The file is ""empty"", alas."\n'
    )


def test_the_record_of_a_page():
    digits = (digit(0), digit(7))
    page = Reading(digits, 9, 9, written="0,7", turned=90, remark="The contrast is low.")
    record = records.from_reading("a.pdf", page, page=3)
    assert records.to_json_line(record).startswith(
        '{"file": "a.pdf", "page": 3, "text": "07", "written": "0,7", "digits": [{"digit": 0, '
    )
    assert records.to_json_line(record).endswith(
        '], "turned": 90, "remark": "The contrast is low.", "error": null}'
    )
    assert records.to_csv_line(record, "read") == (
        "a.pdf,3,'07,\"'0,7\",2,0.7500,90,The contrast is low.,"
    )


def test_a_reading_without_separators_is_written_as_its_digits():
    assert Reading((digit(4), digit(2)), 9, 9).written == "42"
    assert Reading((digit(4, accepted=False),), 9, 9).written == ""


@pytest.mark.parametrize(
    "number",
    [
        *("0012", "00", "1/2", "24/12/2019", "12,5", "12.50", "-42", "+41", "123 147"),
        *("123456789012", "-1\n2", "1\n2,5", "=1"),
    ],
)
def test_numbers_that_a_spreadsheet_would_change_are_text(number):
    assert records.text_cell(number) == f"'{number}"


@pytest.mark.parametrize("number", ["", "0", "7", "12345678901", "12\n003"])
def test_other_numbers_stay_as_they_are(number):
    assert records.text_cell(number) == number


def test_csv_of_a_table():
    cells = (("12", "0034"), ("", '7"8'))
    assert records.cells_to_csv(cells) == '12,\'0034\n,"\'7""8"\n'


def test_numbers_of_numpy_become_plain_ones():
    box = tuple(np.int32([1, 2, 3, 4]))
    found = Digit(
        np.int64(7), np.float32(0.5), np.float32(0.25), np.True_, box, 0, np.zeros((28, 28)), ()
    )
    assert records.to_json_line(records.from_reading("a", Reading((found,), 9, 9))) == (
        '{"file": "a", "page": 1, "text": "7", "written": "7", "digits": [{"digit": 7, '
        '"confidence": 0.5, "is_digit": 0.25, "accepted": true, "box": [1, 2, 3, 4], "line": 0}], '
        '"turned": 0, "remark": null, "error": null}'
    )


def test_cells_with_a_letter_of_a_lines_end_are_quoted():
    assert records.to_csv_line(Record("a,b", text="1\n2"), "read") == '"a,b",1,"1\n2",,0,,0,,'


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_formulas_in_cells_are_made_harmless(sign):
    assert records.safe_cell(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("\tcmd", "'\\tcmd"),
        ("\rcmd", "'\\rcmd"),
        ("a\nb.png", "a\\nb.png"),
        ("\x1b]0;owned\x07.png", "\\x1b]0;owned\\x07.png"),
        ("\x9b2J.png", "\\x9b2J.png"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("Übung 7 ✓.png", "Übung 7 ✓.png"),
    ],
)
def test_control_characters_in_cells_are_written_out(text, cell):
    assert records.safe_cell(text) == cell


@pytest.mark.parametrize("text", ["", "a=1.png", "7", " =1", "'=1", "<b>.png"])
def test_other_cells_stay_as_they_are(text):
    assert records.safe_cell(text) == text
