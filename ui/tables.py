"""Tables as HTML: one of several things beside each other, and the values behind a chart."""

from collections.abc import Iterable, Sequence


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    style: str = "",
    current: int | None = None,
) -> str:
    """Build a table with HTML cells, which phones show as a list; the current row is marked."""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = ""
    for place, row in enumerate(rows):
        cells = "".join(
            f'<td data-label="{heading}">{cell or "–"}</td>'
            for heading, cell in zip(headings, row, strict=True)
        )
        mark = "" if current is None else f' aria-current="{str(place == current).lower()}"'
        body += f"<tr{mark}>{cells}</tr>"
    return (
        f'<table class="{f"dl-table {style}".strip()}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def values(content: str) -> str:
    """Wrap the rows of a table that is shown on demand: the values of a chart."""
    return (
        '<details class="dl-values"><summary>The values as a table</summary>'
        f"<div><table>{content}</table></div></details>"
    )
