"""Every model's answer to the person's own digit, disagreement marked."""

from collections import Counter
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from mnist_core.errors import ModelError
from mnist_core.serving import Card, Predictor, is_accepted
from ui.formats import SURE, a_digit, percent
from ui.model_choice import predictor
from ui.own_digit import own_digit
from ui.pictures import picture
from ui.style import html
from ui.taught import show_used, taught_predictor, version_of
from ui.threshold import chosen_steps, threshold_of

NOTHING = "Draw a digit to see every model's answer to it side by side."
_KEPT = "models_answers"  # session key: the answers to the digit that was read last


@dataclass(frozen=True)
class Answer:
    """What one model says."""

    likeliest: tuple[int, int]
    confidence: float
    accepted: bool = True  # whether what it sees looks enough like a digit to it

    @property
    def digit(self) -> int | None:
        """Return the answer, None if the model takes what it sees for a non-digit."""
        return self.likeliest[0] if self.accepted else None

    @property
    def words(self) -> str:
        """Return how sure the answer is."""
        if not self.accepted:
            return f"rejected as a non-digit; if it is a digit, {a_digit(self.likeliest[0])}"
        if self.confidence < SURE:
            return "not sure: {} or {}".format(*self.likeliest)
        return f"{percent(self.confidence)} sure"


def show_answers(cards: list[Card], chosen: Card) -> None:
    """Show all answers in a row; what is wrong with a model that cannot be loaded in its place."""
    image = own_digit()
    if image is None:
        st.write(NOTHING)
        st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
        return
    answers, problems = _answers(cards, image, chosen)
    usual = most_common(answers, chosen.name)
    seen = picture(image, "Your digit as the models see it", style="dl-seen")
    tiles = "".join(
        _problem(card, problems[card.name])
        if card.name in problems
        else _tile(card, answers[card.name], differs=answers[card.name].digit != usual)
        for card in cards
    )
    html(
        f'<div class="dl-asked">{seen}<div><p role="status">{agreement(answers, usual)}</p>'
        f'<ul class="dl-answers" aria-label="The answers of all models">{tiles}</ul></div></div>'
    )
    show_used(chosen, "The others answer as they are stored.")


def most_common(answers: dict[str, Answer], chosen: str) -> int | None:
    """Return the answer that most models give; of several, the chosen model's."""
    counts = Counter(answer.digit for answer in answers.values())
    if not counts:
        return None
    most = [digit for digit, count in counts.items() if count == max(counts.values())]
    preferred = answers[chosen].digit if chosen in answers else most[0]
    return preferred if preferred in most else most[0]


def agreement(answers: dict[str, Answer], usual: int | None) -> str:
    """Say in a sentence how far the models agree."""
    agree = sum(answer.digit == usual for answer in answers.values())
    count = len(answers)
    if not count:
        return "No model can be loaded."
    verb, answer = ("answer", f"<b>{usual}</b>")
    if usual is None:
        verb, answer = ("reject", "this as a non-digit")
    if count == 1:
        return f"The only model {verb}s {answer}."
    if agree == count:
        return f"All {count} models {verb} {answer}."
    others = "the other one, marked ≠, differs"
    if count - agree > 1:
        others = f"the other {count - agree}, marked ≠, differ"
    return f"{agree} of {count} models {verb} {answer}; {others}."


def _answers(
    cards: list[Card], image: np.ndarray, chosen: Card
) -> tuple[dict[str, Answer], dict[str, str]]:
    """Return the answers, and what is wrong with the models that give none, by name.

    Answers are kept as long as the digit is the same: there may be more models than are in memory.
    """
    drawing, kept = st.session_state.get(_KEPT, (b"", {}))
    if drawing != image.tobytes():
        kept = {}
    answers, problems = {}, {}
    for card in cards:
        is_taught = card.name == chosen.name
        now = version_of(card) if is_taught else card.version
        version = (card.name, now, card.threshold, chosen_steps())
        try:
            answers[card.name] = kept[version] = kept.get(version) or _answer(
                taught_predictor(card) if is_taught else predictor(card), image
            )
        except ModelError as error:
            problems[card.name] = str(error)
    st.session_state[_KEPT] = (image.tobytes(), kept)
    return answers, problems


def _answer(predict: Predictor, image: np.ndarray) -> Answer:
    seen = predict.predict_full(image[None])
    first, second = map(int, np.argsort(-seen.probabilities[0], kind="stable")[:2])
    accepted = is_accepted(seen.is_digit[0], threshold_of(predict))
    return Answer((first, second), float(seen.probabilities[0, first]), accepted)


def _tile(card: Card, answer: Answer, *, differs: bool) -> str:
    shown = "none" if answer.digit is None else answer.digit
    mark = '<i role="img" aria-label="Differs:">≠</i> ' if differs else ""
    return (
        f"<li{' class=dl-differs' if differs else ''}><b>{mark}{shown}</b>"
        f"<span>{escape(card.name)}</span><small>{answer.words}</small></li>"
    )


def _problem(card: Card, problem: str) -> str:
    return f"<li><b>!</b><span>{escape(card.name)}</span><small>{escape(problem)}</small></li>"
