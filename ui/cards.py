"""Model cards as HTML: the table of all models, and one card in full."""

from html import escape

import streamlit as st

from mnist_core.storage import Card

HEADINGS = ("Model", "What it is", "Parameters", "Size", "Test accuracy", "Source")


def show_table(cards: list[Card], chosen: Card) -> None:
    """All models, one a row; the chosen one is marked."""
    head = "".join(f'<th scope="col">{heading}</th>' for heading in HEADINGS)
    rows = "".join(_row(card, card.name == chosen.name) for card in cards)
    st.html(f'<table class="dl-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>')


def show_card(card: Card) -> None:
    """Everything the card says."""
    facts = {
        "Name": card.name,
        "Architecture": card.architecture,
        "Source": card.source,
        "Parameters": f"{card.parameters:,}",
        "Test accuracy": accuracy(card.metrics.get("test")),
        "Validation accuracy": accuracy(card.metrics.get("validation")),
        "Trained on": card.trained_on,
        "Training": card.training,
        "Output": f"{card.output}, calibrated with temperature {card.temperature:.2f}",
        "Numbers": card.precision,
        "Files": {name: size(file["bytes"]) for name, file in card.files.items()},
        "Made with": card.versions,
        "Date": card.date,
    }
    items = "".join(f"<dt>{label}</dt><dd>{_value(value)}</dd>" for label, value in facts.items())
    st.html(f'<p>{escape(card.summary)}</p><dl class="dl-card">{items}</dl>')


def accuracy(metrics: dict | None) -> str:
    """An accuracy with its 95% interval, or that it was not measured."""
    if not metrics:
        return "not measured"
    return f"{metrics['accuracy']:.2%} ({_interval(metrics)}) of {metrics['n']:,} images"


def size(count: int) -> str:
    """A number of bytes for people: 590000 is 0.59 MB, 4200 is 4 kB."""
    return f"{count / 1e6:.2g} MB" if count >= 100_000 else f"{count / 1e3:.0f} kB"


def _row(card: Card, chosen: bool) -> str:
    test = card.metrics.get("test")
    cells = (
        f"<b>{escape(card.title)}</b><br><code>{escape(card.name)}</code>",
        escape(card.summary),
        f"{card.parameters:,}",
        size(card.files["model.tflite"]["bytes"]),
        f"<b>{test['accuracy']:.2%}</b> <span>{_interval(test)}</span>" if test else "not measured",
        _value(card.source),
    )
    data = "".join(
        f'<td data-label="{heading}">{cell}</td>'
        for heading, cell in zip(HEADINGS, cells, strict=True)
    )
    return f'<tr aria-current="{str(chosen).lower()}">{data}</tr>'


def _interval(metrics: dict) -> str:
    low, high = metrics["interval"]
    return f"{low:.2%} to {high:.2%}"


def _value(value) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{escape(_words(key))} {_value(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value:
        return f'<a href="{escape(value)}">{escape(value.split("//")[1].rstrip("/"))}</a>'
    return escape(f"{value:g}" if isinstance(value, float) else str(value))


def _words(key: object) -> str:
    return str(key).replace("_", " ")
