"""Records: what files and programs get of each picture, as JSON and as CSV.

The `read` command and the upload page both write these, and nothing else does.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mnist_core.reading.result import Box, Digit, Reading

LINE_END = "\r\n"  # csv quotes cells that hold a letter of it


@dataclass(frozen=True)
class DigitRecord:
    """One digit of a picture.

    Attributes
    ----------
    confidence : in [0, 1], of the network in `digit`
    is_digit : in [0, 1], how much it looks like a digit at all
    accepted : whether it is part of the number
    corrected : whether a person gave the digit, or left it out
    """

    digit: int
    confidence: float
    is_digit: float
    accepted: bool
    box: Box
    corrected: bool = False


@dataclass(frozen=True)
class Record:
    """One picture.

    Attributes
    ----------
    file : its name or path
    text : the accepted digits, lines joined by a newline
    error : why it could not be read; None if it was
    corrected : whether a person changed its digits or boxes
    """

    file: str
    text: str = ""
    digits: tuple[DigitRecord, ...] = ()
    error: str | None = None
    corrected: bool = False

    @property
    def accepted(self) -> list[DigitRecord]:
        """The digits that are part of the number."""
        return [digit for digit in self.digits if digit.accepted]

    @property
    def lowest_confidence(self) -> float | None:
        """The lowest confidence of the accepted digits that no person gave; None without any."""
        confidences = [digit.confidence for digit in self.accepted if not digit.corrected]
        return min(confidences, default=None)


def from_reading(file: str, reading: Reading) -> Record:
    """Make the record of a picture from what was read in it."""
    return Record(file, reading.text, tuple(map(from_digit, reading.digits)))


def from_digit(digit: Digit) -> DigitRecord:
    """Make the record of a digit as it was read."""
    x, y, width, height = digit.box
    return DigitRecord(
        digit=int(digit.digit),
        confidence=float(digit.confidence),
        is_digit=float(digit.is_digit),
        accepted=bool(digit.accepted),
        box=(int(x), int(y), int(width), int(height)),
    )


def from_correction(digit: Digit, own: int | None) -> DigitRecord:
    """Make the record of a digit that a person corrected.

    Parameters
    ----------
    digit : as it was read
    own : the person's digit; None leaves it out of the number
    """
    read = from_digit(digit)
    value = read.digit if own is None else own
    confidence = read.confidence if value == read.digit else float(digit.probabilities[value])
    return DigitRecord(
        value, confidence, read.is_digit, accepted=own is not None, box=read.box, corrected=True
    )


def to_json_line(record: Record) -> str:
    """Return a record as one line of JSON, without the line's end."""
    return json.dumps(_to_dict(record))


def to_json(records: Sequence[Record]) -> str:
    """Return records as a JSON document: a list."""
    return json.dumps([_to_dict(record) for record in records], indent=1) + "\n"


def csv_heading(table: str) -> str:
    """Return the line of headings of a table, without the line's end.

    Parameters
    ----------
    table : a key of TABLES
    """
    return _csv_line(TABLES[table])


def to_csv_line(record: Record, table: str) -> str:
    """Return a record as one line of a table, without the line's end.

    Parameters
    ----------
    table : a key of TABLES
    """
    return _csv_line([CELLS[column](record) for column in TABLES[table]])


def to_csv(records: Sequence[Record], table: str) -> str:
    """Return records as a table with a line of headings.

    Parameters
    ----------
    table : a key of TABLES
    """
    lines = [csv_heading(table), *(to_csv_line(record, table) for record in records)]
    return "".join(f"{line}\n" for line in lines)


def safe_cell(text: str) -> str:
    """Return a text as a CSV cell that no spreadsheet takes for a formula.

    Source: OWASP, "CSV Injection".
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _to_dict(record: Record) -> dict[str, Any]:
    """Return the JSON fields: the dataclass's, but "corrected" only for a corrected digit."""
    fields = asdict(record)
    del fields["corrected"]  # of the picture; only the CSV has it
    for digit in fields["digits"]:
        if not digit["corrected"]:
            del digit["corrected"]
    return fields


def _lowest(record: Record) -> str:
    lowest = record.lowest_confidence
    return "" if lowest is None else f"{lowest:.4f}"


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator=LINE_END).writerow(cells)
    return line.getvalue().removesuffix(LINE_END)


CELLS: dict[str, Callable[[Record], str]] = {
    "file": lambda record: safe_cell(record.file),
    "text": lambda record: record.text,
    "digits": lambda record: str(len(record.accepted)),
    "lowest_confidence": _lowest,
    "corrected": lambda record: "yes" if record.corrected else "no",
    "error": lambda record: safe_cell(record.error or ""),
}
TABLES = {
    "read": ("file", "text", "digits", "lowest_confidence", "error"),
    "upload": ("file", "text", "digits", "lowest_confidence", "corrected", "error"),
}
