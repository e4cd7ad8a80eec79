"""The digits of a picture as a table, where they form one, and its export."""

from html import escape
from pathlib import PurePath

import streamlit as st

from mnist_core.reading import records
from ui.style import html
from ui.upload.result import Result


def show_cells(result: Result) -> None:
    """Show the table that the digits form, and offer it as CSV; nothing if they form none."""
    if not result.cells:
        return
    with st.container(key="upload_cells"):
        html(to_html(result))
        st.download_button(
            "Export this table as CSV",
            records.cells_to_csv(result.cells),
            file_name=_file_name(result),
            mime="text/csv",
            key="upload_cells_csv",
            icon=":material/table:",
            on_click="ignore",
        )


def to_html(result: Result) -> str:
    """Return the table, with a sentence on its size."""
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in result.cells
    )
    columns = max(map(len, result.cells))
    caption = f"These digits form a table: {len(result.cells)} rows, {columns} columns."
    return (
        '<div class="dl-cells" role="region" aria-label="Table" tabindex="0">'
        f"<table><caption>{caption}</caption><tbody>{rows}</tbody></table></div>"
    )


def _file_name(result: Result) -> str:
    page = f"-{result.page}" if result.pages > 1 else ""
    return f"{PurePath(result.name).stem}{page}-table.csv"
