"""Records: what files and programs get of each picture, as JSON and as CSV.

The `read` command and the upload page both write these, and nothing else does. `parquet` beside
this writes them as tables.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from mnist_core.reading.result import Box, Digit, Reading

LINE_END = "\r\n"  # csv quotes cells that hold a letter of it
# Nothing, or a number of at most 11 digits, which Excel shows in full; cells of several lines,
# each of digits, are text to every spreadsheet
_UNCHANGED = re.compile(r"|0|[1-9][0-9]{0,10}|[0-9]+(\n[0-9]+)+")


@dataclass(frozen=True)
class DigitRecord:
    """One digit of a picture.

    Attributes
    ----------
    confidence : in [0, 1], of the network in `digit`
    is_digit : in [0, 1], how much it looks like a digit at all
    accepted : whether it is part of the number
    line : counted from 0, top to bottom
    corrected : whether a person gave the digit, or left it out
    """

    digit: int
    confidence: float
    is_digit: float
    accepted: bool
    box: Box
    line: int = 0
    corrected: bool = False


@dataclass(frozen=True)
class Record:
    """One picture: a file, or a page of it.

    Attributes
    ----------
    file : its name or path
    page : counted from 1
    text : the accepted digits, lines joined by a newline
    written : `text` with the separators and wide gaps of the picture
    turned : 0, 90, 180 or 270; how far the picture had to be turned clockwise to be read
    remark : what may be wrong with what was read; None if there is nothing to say
    error : why it could not be read; None if it was
    corrected : whether a person changed its digits or boxes
    """

    file: str
    page: int = 1
    text: str = ""
    written: str = ""
    digits: tuple[DigitRecord, ...] = ()
    turned: int = 0
    remark: str | None = None
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


def from_reading(file: str, reading: Reading, *, page: int = 1) -> Record:
    """Make the record of a page of a file from what was read on it."""
    return Record(
        file,
        page,
        reading.text,
        reading.written,
        tuple(map(from_digit, reading.digits)),
        reading.turned,
        reading.remark or None,
    )


def from_digit(digit: Digit) -> DigitRecord:
    """Make the record of a digit as it was read."""
    x, y, width, height = digit.box
    return DigitRecord(
        digit=int(digit.digit),
        confidence=float(digit.confidence),
        is_digit=float(digit.is_digit),
        accepted=bool(digit.accepted),
        box=(int(x), int(y), int(width), int(height)),
        line=int(digit.line),
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
    return replace(
        read, digit=value, confidence=confidence, accepted=own is not None, corrected=True
    )


def to_dict(record: Record) -> dict[str, Any]:
    """Return the fields of JSON and Parquet; "corrected" only of a corrected digit."""
    fields = asdict(record)
    del fields["corrected"]  # of the picture; only the CSV has it
    for digit in fields["digits"]:
        if not digit["corrected"]:
            del digit["corrected"]
    return fields


def to_json_line(record: Record) -> str:
    """Return a record as one line of JSON, without the line's end."""
    return json.dumps(to_dict(record))


def to_json(records: Sequence[Record]) -> str:
    """Return records as a JSON document: a list."""
    return json.dumps([to_dict(record) for record in records], indent=1) + "\n"


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


def cells_to_csv(cells: Sequence[Sequence[str]]) -> str:
    """Return the rows of a table that was read as CSV.

    Parameters
    ----------
    cells : rows of cells, as in `Reading.cells`
    """
    return "".join(f"{_csv_line([text_cell(cell) for cell in row])}\n" for row in cells)


def safe_cell(text: str) -> str:
    """Return a text as a CSV cell that neither a spreadsheet nor a terminal obeys.

    Source: OWASP, "CSV Injection".
    """
    shown = visible(text)
    return f"'{shown}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else shown


def visible(text: str) -> str:
    """Return a text with its control characters written out: a new line as backslash and n.

    File names may hold any, and a terminal obeys them.
    """
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def text_cell(number: str) -> str:
    """Return a number that was read as a CSV cell that spreadsheets keep as it stands.

    A spreadsheet drops the zeros of 0012, makes a date of 1/2 and rounds 12345678901234567, also
    when the cell is in quotation marks. Like `safe_cell`, this puts an apostrophe before whatever
    could change: the mark that OWASP advises, which spreadsheets take as "this is text", and the
    same one for the whole file. The known alternatives are worse for programs: ="0012" is itself
    a formula, which programs have to unpack and filters against formulas refuse, and a tab
    disappears unseen, so that many programs make 12 of it again. Numbers that no spreadsheet
    changes stay bare.
    """
    return number if _UNCHANGED.fullmatch(number) else f"'{number}"


def _lowest(record: Record) -> str:
    lowest = record.lowest_confidence
    return "" if lowest is None else f"{lowest:.4f}"


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator=LINE_END).writerow(cells)
    return line.getvalue().removesuffix(LINE_END)


CELLS: dict[str, Callable[[Record], str]] = {
    "file": lambda record: safe_cell(record.file),
    "page": lambda record: str(record.page),
    "text": lambda record: text_cell(record.text),
    "written": lambda record: text_cell(record.written),
    "digits": lambda record: str(len(record.accepted)),
    "lowest_confidence": _lowest,
    "corrected": lambda record: "yes" if record.corrected else "no",
    "turned": lambda record: str(record.turned),
    "remark": lambda record: safe_cell(record.remark or ""),
    "error": lambda record: safe_cell(record.error or ""),
}
_READ = ("file", "page", "text", "written", "digits", "lowest_confidence")
_TOLD = ("turned", "remark", "error")
TABLES = {"read": (*_READ, *_TOLD), "upload": (*_READ, "corrected", *_TOLD)}
