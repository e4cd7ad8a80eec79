"""The accuracy of a training's model under every family of corruptions, at a glance."""

import numpy as np
import streamlit as st

from mnist_core.corruptions import CORRUPTIONS, FAMILIES, family_title, title
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import Point
from mnist_core.serving import Card
from ui.background import Section, background
from ui.charts import heat_cell
from ui.measured import DEFAULT_SEVERITY, Condition, point_of
from ui.style import html

INTRO = (
    "The accuracy on the 10,000 test digits when they are corrupted at severity "
    f"{DEFAULT_SEVERITY:g}, the middle of the scale. The Robustness page shows every severity."
)


def show_robustness(card: Card) -> None:
    """Show the accuracy under each family, as far as it is measured."""
    st.write(INTRO)
    points = {name: point_of(card, Condition(name, DEFAULT_SEVERITY)) for name in CORRUPTIONS}

    def draw(known: dict[Point, Measured]) -> None:
        accuracies = {
            name: known[point].report["accuracy"]
            for name, point in points.items()
            if point in known
        }
        words = "All" if len(accuracies) == len(points) else f"{len(accuracies)} of"
        share = len(accuracies) / len(points)
        st.progress(share, f"{words} {len(points)} corruptions measured")
        html(_table(accuracies))

    background(Section("glance", list(points.values()), draw, urgency=0))


def _table(accuracies: dict[str, float]) -> str:
    """Return the mean accuracy of each family of corruptions, and its most harmful one."""
    rows = ""
    for family, members in FAMILIES.items():
        names = [member.name for member in members]
        here = {name: accuracies[name] for name in names if name in accuracies}
        mean, most_harmful = None, "…"
        if len(here) == len(names):
            mean = float(np.mean(list(here.values())))
            worst = min(here, key=lambda name: here[name])
            most_harmful = f"{title(worst)}: {here[worst]:.1%}"
        rows += (
            f'<tr><th scope="row">{family_title(family)}</th>{heat_cell(mean)}'
            f'<td class="dl-words-cell">{most_harmful}</td></tr>'
        )
    return (
        '<table class="dl-heat dl-families"><thead><tr><th scope="col">Corruption family</th>'
        '<th scope="col">Mean in %</th><th scope="col">Most harmful</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )
