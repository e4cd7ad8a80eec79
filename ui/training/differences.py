"""What trainings differ in: their settings, and the recall of each digit."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.runs import Status
from mnist_core.serving import Card
from mnist_core.training.rebalancing import REBALANCING_METHODS
from ui.charts import heat_cell
from ui.training.accuracy import SYNTHETIC, has_synthetic_digits, images_learned, recalls
from ui.training.facts import settings_of

SAME = "All their settings are the same."
NO_EFFECT = "– means that the setting has no effect there."
RECALL = "The share of each digit that is classified correctly, in percent."
UNEVEN = "The fewer training images a digit had, the more a rebalancing method has to do."


def settings_table(statuses: Sequence[Status], cards: Mapping[str, Card | None]) -> str:
    """Return, as HTML, the settings that are not the same for all, one a row."""
    settings = [settings_of(s.config, cards[s.name]) for s in statuses if s.config]
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(f"<td>{escape(of_one.get(label, '–'))}</td>" for of_one in settings)
        + "</tr>"
        for label in dict.fromkeys(label for of_one in settings for label in of_one)
        if len({of_one.get(label) for of_one in settings}) > 1
    )
    if not rows:
        return f"<p>{SAME}</p>"
    head = "".join(f'<th scope="col">{escape(status.name)}</th>' for status in statuses)
    note = f"<p class='dl-note'>{NO_EFFECT}</p>" if "<td>–</td>" in rows else ""
    return _wide(
        "Settings that differ",
        f'{note}<table class="dl-differ"><thead><tr><th scope="col">Setting</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>",
    )


def recall_table(cards: Mapping[str, Card], statuses: Mapping[str, Status]) -> str:
    """Return, as HTML, each digit's recall, one model a column; its training images if uneven."""
    learned = _images_learned(list(cards.values()))
    head = "".join(
        f'<th scope="col">{escape(name)}<br><small>{_method(statuses[name])}</small></th>'
        for name in cards
    )
    images = '<th scope="col">Images</th>' if learned else ""
    columns = [recalls(card) for card in cards.values()]
    notes = [RECALL, UNEVEN] if learned else [RECALL]
    if learned and any(map(has_synthetic_digits, cards.values())):
        notes.append(f"{SYNTHETIC.capitalize()}.")
    rows = "".join(
        f'<tr><th scope="row">{digit}</th>'
        + (f'<td class="dl-count">{learned[digit]:,}</td>' if learned else "")
        + "".join(
            heat_cell(None if np.isnan(column[digit]) else column[digit]) for column in columns
        )
        + "</tr>"
        for digit in range(CLASSES)
    )
    return _wide(
        "Recall of each digit",
        f"<p class='dl-note'>{' '.join(notes)}</p>"
        f'<table class="dl-heat"><thead><tr><th scope="col">Digit</th>{images}{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>",
    )


def _images_learned(cards: Sequence[Card]) -> list[int] | None:
    """Return the training images of each digit, if they are uneven and the same for all."""
    counts = [images_learned(card) for card in cards]
    return counts[0] if all(of_one == counts[0] for of_one in counts) else None


def _method(status: Status) -> str:
    if not status.config or status.config.imbalance == "none":
        return ""
    return escape(REBALANCING_METHODS[status.config.rebalancing].title)


def _wide(title: str, content: str) -> str:
    """Return a titled table that scrolls sideways where it does not fit."""
    return (
        f"<p class='dl-note dl-over'><b>{title}</b></p>"
        f'<div class="dl-scroll" tabindex="0" role="region" aria-label="{title}">{content}</div>'
    )
