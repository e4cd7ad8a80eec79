"""All corruptions by severity as a heat map, measured in the background, and as a CSV file."""

import io
from itertools import groupby
from typing import Any

import streamlit as st

from mnist_core.corruptions import ALL_CORRUPTIONS, COMBINED_FAMILY, family_title, title
from mnist_core.evaluation import robustness
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import Point
from mnist_core.evaluation.robustness import CLEAN, SEVERITIES, family
from mnist_core.serving import Card
from ui.background import Section, background
from ui.charts import heat_cell, scale_bar
from ui.formats import percent
from ui.measured import Condition, point_of
from ui.style import html

EXPLAINED = (
    "The percentage of the 10,000 test images that are classified correctly: a row for every "
    "corruption, a column for each of four severities. Equal steps of colour divide the errors "
    "equally, so that 97% and 99.6% differ as clearly as 10% and 90%."
)


def show_robustness_table(card: Card, seed: int) -> None:
    """Show the accuracy of one model under all corruptions, as far as it is measured."""
    st.write(EXPLAINED)
    html(scale_bar())
    points = {
        (name, severity): point_of(card, Condition(name, severity, seed))
        for name, severity in ((CLEAN, 0.0), *((n, s) for n in ALL_CORRUPTIONS for s in SEVERITIES))
    }

    def draw(known: dict[Point, Measured]) -> None:
        rows = [
            robustness.table_row(card.name, *cell, known[point].report)
            for cell, point in points.items()
            if point in known
        ]
        done = len(rows) == len(points)
        if done:
            st.markdown(worst_of(rows))
        else:
            count = f"{len(rows)} of {len(points)}"
            st.progress(len(rows) / len(points), f"{card.name}: {count} cells measured")
        with st.container(key="robustness_table"):
            html(_table(rows, foot=_foot(rows) if done else ""))
        st.download_button(
            "Download as CSV",
            to_csv(rows),
            file_name=f"robustness-{card.name}-seed-{seed}.csv",
            mime="text/csv",
            key="robustness_csv",
            icon=":material/download:",
            disabled=not done,
            on_click="ignore",
            help=None if done else "Available once everything is measured",
        )

    background(Section("table", list(points.values()), draw, urgency=1))


def to_csv(rows: list[dict[str, Any]]) -> str:
    """Write rows as a CSV file with a line of headings."""
    text = io.StringIO()
    robustness.csv_writer(text).writerows(rows)
    return text.getvalue()


def worst_of(rows: list[dict[str, Any]]) -> str:
    """Say which single corruption hurts most where it is most severe, and which combination."""
    (summary,) = robustness.summarise_rows(rows)
    severity = max(SEVERITIES)
    worst = summary["by_severity"][severity]
    text = (
        f"**What hurts most on its own:** “{title(worst['worst_corruption'])}”. At severity "
        f"{severity:g} `{summary['model']}` still classifies {percent(worst['worst'])} correctly."
    )
    combined = [
        (row["accuracy"], row["corruption"])
        for row in rows
        if row["family"] == COMBINED_FAMILY and row["severity"] == severity
    ]
    if not combined:
        return text
    accuracy, name = min(combined)
    return f"{text} Of the combinations it is “{title(name)}”, which leaves {percent(accuracy)}."


def _table(rows: list[dict[str, Any]], *, foot: str) -> str:
    cells = {(row["corruption"], row["severity"]): row["accuracy"] for row in rows}
    clean = cells.get((CLEAN, 0.0))
    head = "".join(f'<th scope="col">{s:g}</th>' for s in SEVERITIES)
    body = "".join(
        f'<tbody><tr><th scope="rowgroup" colspan="6">{family_title(group)}</th></tr>'
        + "".join(
            _row(title(name), [clean, *(cells.get((name, s)) for s in SEVERITIES)])
            for name in names
        )
        + "</tbody>"
        for group, names in groupby(ALL_CORRUPTIONS, key=family)
    )
    return (
        '<table class="dl-heat"><thead><tr><th scope="col">Corruption</th>'
        f'<th scope="col">none</th>{head}</tr></thead>{body}{foot}</table>'
    )


def _foot(rows: list[dict[str, Any]]) -> str:
    """Summarise the single corruptions; combinations would count their parts twice."""
    (summary,) = robustness.summarise_rows(rows)
    clean, at = summary["clean"], summary["by_severity"]
    return (
        '<tfoot><tr><th scope="rowgroup" colspan="6">All single corruptions</th></tr>'
        + _row("Average", [clean, *(at[severity]["mean"] for severity in SEVERITIES)])
        + _row("Worst", [clean, *(at[severity]["worst"] for severity in SEVERITIES)])
        + "</tfoot>"
    )


def _row(name: str, accuracies: list[float | None]) -> str:
    return f'<tr><th scope="row">{name}</th>{"".join(map(heat_cell, accuracies))}</tr>'
