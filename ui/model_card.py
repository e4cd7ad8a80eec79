"""A model card in full, as HTML."""

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from mnist_core.corruptions import title
from mnist_core.serving import Card
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.config import OLD_NAMES
from ui.card_metrics import MISSING, epochs_in_words, number, rejection
from ui.formats import size

HARDEST = 3  # kinds of non-digits that are named
PRECISIONS = {"int8": "8-bit integers", "float32": "32-bit numbers"}
# What cards call things, where it is not what people do.
NAMES = {
    **OLD_NAMES,
    "made_up_digits": "synthetic_digits",
    "images_of_each_digit": "images of each digit",
    "own_digits": "digits of one person's hand",
    "cure": "rebalancing_method",
    "epochs_done": "epochs finished",
}


def show_card(card: Card) -> None:
    """Show what a card says: what everybody may want to know, then all settings on demand."""
    stored = PRECISIONS.get(card.precision, card.precision)
    st.html(f"<p>{escape(card.summary)}</p>")
    _facts(
        {
            "Weights": f"{card.parameters:,} numbers, set by training",
            **(_of_detector(card.metrics) if card.is_detector else _of_classifier(card)),
            "Training data": _training_data(card.trained_on),
            "Taught later": _taught(card.taught),
            "Size": f"{size(card.files['model.tflite']['bytes'])}, stored as {stored}",
            "Trained": ", ".join(filter(None, (card.date, epochs_in_words(card)))),
            "Source": card.source[:1].upper() + card.source[1:],
        }
    )
    with st.expander("All settings of its training"):
        _facts({_words(name): value for name, value in card.training.items()} | card.versions)


def _of_classifier(card: Card) -> dict[str, str]:
    """Write what was measured of a classifier."""
    return {
        "Test accuracy": accuracy(card.metrics["test"]),
        "Validation accuracy": _validation(card.metrics),
        "Corrupted accuracy": _corrupted(card.metrics),
        "Unseen corruptions": _unseen(card.metrics),
        "Non-digits": _rejected(card),
    }


