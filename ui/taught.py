"""What this visit has taught the model, and the predictor that answers with it."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import streamlit as st

from mnist_core.config import MAX_TAUGHT
from mnist_core.data import Split
from mnist_core.serving import REPLAY, Card, Predictor, load_replay
from mnist_core.serving.adaptation import (
    NON_DIGIT,
    Examples,
    Head,
    adapt,
    cross_validate,
    look_at,
)
from ui.model_choice import predictor
from ui.pictures import png, source
from ui.session import workspace
from ui.sweep import give_back_memory, returning_memory

USED = "taught_used"  # the switch's key
PIECE = 20  # images that are looked at together: more take interpreters of their own
# A fit takes some 15 MB, which the C library keeps for the thread that had them.
_one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="teaching")
_TAUGHT, _FITTED, _EFFECT = "taught", "taught_fitted", "taught_effect"


@dataclass(frozen=True)
class TaughtDigit:
    """A digit that the person has labelled; as uint8 (28, 28), to take little memory."""

    image: np.ndarray
    label: int
    key: str

    @cached_property
    def thumbnail(self) -> str:
        """Its picture as an address."""
        return source(png(self.image / 255))


@dataclass(frozen=True)
class Effect:
    """How many digits the model classifies correctly, before it was taught and after.

    Attributes
    ----------
    own : of the person's digits, each once the model was taught the others alone
    old : of the digits that the model keeps of its training, without those that it was taught
    n_own, n_old : how many these are
    """

    own: tuple[int, int]
    n_own: int
    old: tuple[int, int]
    n_old: int


@dataclass(frozen=True)
class _Fitted:
    version: tuple[str, ...]
    head: Head
    examples: Examples

    def is_of(self, card: Card) -> bool:
        """Return whether it was this very model that was taught."""
        return self.version[:2] == (card.name, card.version)


def taught_digits() -> list[TaughtDigit]:
    """Return what was taught in this visit, the oldest first."""
    return list(live_digits())


def live_digits() -> list[TaughtDigit]:
    """Return the list that changes with what is taught.

    It is for those who look later, without a session: a page shows old buttons until it has run.
    """
    return st.session_state.setdefault(_TAUGHT, [])


def teach(*digits: TaughtDigit) -> list[TaughtDigit]:
    """Add digits, the newest last; beyond MAX_TAUGHT the oldest are forgotten.

    Of the same image the last label counts.

    Returns
    -------
    what was taught by the same images before, and is replaced
    """
    known, live = taught_digits(), live_digits()
    new = {one.image.tobytes(): one for one in digits}
    kept = [one for one in known if one.image.tobytes() not in new]
    live[:] = [*kept, *new.values()][-MAX_TAUGHT:]
    return [one for one in known if one.image.tobytes() in new]


def as_split(digits: list[TaughtDigit]) -> Split:
    """Return digits, at least one, as their file and a training have them."""
    return Split(
        np.stack([one.image for one in digits]), np.array([one.label for one in digits], np.uint8)
    )


def is_known(image: np.ndarray, label: int) -> bool:
    """Return whether this very image, uint8 (28, 28), was taught by this label."""
    return any(one.label == label and np.array_equal(one.image, image) for one in taught_digits())


def in_words(count: int) -> str:
    """Say how many digits these are."""
    return "1 digit" if count == 1 else f"{count:,} digits"


def forget(key: str | None = None) -> None:
    """Forget one digit; all if none is named."""
    kept = [] if key is None else [one for one in taught_digits() if one.key != key]
    live_digits()[:] = kept


def can_be_taught(card: Card | None) -> bool:
    """Return whether a model keeps what it needs so as not to forget what it knows."""
    return card is not None and REPLAY in card.files


def taught_predictor(card: Card) -> Predictor:
    """Return the model's predictor, with what was taught unless that is switched off.

    Raises
    ------
    ModelError : the model's files are missing or damaged
    """
    plain = predictor(card)
    return plain.taught(_fitted(card).head) if is_used(card) else plain


def is_used(card: Card | None) -> bool:
    """Return whether answers come from what was taught: there is some, and it is switched on."""
    return bool(taught_digits()) and can_be_taught(card) and st.session_state.get(USED, True)


def version_of(card: Card) -> str:
    """Return what changes whenever the answers of `taught_predictor` do."""
    if not is_used(card):
        return card.version
    keys = " ".join(one.key for one in taught_digits())
    return f"{card.version}-{hashlib.sha256(keys.encode()).hexdigest()}"


def show_used(card: Card | None, more: str = "") -> None:
    """Say in a line that answers come from what was taught, where they do, and what `more` says."""
    if card and is_used(card):
        st.caption(f"Read by {card.name} with your {in_words(len(taught_digits()))}. {more}")


def effect(card: Card) -> Effect:
    """Measure what teaching has changed; once for each change of what was taught.

    Raises
    ------
    ModelError : the model's files are missing or damaged
    """
    fitted = _fitted(card)
    version, found = st.session_state.get(_EFFECT, ((), None))
    if found is None or version != fitted.version:
        with returning_memory():
            found = _measure(fitted, _replay(card), card.n_taught)
        give_back_memory()
        st.session_state[_EFFECT] = fitted.version, found
    return found


def _measure(fitted: _Fitted, replay: Examples, n_taught: int) -> Effect:
    trained = replay[np.arange(len(replay) - n_taught)]
    own, old = fitted.examples, trained[trained.labels != NON_DIGIT]
    after = fitted.head.probabilities(np.exp(old.logits), old.features)
    held_out = _one_at_a_time.submit(cross_validate, own, replay).result()
    return Effect(
        own=(_correct(own.logits, own), _correct(held_out, own)),
        n_own=len(own),
        old=(_correct(old.logits, old), _correct(after, old)),
        n_old=len(old),
    )


def _fitted(card: Card) -> _Fitted:
    """Return what the model becomes by what was taught; fitted once for each change of that."""
    digits = taught_digits()
    version = (card.name, card.version, *(one.key for one in digits))
    fitted = st.session_state.get(_FITTED)
    if fitted is None or fitted.version != version:
        plain = predictor(card)
        before = fitted if fitted and fitted.is_of(card) else None
        examples = _examples(digits, plain, before)
        with returning_memory():
            head = _one_at_a_time.submit(
                adapt, examples, _replay(card), threshold=plain.rejection_threshold
            ).result()
        fitted = st.session_state[_FITTED] = _Fitted(version, head, examples)
        give_back_memory()
    return fitted


def _replay(card: Card) -> Examples:
    """Return what the model keeps of its training; 2 MB, which no visit holds on to."""
    return load_replay(card, workspace=workspace()).answered_by(predictor(card).head)


def _examples(digits: list[TaughtDigit], plain: Predictor, before: _Fitted | None) -> Examples:
    """Return digits as the model sees them, which it looks at once."""
    places = {key: place for place, key in enumerate(before.version[2:])} if before else {}
    seen = [before.examples] if before else []
    new = [one for one in digits if one.key not in places]
    for start in range(0, len(new), PIECE):
        piece = new[start : start + PIECE]
        images = np.stack([one.image for one in piece]) / np.float32(255)
        labels = np.array([one.label for one in piece])
        seen.append(look_at(plain, images, labels).answered_by(plain.head))
    places |= {one.key: len(places) + place for place, one in enumerate(new)}
    return sum(seen[1:], seen[0])[np.array([places[one.key] for one in digits])]


def _correct(answers: np.ndarray, examples: Examples) -> int:
    return int((answers.argmax(axis=1) == examples.labels).sum())
