"""All pictures of a visit in one table, and its export."""

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.config import MAX_PICTURES
from mnist_core.reading import records
from ui.formats import percent
from ui.upload.files import Upload
from ui.upload.reader import UploadReader
from ui.upload.result import SURE, Result, record_of

READ = "Number read"
COLUMNS = ("File", "Page", READ, "Digits", "Lowest confidence", "Remark")


class ResultsTable:
    """A table of all pictures, with a line above the page on how many are read.

    Parameters
    ----------
    status : an empty place for that line
    place : an empty place for the table
    shown : the place among the uploads of the picture that is shown in full
    digits_only : show numbers without what stands between their digits
    """

    def __init__(
        self,
        status: DeltaGenerator,
        place: DeltaGenerator,
        reader: UploadReader,
        shown: int,
        *,
        digits_only: bool,
    ) -> None:
        self._status, self._place, self._reader, self._shown = status, place, reader, shown
        self._digits_only = digits_only
        self.update()

    def update(self) -> list[Result]:
        """Show what is known by now; a run that is no longer wanted ends here."""
        results = [self._reader.result(upload) for upload in self._reader.uploads]
        done, total = sum(result.done for result in results), len(results)
        if done < total:
            self._status.progress(done / total, f"Reading: {done} of {total} pictures done")
        table = to_table(results, self._shown, digits_only=self._digits_only)
        self._place.markdown(table, unsafe_allow_html=True)
        return results

    def finish(self, left_out: Sequence[Upload]) -> list[Result]:
        """Show all results, and how many pictures were read.

        Parameters
        ----------
        left_out : those above the limit
        """
        results = self.update()
        failed = sum(bool(result.error) for result in results)
        words = [f"{len(results) - failed} of {len(results)} pictures read."]
        if len(results) == 1:
            words = ["This picture cannot be read." if failed else "1 picture read."]
        if left_out:
            words.append(f"{_left_out(left_out)}: the limit is {MAX_PICTURES} at a time.")
        self._status.caption(" ".join(words))
        return results


def to_table(results: Sequence[Result], shown: int, *, digits_only: bool = False) -> str:
    """Return a row for each picture; the row of the one that is shown in full stands out.

    The name of each opens it, see `ui.upload.rows`.

    The pages of files are told where one has several.
    """
    columns = [
        name for name in COLUMNS if name != "Page" or any(result.pages > 1 for result in results)
    ]
    head = "".join(f'<th scope="col">{column}</th>' for column in columns)
    rows = "".join(
        _row(result, columns[1:], index == shown, _name(results, index), digits_only=digits_only)
        for index, result in enumerate(results)
    )
    return f'<table class="dl-uploads"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def offer_downloads(results: Sequence[Result]) -> None:
    """Offer the results as CSV and JSON."""
    with st.container(horizontal=True):
        for kind, (make, mime) in KINDS.items():
            st.download_button(
                f"Export the results as {kind.upper()}",
                make([record_of(result) for result in results]),
                file_name=f"digits.{kind}",
                mime=mime,
                key=f"upload_{kind}",
                icon=":material/download:",
                on_click="ignore",
            )


def _name(results: Sequence[Result], index: int) -> str:
    """Return a picture's name, as a link for `open_by_row` if there are others."""
    name = escape(results[index].name)
    return f'<a href="#picture-{index + 1}">{name}</a>' if len(results) > 1 else name


def _row(
    result: Result, columns: Sequence[str], shown: bool, name: str, *, digits_only: bool
) -> str:
    texts = {"Page": str(result.page), "Remark": _remark(result)}
    if result.done and not result.error:
        texts[READ] = result.text if digits_only else result.written
        texts |= {"Digits": str(len(result.counted)), "Lowest confidence": _confidence(result)}
    cells = "".join(
        f'<td data-label="{column}"{CLASSES.get(column, "")}>{escape(texts.get(column, ""))}</td>'
        for column in columns
    )
    current = ' aria-current="true"' if shown else ""
    return f'<tr{current}><th scope="row">{name}</th>{cells}</tr>'


def _confidence(result: Result) -> str:
    if result.lowest is None:
        return ""
    return percent(result.lowest) + (", doubtful" if result.lowest < SURE else "")


def _left_out(uploads: Sequence[Upload]) -> str:
    """Return how many pictures these stand for; nobody has counted the rest of a long document."""
    count = sum(upload.stands_for or 0 for upload in uploads)
    if all(upload.stands_for for upload in uploads):
        return f"{count:,} more {'was' if count == 1 else 'were'} left out"
    return f"{count:,} more and further pages were left out" if count else "More were left out"


def _remark(result: Result) -> str:
    if not result.done:
        return "waiting"
    if result.error:
        return result.error
    left_out = result.count("out", "own_out")
    remarks = {
        "no digits found": not result.marks and not result.remark,
        f"{left_out} left out": left_out,
        "turned to be read": result.turned,
        "corrected": result.corrected,
    }
    words = ", ".join(remark for remark, holds in remarks.items() if holds)
    return "; ".join(filter(None, (words, result.remark)))


CLASSES = {READ: ' class="dl-read"'}
KINDS = {
    "csv": (partial(records.to_csv, table="upload"), "text/csv"),
    "json": (records.to_json, "application/json"),
}
