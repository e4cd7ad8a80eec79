"""The result of one training: its model's accuracy, mistakes and robustness, and its settings."""

from html import escape

import numpy as np
import streamlit as st

from mnist_core import runs
from mnist_core.config import CLASSES
from mnist_core.corruptions import CORRUPTIONS, FAMILIES, title
from mnist_core.errors import DataError
from mnist_core.evaluation import metrics
from mnist_core.evaluation.measurements import Measured, Point
from mnist_core.runs import Status
from mnist_core.serving import Card
from ui.background import Section, background
from ui.charts import heat_cell
from ui.confusion import READ, TRUE, choose_first, show_confusion
from ui.errors import show_errors_in
from ui.formats import family_title
from ui.measured import DEFAULT_SEVERITY, INTERVAL, UNCORRUPTED, Condition, point_of
from ui.mnist import test_set
from ui.model_card import show_card
from ui.model_choice import predictor_of
from ui.pictures import bars, picture, strip, tile
from ui.session import workspace
from ui.style import html
from ui.training.actions import RESULTS, show_actions, show_way_on
from ui.training.curves import EXPLAINED, show_curves
from ui.training.end import accuracy_words, history_of, show_end
from ui.training.facts import settings_of, show_command_of
from ui.training.run import LIVE
from ui.training.words import ago, duration

VIEW = "training_view"
SHOWN = 20  # mistakes at most
_CONFUSED = "training_confused"  # whose confusion was shown last
BALANCED = (
    "The mean of the ten digits' accuracies: every digit counts the same, however rare. It reveals "
    "a model that neglects rare digits."
)
MADE_UP = "synthetic digits not counted"
SURE = (
    "Misclassified test digits, those with the highest confidence first. Some are hard for people "
    "too."
)
DAMAGED = (
    "The accuracy on the 10,000 test digits when they are corrupted at severity "
    f"{DEFAULT_SEVERITY:g}, the middle of the scale. The Robustness page shows every severity."
)
MISSING = "MNIST's test digits are missing on this computer. The Robustness page can download them."


def show_result(status: Status | None, card: Card | None) -> None:
    """All about one training that has ended, or about a model whose training is forgotten.

    Parameters
    ----------
    status : None if there is no training of that name any more
    card : None if there is no model that it has written
    """
    if status and (status.state != "done" or not card):
        show_end(status, card)
    if status and card:
        st.caption(_when(status))
    if card:
        show_actions(card, status)
    elif status:
        show_way_on(status, RESULTS)
    views = [view for view, (_, wants) in VIEWS.items() if _has(wants, status, card)]
    if not views:
        return
    if st.session_state.get(VIEW) not in views:
        st.session_state[VIEW] = views[0]
    view = st.segmented_control(
        "What to look at",
        views,
        key=VIEW,
        label_visibility="collapsed",
        required=True,
        persist_state="session",
    )
    show, _ = VIEWS[view]
    with show_errors_in(st.container()):
        show(status, card)


def _when(status: Status) -> str:
    """When a training ended, and how much of it was done in what time."""
    history = history_of(status.name)
    done = history[-1]["epoch"] if history else 0
    seconds = history[-1].get("seconds", 0) if history else 0
    took = f" in {duration(seconds)}" if seconds else ""
    return f"Ended {ago(status.updated)} after {done} of {status.epochs} epochs{took}."


def recalls(card: Card) -> list[float]:
    """The share of each digit that a model reads right; NaN for those that were not measured."""
    found = card.metrics["test"].get("recall")
    return found if isinstance(found, list) and len(found) == CLASSES else [np.nan] * CLASSES


def learned_from(card: Card) -> list[int] | None:
    """How many images of each digit a model has learned from; None if that was not uneven."""
    counts = card.trained_on.get("images_of_each_digit")
    whole = isinstance(counts, list) and all(isinstance(count, int) for count in counts)
    return counts if whole and len(counts) == CLASSES else None


def made_up_joined(card: Card) -> bool:
    """Whether a model has learned from made-up digits besides MNIST's."""
    return bool(card.trained_on.get("made_up_digits"))


def _has(wants: str, status: Status | None, card: Card | None) -> bool:
    curves = bool(status and status.config and not card)
    return {"card": bool(card), "curves alone": curves, "": bool(card or curves)}[wants]


def _show_accuracy(status: Status | None, card: Card) -> None:
    left, right = st.columns([5, 4], gap="medium")
    share, interval = accuracy_words(card)
    test = card.metrics["test"]
    with left:
        html(
            f'<div class="dl-accuracy"><strong>{share}</strong>'
            f"<span>of {test.get('n', 0):,} test digits classified correctly</span>"
            f"<span>95% interval {interval}</span></div>"
        )
        st.caption(INTERVAL)
        if "balanced_accuracy" in test:
            html(f"<p><b>Balanced accuracy {test['balanced_accuracy']:.2%}</b></p>")
            st.caption(BALANCED)
    with right:
        html(_recall_bars(card))
    if status and status.config:
        st.header("Learning curves")
        _show_curves(status, card)


def _show_curves(status: Status, card: Card | None) -> None:  # noqa: ARG001
    live = st.session_state.get(LIVE)  # then the key belongs to the curves of that training
    with st.container(key="training_result_curves" if live else "training_curves"):
        show_curves(
            status.config,
            history_of(status.name),
            runs.steps(status.name, workspace=workspace()),
            "past",
        )
        st.caption(EXPLAINED)