def _of_detector(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Write what was measured of a detector."""
    test = metrics["test"]
    precision, crops, pieces, n = (
        number(test, part) for part in ("precision", "crops", "crops_n", "n")
    )
    of = f" of {pieces:,} pieces, with {n / pieces:.0f} digits on average" if pieces and n else ""
    return {
        "Digits found": f"{accuracy(test).replace('images', 'digits')} on made pages that training "
        "never saw, found in their place and read correctly",
        "Answers that are right": MISSING
        if precision is None
        else f"{precision:.2%} of what it took for digits",
        "Pieces of pages without a mistake": MISSING if crops is None else f"{crops:.2%}{of}",
    }


def _facts(facts: Mapping[str, Any]) -> None:
    """Show facts by name; those that are zero, empty or none are left out."""
    items = "".join(
        f"<dt>{escape(label.capitalize())}</dt><dd>{_value(value)}</dd>"
        for label, value in facts.items()
        if value not in (0, "", "none", [], {})
    )
    st.html(f'<dl class="dl-card">{items}</dl>')


def _training_data(trained_on: Mapping[str, Any]) -> str:
    """Describe what a model has learned from; unknown entries come last."""
    rest = {NAMES.get(name, name): value for name, value in trained_on.items()}
    parts = [str(rest.pop("data", ""))]
    synthetic = number(rest, "synthetic_digits")
    if synthetic:
        del rest["synthetic_digits"]
        parts[0] += f", and {synthetic:,.0f} synthetic digits"
    name = rest.get("augmentation")
    if isinstance(name, str) and name in AUGMENTATIONS:
        del rest["augmentation"]
        if name != "none":
            parts.append(f"Augmentation: {AUGMENTATIONS[name].title.lower()}")
    families = rest.get("corruption_families")
    if families and isinstance(families, list):
        parts.append(f"Corruptions: {', '.join(map(str, rest.pop('corruption_families')))}")
    parts += [
        f"{_words(name).capitalize()}: {_plain(value)}"
        for name, value in rest.items()
        if value not in (0, "", "none", [], {})
    ]
    return ". ".join(filter(None, parts))


def _taught(taught: Mapping[str, Any]) -> str:
    """Describe what a model was taught after its training; empty if nothing."""
    examples = number(taught, "examples")
    if not examples:
        return ""
    before, after = (number(taught, "accuracy", when) for when in ("before", "held_out"))
    text = f"{examples:,.0f} examples from {_plain(taught.get('data', []))}"
    if before is None or after is None or number(taught, "accuracy", "n") == 1:
        return text  # of one alone nothing shows what teaching it the others does
    return (
        f"{text}; of the last ones {before:.1%} were classified correctly before, and {after:.1%} "
        "once the others were taught"
    )


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def accuracy(metrics: Any) -> str:  # noqa: ANN401 (whatever a card may hold)
    """Write an accuracy with its 95% interval, or that it was not measured."""
    if not _measured(metrics):
        return MISSING
    text = f"{metrics['accuracy']:.2%} ({_interval(metrics)})"
    n = number(metrics, "n")
    return f"{text} of {n:,} images" if n else text


def _validation(metrics: Mapping[str, Any]) -> str:
    found = metrics.get("validation")
    return f"{accuracy(found)}, used to choose the best weights" if _measured(found) else ""


def _measured(metrics: Any) -> bool:  # noqa: ANN401
    """Return whether there is an accuracy and its interval."""
    if number(metrics, "accuracy") is None:
        return False
    ends = metrics.get("interval")
    return isinstance(ends, list | tuple) and len(ends) == 2 and all(map(_is_number, ends))


def _is_number(value: object) -> bool:
    return number({"": value}, "") is not None


def _corrupted(metrics: Mapping[str, Any]) -> str:
    """Write the accuracy under all corruptions at middle severity, empty if not measured."""
    mean, worst = (number(metrics, "damaged", "0.5", part) for part in ("mean", "worst"))
    if mean is None:
        return ""
    text = f"{mean:.2%} on average over all corruptions at severity 0.5, the middle of the scale"
    if worst is None:
        return text
    name = title(str(metrics["damaged"]["0.5"].get("worst_corruption", "the worst one")))
    return f"{text}; lowest with {name.lower()}: {worst:.2%}"


def _unseen(metrics: Mapping[str, Any]) -> str:
    """Write how a training without a family does on it, empty if that was not studied."""
    study = metrics.get("unforeseen")
    if not isinstance(study, dict):
        return ""
    epochs, severity = number(study, "epochs"), number(study, "severity")
    if epochs is None or severity is None or not isinstance(study.get("families"), dict):
        return ""
    shares = [
        (family, *(number(found, part) for part in ("trained without", "trained with")))
        for family, found in study["families"].items()
    ]
    text = ", ".join(
        f"{family} {without:.1%} ({trained:.1%} when trained with it)"
        for family, without, trained in shares
        if without is not None and trained is not None
    )
    return (
        f"Trained again for {epochs} epochs on plain MNIST without one family of corruptions at a "
        f"time, and measured on that family at severity {severity:g}: {text}"
    )


def _rejected(card: Card) -> str:
    """Write how well the model tells digits from non-digits, empty if it was not measured."""
    found = rejection(card)
    kinds = sorted(set(found) - {"mean"}, key=lambda kind: found[kind])
    if not kinds:
        return ""
    hardest = ", ".join(f"{_words(kind)} {found[kind]:.1%}" for kind in kinds[:HARDEST])
    return (
        f"Given a digit and a non-digit of one of {len(kinds)} kinds, how often it finds the digit "
        f"more digit-like. The hardest kinds: {hardest}"
    )


def _interval(metrics: Mapping[str, Any]) -> str:
    low, high = metrics["interval"]
    return f"{low:.2%} to {high:.2%}"


def _value(value: object) -> str:
    """Write a value of a card as HTML."""
    if isinstance(value, dict):
        known = {key: item for key, item in value.items() if item not in (0, "none", [])}
        return ", ".join(f"{escape(_words(key))}: {_value(item)}" for key, item in known.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_value, value)) or "none"
    if isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value:
        return f'<a href="{escape(value)}">{escape(value.split("//")[1].rstrip("/"))}</a>'
    return escape(f"{value:g}" if isinstance(value, float) else str(value))


def _words(key: object) -> str:
    """Write a name in a card as people do."""
    return NAMES.get(str(key), str(key)).replace("_", " ")
