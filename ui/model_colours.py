"""Which style each model's curve has: its own, and the same on every page."""

from collections.abc import Sequence
from typing import Any

from mnist_core.config import SHIPPED_MODELS
from ui.charts import curve_style
from ui.model_choice import models


def places_of(names: Sequence[str]) -> dict[str, int]:
    """Return the place of each model among the styles of `curve_style`.

    The models of the app come first, then people's own, the oldest first; trainings that have no
    model yet come last.
    """
    own = sorted((card.date, card.name) for card in models() if card.name not in SHIPPED_MODELS)
    known = [*SHIPPED_MODELS, *(name for _, name in own)]
    order = [*known, *(name for name in dict.fromkeys(names) if name not in known)]
    return {name: order.index(name) for name in names}


def model_styles(names: Sequence[str], size: int) -> dict[str, dict[str, Any]]:
    """Return how the curve of each model looks, as Plotly's JSON; `size`: of its symbols."""
    return {name: curve_style(place, size) for name, place in places_of(names).items()}


def model_dot(name: str) -> str:
    """Build a dot in a model's colour, for beside its name."""
    colour = model_styles([name], 0)[name]["line"]["color"]
    return f'<i class="dl-dot" style="background:{colour}"></i>'