def _recall_bars(card: Card) -> str:
    """A bar for each digit, the worst one marked; beside it from how many images it was learned."""
    recall, learned = recalls(card), learned_from(card)
    lowest = min((share for share in recall if share == share), default=None)
    worst = [digit for digit, share in enumerate(recall) if share == lowest]
    told = [f"{share:.1%}" if share == share else "?" for share in recall]
    label = ", ".join(f"{digit}: {share}" for digit, share in enumerate(told))
    beside = ""
    if learned:
        more = f"; {MADE_UP}" if made_up_joined(card) else ""
        beside = f" On the right: the number of training images of each{more}."
    return (
        "<p class='dl-note'><b>Recall</b>: the share of each digit that is classified correctly. "
        f"▼ marks the lowest.{beside}</p>"
    ) + bars(
        recall,
        [f"{share}{' ▼' if digit in worst else ''}" for digit, share in enumerate(told)],
        f"Recall of each digit: {label}",
        marked=worst,
        beside=[f"{count:,}" for count in learned or ()],
        style="dl-learned" if learned else "dl-recall",
    )


def _tests_are_here() -> bool:
    """Whether MNIST's test digits are on this computer; if not, say so."""
    try:
        here = test_set() is not None
    except DataError as error:
        st.error(str(error), icon=":material/error:")
        return False
    if not here:
        st.info(MISSING, icon=":material/info:")
    return here


def _show_mistakes(status: Status | None, card: Card) -> None:  # noqa: ARG001
    version = card.files["model.tflite"]["sha256"]
    if not _tests_are_here():
        return
    digits, confidence, report = _read_all(card.name, version)
    st.header("Confusion matrix: which digits get mixed up")
    read = Measured(digits, report)
    if st.session_state.get(_CONFUSED) != version:
        st.session_state[_CONFUSED] = version
        for key in (TRUE, READ):
            st.session_state.pop(key, None)
    choose_first(read)
    show_confusion(read, UNCORRUPTED)
    st.header("Most confident mistakes")
    _show_worst(digits, confidence)


def _show_worst(digits: np.ndarray, confidence: np.ndarray) -> None:
    tests = test_set()
    wrong = np.flatnonzero(digits != tests.labels)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:SHOWN]
    tiles = [
        tile(
            picture(tests.images[i], f"A {tests.labels[i]} of the test digits"),
            f"<span>{tests.labels[i]} read as {digits[i]}</span>",
            f"<small>{_sure(confidence[i])} sure</small>",
        )
        for i in worst
    ]
    told = SURE if tiles else "It classified every test digit correctly."
    html(
        f'<div class="dl-mistakes"><p class="dl-note">{told}</p>'
        f"{strip(tiles, 'Misclassified test digits, the most confident first')}</div>"
    )


def _sure(confidence: float) -> str:
    return f"{min(float(confidence), 0.999):.1%}"  # nothing is certain


@st.cache_data(max_entries=8, show_spinner="Classifying the test digits")
def _read_all(name: str, version: str) -> tuple[np.ndarray, np.ndarray, dict]:
    """What a model reads in each test digit, how sure it is, and what that comes to."""
    digits = test_set()
    probabilities = predictor_of(name, version)(digits.images)
    report = metrics.summarise(probabilities, digits.labels)
    return (
        probabilities.argmax(axis=1).astype(np.uint8),
        probabilities.max(axis=1).astype(np.float32),
        report,
    )


def _show_robustness(status: Status | None, card: Card) -> None:  # noqa: ARG001
    if not _tests_are_here():
        return
    st.write(DAMAGED)
    points = {name: point_of(card, Condition(name, DEFAULT_SEVERITY)) for name in CORRUPTIONS}

    def draw(known: dict[Point, Measured]) -> None:
        found = {
            name: known[point].report["accuracy"]
            for name, point in points.items()
            if point in known
        }
        words = "All" if len(found) == len(points) else f"{len(found)} of"
        st.progress(len(found) / len(points), f"{words} {len(points)} corruptions measured")
        html(_families(found))

    background(Section("glance", list(points.values()), draw, urgency=0))


def _families(found: dict[str, float]) -> str:
    """The mean accuracy of each family of corruptions, and its most harmful one."""
    rows = ""
    for family, members in FAMILIES.items():
        names = [member.name for member in members]
        here = {name: found[name] for name in names if name in found}
        whole = len(here) == len(names)
        worst = min(here, key=here.get) if whole else ""
        told = f"{title(worst)}: {here[worst]:.1%}" if worst else "…"
        mean = float(np.mean(list(here.values()))) if whole else None
        rows += (
            f'<tr><th scope="row">{family_title(family)}</th>{heat_cell(mean)}'
            f'<td class="dl-words-cell">{told}</td></tr>'
        )
    return (
        '<table class="dl-heat dl-families"><thead><tr><th scope="col">Corruption family</th>'
        '<th scope="col">Mean in %</th><th scope="col">Most harmful</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _show_settings(status: Status | None, card: Card | None) -> None:
    if status and status.config:
        items = "".join(
            f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>"
            for label, value in settings_of(status.config, card).items()
        )
        st.html(f'<dl class="dl-card">{items}</dl>')
        st.write("The same training on the command line:")
        show_command_of(status.config)
    if card:
        with st.expander("Model card"):
            show_card(card)


VIEWS = {
    "Accuracy": (_show_accuracy, "card"),
    "Curves": (_show_curves, "curves alone"),
    "Mistakes": (_show_mistakes, "card"),
    "Robustness": (_show_robustness, "card"),
    "Settings": (_show_settings, ""),
}
