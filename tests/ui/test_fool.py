"""Can you fool it? The challenge of the draw page."""

import numpy as np
import pytest

from tests.ui import test_draw_page
from tests.ui.test_draw_page import SEVEN, always, shown
from ui.draw.fool import FOOL, PAIR, Attempt, ink_of

app, predictors = test_draw_page.app, test_draw_page.predictors
BLANK = np.zeros((28, 28), np.float32)


@pytest.fixture
def challenge(app, predictors):
    """The page with the challenge open and a seven drawn, which the network reads as an 8."""
    predictors["digit-net"] = always(8, 0.8)
    app.session_state["drawing"] = SEVEN
    app.session_state[FOOL] = True
    app.run()
    assert not app.exception
    return app


def test_ink_is_counted_in_sizes_of_the_drawing():
    square = np.array([[0, 0], [60, 0], [60, 60], [0, 60], [0, 0]], float)
    assert ink_of([square]) == ink_of([3 * square]) == 4
    assert ink_of([square[:2], square[2:4]]) == 2


def test_points_fall_with_ink_and_rise_with_confidence():
    def points(confidence: float, ink: float) -> int:
        return Attempt(BLANK, "m", 8, confidence, True, ink).points

    assert points(0.9, 2.0) == 45
    assert points(0.9, 3.0) < points(0.9, 2.0) < points(0.99, 2.0)
    assert points(1.0, 0.5) == 100  # a dot that is no stroke gains nothing


def test_who_fools_it_says_so_and_the_best_is_kept_and_deleted(challenge, predictors):
    assert "<b>It says 8</b>, 80.0% sure" in shown(challenge)
    keep = challenge.button(key="fool_keep")
    assert keep.label == "People would call this a 3"
    keep.click().run()
    assert "<b>3 as 8</b>" in shown(challenge)
    first = challenge.session_state["fool_best"][3, 8].points
    predictors["digit-net"] = always(8, 0.6)
    challenge.run()
    assert "<b>It says 8</b>, 60.0% sure" in shown(challenge)
    assert f"Your best: {first} points." in shown(challenge)
    assert challenge.button(key="fool_keep").disabled
    challenge.button(key="fool_delete").click().run()
    assert "<b>3 as 8</b>" not in shown(challenge)


def test_it_is_not_fooled_by_another_digit_a_non_digit_or_nothing(challenge, predictors):
    challenge.session_state[PAIR] = "4 as 9"
    challenge.run()
    assert "Not fooled yet: it reads an 8, and a 9 with 20.0%" in shown(challenge)
    assert challenge.button(key="fool_keep").disabled
    challenge.session_state[PAIR] = "3 as 8"
    predictors["digit-net"] = always(8, 0.8, is_digit=0.1)
    challenge.run()
    assert "this does not look like a digit" in shown(challenge)
    assert challenge.button(key="fool_keep").disabled
    challenge.button(key="draw_clear").click().run()
    assert "Draw a 3 that looks a little like an 8." in shown(challenge)
    assert challenge.button(key="fool_keep").disabled


def test_the_slider_of_the_threshold_makes_it_no_easier(challenge, predictors):
    predictors["digit-net"] = always(8, 0.8, is_digit=0.3)
    challenge.session_state["strictness"] = -3
    challenge.run()
    assert challenge.button(key="fool_keep").disabled
