"""All pictures of a visit in one table, and its downloads."""

from collections.abc import Sequence
from functools import partial
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.config import MAX_PICTURES
from mnist_core.reading import records
from ui.formats import percent
from ui.upload.reading import Desk
from ui.upload.result import SURE, Result, record_of

COLUMNS = ("File", "Number read", "Digits", "Lowest confidence", "Remark")


class Progress:
    """Tells how far the reading is, and shows what is known so far.

    Parameters
    ----------
    status : st.empty, for how many are done
    place : st.empty, for the table
    desk : Desk
    shown : int, the place of the picture that is shown in full
    """

    def __init__(self, status: DeltaGenerator, place: DeltaGenerator, desk: Desk, shown: int):
        self._status, self._place, self._desk, self._shown = status, place, desk, shown
        self.tell()

    def tell(self) -> list[Result]:
        """Show what is known by now; a run that is no longer wanted ends here."""
        results = [self._desk.result(upload) for upload in self._desk.uploads]
        done, total = sum(result.done for result in results), len(results)
        if done < total:
            self._status.progress(done / total, f"Read {done} of {total} pictures")
        self._place.markdown(to_table(results, self._shown), unsafe_allow_html=True)
        return results

    def finish(self, left_out: int) -> list[Result]:
        """Show all results, and say what they come to."""
        results = self.tell()
        failed = sum(bool(result.error) for result in results)
        told = [f"{len(results) - failed} of {len(results)} pictures read."]
        if len(results) == 1:
            told = ["This picture cannot be read." if failed else "The picture is read."]
        if left_out:
            told.append(f"{left_out} more were left out: {MAX_PICTURES} at a time can be read.")
        self._status.caption(" ".join(told))
        return results


def to_table(results: Sequence[Result], shown: int) -> str:
    """One row a picture; the row of the one that is shown in full stands out."""
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    rows = "".join(_row(result, index == shown) for index, result in enumerate(results))
    return f'<table class="dl-uploads"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def offer_downloads(results: Sequence[Result]) -> None:
    """Offer the table as CSV and JSON."""
    with st.container(horizontal=True):
        for kind, (make, mime) in KINDS.items():
            st.download_button(
                f"Download as {kind.upper()}",
                make([record_of(result) for result in results]),
                file_name=f"digits.{kind}",
                mime=mime,
                key=f"upload_{kind}",
                icon=":material/download:",
                on_click="ignore",
            )


def _row(result: Result, shown: bool) -> str:
    told = ("", "", "", _remark(result))
    if result.done and not result.error:
        told = (result.text, str(len(result.counted)), _confidence(result), _remark(result))
    columns = "".join(
        f'<td data-label="{column}">{escape(text)}</td>'
        for column, text in zip(COLUMNS[1:], told, strict=True)
    )
    current = ' aria-current="true"' if shown else ""
    return f'<tr{current}><th scope="row">{escape(result.name)}</th>{columns}</tr>'


def _confidence(result: Result) -> str:
    if result.lowest is None:
        return ""
    return percent(result.lowest) + (", doubtful" if result.lowest < SURE else "")


def _remark(result: Result) -> str:
    if not result.done:
        return "waiting"
    if result.error:
        return result.error
    left_out = result.count("out", "own_out")
    remarks = {
        "no digits found": not result.marks,
        f"{left_out} left out": left_out,
        "corrected": result.corrected,
    }
    return ", ".join(remark for remark, holds in remarks.items() if holds)


KINDS = {
    "csv": (partial(records.to_csv, table="upload"), "text/csv"),
    "json": (records.to_json, "application/json"),
}
