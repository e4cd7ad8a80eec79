"""You against the network: ten corrupted digits, read by a person and by the chosen model."""

from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from mnist_core.config import CLASSES
from mnist_core.corruptions import corrupt, title
from mnist_core.serving import Card
from ui.mnist import require_test_set
from ui.model_choice import predictor
from ui.pictures import picture
from ui.style import html

ROUNDS = 10
# What is hard for people and for networks, and how severe: the digit must still be there. At these
# severities the figures that come with digit-net have at least six errors in a hundred.
KINDS = {
    "salt_and_pepper": 1.0,
    "glass_blur": 1.0,
    "elastic": 0.75,
    "zigzag": 1.0,
    "missing_block": 1.0,
    "bad_photocopy": 1.0,
    "phone_in_the_dark": 0.75,
    "rainy_windscreen": 1.0,
    "hasty_scan": 1.0,
}
INTRO = (
    "Ten test digits, each under a corruption that is hard even for digit-net, at or near full "
    "strength. Say what each one is; {name} reads the same pixels. Some can only be guessed."
)
_GAME = "robustness_game"


@dataclass(frozen=True)
class Game:
    """A game as it stands.

    Attributes
    ----------
    seed : of the images
    guesses : of the person, so far
    answers : of the model, to the same images
    open : whether the last guess is being shown
    """

    seed: int
    guesses: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()
    open: bool = False


@dataclass(frozen=True)
class Round:
    """A corrupted digit.

    Attributes
    ----------
    image : float32 (28, 28) in [0, 1]
    label : which digit it is
    corruption : a name of a corruption
    """

    image: np.ndarray
    label: int
    corruption: str


def round_of(seed: int, number: int) -> Round:
    """Return a round of a game; the same seed and number give the same pixels."""
    data = require_test_set()
    rng = np.random.default_rng([seed, number])
    index = int(rng.integers(len(data.labels)))
    name = list(KINDS)[int(rng.integers(len(KINDS)))]
    image = corrupt(data.images[index][None], name, KINDS[name], seed=int(rng.integers(1000)))[0]
    return Round(image, int(data.labels[index]), name)


def show_game(card: Card) -> None:
    """Show the game, which runs again by itself after every guess."""
    st.fragment(_show)(card)


def _show(card: Card) -> None:
    state = st.session_state
    game = state.setdefault(_GAME, Game(seed=int(np.random.default_rng().integers(10**6))))
    rounds = [round_of(game.seed, number) for number in range(len(game.guesses))]
    mine = sum(guess == r.label for guess, r in zip(game.guesses, rounds, strict=True))
    its = sum(answer == r.label for answer, r in zip(game.answers, rounds, strict=True))
    st.write(INTRO.format(name=f"`{card.name}`"))
    over = len(game.guesses) == ROUNDS and not game.open
    if over:
        _show_end(card, mine, its)
        return
    now = rounds[-1] if game.open else round_of(game.seed, len(game.guesses))
    left, right = st.columns([2, 5], gap="medium")
    with left:
        html(picture(now.image, "A corrupted digit to read", style="dl-why"))
    with right, st.container(key="robustness_game"):
        number = len(game.guesses) + (0 if game.open else 1)
        html(
            f'<p class="dl-note" role="status"><b>Round {number} of {ROUNDS}.</b> '
            f"You {mine}, {card.name} {its}.</p>"
        )
        if game.open:
            _show_answer(game, now, card)
        else:
            _show_buttons(game, now, card)


def _show_buttons(game: Game, now: Round, card: Card) -> None:
    st.write("Which digit is this?")
    with st.container(horizontal=True, key="robustness_guesses"):
        for digit in range(CLASSES):
            st.button(
                str(digit),
                key=f"robustness_guess_{digit}",
                on_click=_guess,
                args=(game, now, card, digit),
            )


def _show_answer(game: Game, now: Round, card: Card) -> None:
    you, it = game.guesses[-1], game.answers[-1]
    words = [
        f"It is a <b>{now.label}</b>, under “{title(now.corruption)}”.",
        f"You said {you}: {_mark(you == now.label)}.",
        f"{card.name} said {it}: {_mark(it == now.label)}.",
    ]
    html(f"<p role='status'>{' '.join(words)}</p>")
    last = len(game.guesses) == ROUNDS
    st.button(
        "See the score" if last else "Next",
        key="robustness_next",
        type="primary",
        icon=":material/arrow_forward:",
        on_click=_go_on,
    )


def _show_end(card: Card, mine: int, its: int) -> None:
    words = "You win." if mine > its else "A draw." if mine == its else f"{card.name} wins."
    html(f"<p role='status'><b>{words}</b> You {mine} of {ROUNDS}, {card.name} {its}.</p>")
    st.button("Play again", key="robustness_again", icon=":material/replay:", on_click=_begin)


def _mark(correct: bool) -> str:
    return "✓ correct" if correct else "✗ wrong"


def _guess(game: Game, now: Round, card: Card, digit: int) -> None:
    """Take a guess, and ask the model the same."""
    answer = int(predictor(card)(now.image[None])[0].argmax())
    st.session_state[_GAME] = replace(
        game, guesses=(*game.guesses, digit), answers=(*game.answers, answer), open=True
    )


def _go_on() -> None:
    st.session_state[_GAME] = replace(st.session_state[_GAME], open=False)


def _begin() -> None:
    del st.session_state[_GAME]
