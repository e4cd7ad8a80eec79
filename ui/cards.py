"""Model cards as HTML: the table of all models, and one card in full."""

from html import escape

import streamlit as st

from mnist_core.corruptions import title
from mnist_core.storage import Card
from ui.tables import table

HEADINGS = ("Model", "What it is", "Weights", "Size", "Test accuracy")


def show_table(cards: list[Card], chosen: Card) -> None:
    """All models, one a row; the chosen one is marked."""
    current = next((i for i, card in enumerate(cards) if card.name == chosen.name), None)
    st.html(table(HEADINGS, map(_row, cards), current=current))


def show_card(card: Card) -> None:
    """What the card says: what everybody may want to know, then all settings on demand."""
    stored = {"int8": "8-bit numbers", "float32": "32-bit numbers"}.get(card.precision)
    st.html(f"<p>{escape(card.summary)}</p>")
    _facts(
        {
            "Source": card.source[:1].upper() + card.source[1:],
            "Weights": f"{card.parameters:,} numbers that training has set",
            "Test accuracy": accuracy(card.metrics["test"]),
            "Validation accuracy": f"{accuracy(card.metrics.get('validation'))}, used to choose",
            "Learned from": card.trained_on,
            "Under damage": _damaged(card.metrics),
            "Unforeseen damage": _unforeseen(card.metrics),
            "Size": f"{size(card.files['model.tflite']['bytes'])}, stored as {stored}",
            "Trained": card.date,
        }
    )
    with st.expander("All settings of its training"):
        _facts({_words(name): value for name, value in card.training.items()} | card.versions)


def _facts(facts: dict) -> None:
    """Facts by name; those that are zero, empty or none are left out."""
    items = "".join(
        f"<dt>{escape(label.capitalize())}</dt><dd>{_value(value)}</dd>"
        for label, value in facts.items()
        if value not in (0, "", "none", [], {})
    )
    st.html(f'<dl class="dl-card">{items}</dl>')


def accuracy(metrics: dict | None) -> str:
    """An accuracy with its 95% interval, or that it was not measured."""
    if not metrics:
        return "not measured"
    return f"{metrics['accuracy']:.2%} ({_interval(metrics)}) of {metrics['n']:,} images"


def _damaged(metrics: dict) -> str:
    """The accuracy under all kinds of damage at middle severity, empty if it was not measured."""
    found = metrics.get("damaged", {}).get("0.5")
    if not found:
        return ""
    return (
        f"{found['mean']:.2%} on average over all kinds at severity 0.5, least with "
        f"{title(found['worst_corruption']).lower()}: {found['worst']:.2%}"
    )


def _unforeseen(metrics: dict) -> str:
    """How a training without a family of damage does on it, empty if it was not studied."""
    study = metrics.get("unforeseen")
    if not study:
        return ""
    shares = ", ".join(
        f"{family} {found['trained without']:.1%} (else {found['trained with']:.1%})"
        for family, found in study["families"].items()
    )
    return (
        f"Trained again for {study['epochs']} epochs on plain MNIST without one family of damage "
        f"at a time, and measured on that family at severity {study['severity']:g}: {shares}"
    )


def size(count: int) -> str:
    """A number of bytes for people: 1590000 is 1.6 MB, 4200 is 4 kB."""
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"


def _row(card: Card) -> tuple[str, ...]:
    test = card.metrics["test"]
    return (
        f"<b>{escape(card.title)}</b><br><code>{escape(card.name)}</code>",
        escape(card.summary),
        f"{card.parameters:,}",
        size(card.files["model.tflite"]["bytes"]),
        f"<b>{test['accuracy']:.2%}</b> <span>{_interval(test)}</span>",
    )


def _interval(metrics: dict) -> str:
    low, high = metrics["interval"]
    return f"{low:.2%} to {high:.2%}"


def _value(value) -> str:
    if isinstance(value, dict):
        told = {key: item for key, item in value.items() if item not in (0, "none", [])}
        return ", ".join(f"{escape(_words(key))}: {_value(item)}" for key, item in told.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value:
        return f'<a href="{escape(value)}">{escape(value.split("//")[1].rstrip("/"))}</a>'
    return escape(f"{value:g}" if isinstance(value, float) else str(value))


def _words(key: object) -> str:
    return str(key).replace("_", " ")
