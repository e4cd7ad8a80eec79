"""The tabs of the robustness page, of which the open one alone is measured."""

from collections.abc import Sequence

from mnist_core.serving import Card
from ui.confusion import choose_first, show_confusion
from ui.robustness.choice import Choice, compare
from ui.robustness.curve import show_curve
from ui.robustness.figures import Figures
from ui.robustness.game import show_game
from ui.robustness.own_digit import show_own_digit
from ui.robustness.result import choose_figures, show_by_digit
from ui.robustness.table import show_robustness_table
from ui.tabs import show_tabs

TAB = "robustness_tab"  # the session key of the open one's title
TABS = {
    "curve": "Accuracy by severity",
    "all": "All corruptions",
    "digits": "Which digits get mixed up",
    "own": "Your own digit",
    "game": "You against the network",
}


def show_parts(card: Card, choice: Choice, figures: Sequence[Figures]) -> None:
    """Show the tabs.

    Parameters
    ----------
    figures : of the chosen model, and of the one that it is compared with

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    name, tab = show_tabs(TABS, TAB)
    with tab:
        if name == "curve":
            compare(card)
            show_curve(card, choice)
        elif name == "all":
            show_robustness_table(card, choice.condition.seed)
        elif name == "digits":
            if len(figures) > 1:  # those of one alone stand above
                show_by_digit(*figures)
            shown = choose_figures(figures)
            choose_first(shown.corrupted)
            show_confusion(shown.corrupted, shown.condition, shown.model)
        elif name == "own":
            show_own_digit(card, choice.condition)
        else:
            show_game(card)
