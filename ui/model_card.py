"""A model card in full, as HTML."""

from html import escape

import streamlit as st

from mnist_core.corruptions import title
from mnist_core.serving import Card
from ui.card_metrics import MISSING, number, rejection
from ui.formats import size

HARDEST = 3  # kinds of things that are no digits, which are named


def show_card(card: Card) -> None:
    """What the card says: what everybody may want to know, then all settings on demand."""
    stored = {"int8": "8-bit numbers", "float32": "32-bit numbers"}.get(card.precision)
    st.html(f"<p>{escape(card.summary)}</p>")
    _facts(
        {
            "Source": card.source[:1].upper() + card.source[1:],
            "Weights": f"{card.parameters:,} numbers that training has set",
            "Test accuracy": accuracy(card.metrics["test"]),
            "Validation accuracy": _validation(card.metrics),
            "Learned from": card.trained_on,
            "Under damage": _damaged(card.metrics),
            "Unforeseen damage": _unforeseen(card.metrics),
            "Digits from other things": _rejected(card),
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
    if not _measured(metrics):
        return MISSING
    told = f"{metrics['accuracy']:.2%} ({_interval(metrics)})"
    n = number(metrics, "n")
    return f"{told} of {n:,} images" if n else told


def _validation(metrics: dict) -> str:
    found = metrics.get("validation")
    return f"{accuracy(found)}, used to choose" if _measured(found) else ""


def _measured(metrics: object) -> bool:
    """Whether there is an accuracy and its interval."""
    if number(metrics, "accuracy") is None:
        return False
    ends = metrics.get("interval")
    return isinstance(ends, list | tuple) and len(ends) == 2 and all(map(_is_number, ends))


def _is_number(value: object) -> bool:
    return number({"": value}, "") is not None


def _damaged(metrics: dict) -> str:
    """The accuracy under all kinds of damage at middle severity, empty if it was not measured."""
    mean, worst = (number(metrics, "damaged", "0.5", part) for part in ("mean", "worst"))
    if mean is None:
        return ""
    told = f"{mean:.2%} on average over all kinds at severity 0.5"
    if worst is None:
        return told
    name = title(str(metrics["damaged"]["0.5"].get("worst_corruption", "the worst kind")))
    return f"{told}, least with {name.lower()}: {worst:.2%}"


def _unforeseen(metrics: dict) -> str:
    """How a training without a family of damage does on it, empty if it was not studied."""
    study = metrics.get("unforeseen")
    epochs, severity = number(study, "epochs"), number(study, "severity")
    if epochs is None or severity is None or not isinstance(study.get("families"), dict):
        return ""
    shares = [
        (family, *(number(found, part) for part in ("trained without", "trained with")))
        for family, found in study["families"].items()
    ]
    told = ", ".join(
        f"{family} {without:.1%} (else {trained:.1%})"
        for family, without, trained in shares
        if None not in (without, trained)
    )
    return (
        f"Trained again for {epochs} epochs on plain MNIST without one family of damage at a time, "
        f"and measured on that family at severity {severity:g}: {told}"
    )


def _rejected(card: Card) -> str:
    """How well the model tells digits from other things, empty if it was not measured."""
    found = rejection(card)
    kinds = sorted(set(found) - {"mean"}, key=found.get)
    if not kinds:
        return ""
    hardest = ", ".join(f"{_words(kind)} {found[kind]:.1%}" for kind in kinds[:HARDEST])
    return (
        f"Of a digit and one of {len(kinds)} kinds of other things, how often the digit looks more "
        f"like one to it. The hardest kinds: {hardest}"
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
