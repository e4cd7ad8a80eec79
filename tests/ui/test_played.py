"""A digit that the app writes by itself on the draw page."""

import re

import numpy as np

from mnist_core.pictures.strokes import strokes_of
from mnist_core.serving import is_accepted, load_predictor
from tests.ui import test_draw_page
from tests.ui.test_draw_page import SEVEN, answer, shown
from ui.canvas import DIGIT, as_seen
from ui.draw.played import some_strokes

app, predictors = test_draw_page.app, test_draw_page.predictors


def test_what_is_written_fits_on_the_canvas_and_is_read_correctly():
    predict = load_predictor()
    for label in range(10):
        for seed in range(3):
            strokes = some_strokes(np.random.default_rng(seed), label)
            points = np.concatenate([stroke.points for stroke in strokes])
            assert points.min() > 10
            assert (points.max(axis=0) < np.array(DIGIT.size) - 10).all()
            found = predict.predict_full(as_seen(strokes)[None])
            assert found.probabilities[0].argmax() == label
            assert is_accepted(found.is_digit[0], predict.rejection_threshold)


def test_a_click_writes_a_digit_and_shows_how_until_something_else_is_drawn(app):
    app.session_state["draw_number"] = "A whole number"
    app.run()
    assert "dl-film" not in shown(app)
    app.button(key="draw_play").click().run()
    assert not app.exception
    assert app.title[0].value == "Draw a digit"
    strokes = strokes_of(app.session_state["drawing"])
    assert len(re.findall("<path d=", shown(app))) == len(strokes)
    assert answer(app) == "7"
    first = app.session_state["draw_played_label"]
    app.button(key="draw_play").click().run()
    assert app.session_state["draw_played_label"] != first
    app.button(key="draw_clear").click().run()
    assert "dl-film" not in shown(app)


def test_nothing_is_written_while_the_guided_round_asks_for_digits(app):
    app.session_state["drawing"] = SEVEN
    app.session_state["guide_at"] = 0
    app.run()
    assert app.button(key="draw_play").disabled
