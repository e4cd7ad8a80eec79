"""What the robustness page shows, measured: the chosen model with and without the corruption."""

from dataclasses import dataclass

from streamlit.delta_generator import DeltaGenerator

from mnist_core.evaluation.in_flight import Measured
from mnist_core.serving import Card
from ui.measured import INTERVAL, UNCORRUPTED, Condition, measure
from ui.mnist import require_test_set


@dataclass(frozen=True)
class Figures:
    """What was measured of a model on the test images, as they are and corrupted."""

    model: str
    condition: Condition
    corrupted: Measured
    clean: Measured


def measure_figures(card: Card, condition: Condition, status: DeltaGenerator) -> Figures:
    """Measure a model, with its progress in a line of the page.

    Raises
    ------
    ModelError : the model cannot be loaded
    """
    show_status(status, "Measuring …")
    total = len(require_test_set().labels)

    def measured(what: Condition) -> Measured:
        kind = "corrupted" if what.severity else "original"

        def show(done: int, correct: int) -> None:  # lets Streamlit stop a run no longer wanted
            show_status(
                status,
                f"Measuring … {correct / done:.1%} correct in the first {done:,} of {total:,} "
                f"{kind} images.",
            )

        return measure(card, what, show)

    corrupted, clean = measured(condition), measured(UNCORRUPTED)
    show_status(status, f"Measured on all {total:,} test images, seed {condition.seed}. {INTERVAL}")
    return Figures(card.name, condition, corrupted, clean)


def show_status(status: DeltaGenerator, text: str) -> None:
    """Change the line that says what is being measured."""
    status.markdown(f'<p class="dl-note">{text}</p>', unsafe_allow_html=True)
