"""A whole number on the draw page, without a browser: read, described, shown."""

import re

import numpy as np
import pytest

import ui.model_choice
from mnist_core.errors import ModelError
from mnist_core.reading import Digit, Reading
from mnist_core.serving import load_predictor
from support.pen import Place, paths
from tests.ui import test_draw_page
from tests.ui.test_draw_page import card, shown
from ui.draw import number
from ui.draw.digit import REJECTED
from ui.draw.number import HINT, NOTHING, summary_of

app, predictors = test_draw_page.app, test_draw_page.predictors


def drawing(*written: tuple[int, str], left: int = 30, top: int = 60, pen: int = 18) -> dict:
    """What the canvas reports when these digits were written side by side, 150 pixels high."""
    objects = []
    for place, (digit, way) in enumerate(written):
        for path in paths(digit, way, Place(left + 160 * place, top, 150, pen)):
            low, high = np.min(path, axis=0), np.max(path, axis=0)
            commands = [["M", *path[0]], *(["L", *point] for point in path[1:])]
            (x, y), (width, height) = low - pen / 2, high - low
            box = {"left": x, "top": y, "width": width, "height": height}
            objects.append({"type": "Path", "path": commands, "strokeWidth": pen, **box})
    return {"objects": objects}


def digit(value: int, confidence: float = 0.995, *, line: int = 0, accepted: bool = True) -> Digit:
    shares = [0.0] * 10
    shares[value], shares[(value + 1) % 10] = confidence, 1 - confidence
    image = np.zeros((28, 28), np.float32)
    return Digit(value, confidence, confidence, accepted, (0, 0, 9, 9), line, image, tuple(shares))


def reading(*digits: Digit) -> Reading:
    return Reading(digits, 700, 320)


@pytest.fixture
def real(monkeypatch):
    """Drawings are read by the default model."""
    predict = load_predictor()
    monkeypatch.setattr(number, "taught_predictor", lambda _card: predict)


@pytest.fixture
def show(app, monkeypatch):
    """A function that shows a reading on the draw page, as if its number had been drawn."""
    app.session_state["draw_number"] = "A whole number"

    def run(found: Reading | None):
        monkeypatch.setattr(number, "read_number", lambda _drawing, _card: found)
        app.run()
        assert not app.exception
        return app

    return run


def answer(app) -> str:
    """The text of the large answer, lines and all."""
    (large,) = (m.value for m in app.markdown if 'class="dl-drawn"' in m.value)
    return re.sub("<[^>]*>", "", large.replace("<br>", "\n"))


def tiles(app) -> list[str]:
    """The text under each picture in the strip."""
    (strip,) = (m.value for m in app.markdown if "dl-drawn-digits" in m.value)
    return [re.sub("<[^>]*>", " ", tile).split() for tile in strip.split("<li>")[1:]]


def test_what_stands_between_the_digits_is_shown(show):
    app = show(Reading((digit(4), digit(2)), 960, 280, written="-4,2"))
    assert answer(app) == "-4,2"


@pytest.mark.parametrize("pen", [6, 18, 32])
def test_a_number_is_read_digit_by_digit_whatever_the_pen(real, pen):
    written = drawing((1, "straight"), (7, "barred"), (0, "oval"), (4, "open"), pen=pen)
    found = number.read_number(written, card("digit-net"))
    assert found.text == "1704"
    assert [d.image.shape for d in found.digits] == [(28, 28)] * 4
    left = [d.box[0] for d in found.digits]
    assert left == sorted(left)


def test_one_below_the_other_makes_two_lines(real):
    upper, lower = drawing((1, "straight"), (7, "plain"), top=5), drawing((3, "round"), top=165)
    both = {"objects": upper["objects"] + lower["objects"]}
    assert number.read_number(both, card("digit-net")).text == "17\n3"


def test_a_dab_is_no_number(real):
    dab = {"type": "Path", "path": [["M", 90, 90], ["L", 100, 110]], "strokeWidth": 18}
    assert number.read_number({"objects": [dab]}, card("digit-net")).digits == ()
    thin = {"objects": [dab | {"strokeWidth": 2}]}
    (seen,) = number.read_number(thin, card("digit-net")).digits  # a stroke, if perhaps no digit
    assert seen.box


@pytest.mark.parametrize("blank", [None, {}, {"objects": []}, {"objects": [{"type": "Rect"}]}])
def test_a_blank_canvas_has_no_reading(blank):
    assert number.read_number(blank, card("digit-net")) is None


def test_without_a_model_there_is_no_reading():
    assert number.read_number(drawing((1, "straight")), None) is None


def test_without_a_drawing_there_is_a_hint():
    assert summary_of(None) == ("", HINT)


@pytest.mark.parametrize(
    ("least", "words"),
    [(0.99, "Almost certain"), (0.93, "Quite sure"), (0.75, "Probably right")],
)
def test_the_least_sure_digit_gives_the_words(least, words):
    assert summary_of(reading(digit(1, 0.999), digit(7, least))) == (
        words,
        f"Least certain digit: 7, {least:.1%}",
    )


def test_a_doubt_names_the_two_likeliest_digits():
    words, _ = summary_of(reading(digit(1), digit(4, 0.55)))
    assert words == "Not sure: 4 or 5"


def test_a_non_digit_is_reported_and_does_not_count():
    words, hint = summary_of(reading(digit(1), digit(7, 0.2, accepted=False)))
    assert words == "Almost certain"
    assert hint == (
        "Least certain digit: 1, 99.5%. 1 piece does not look like a digit and is left out"
    )


def test_a_single_non_digit_is_reported_as_on_the_small_canvas():
    words, hint = summary_of(reading(digit(8, 0.2, accepted=False)))
    assert words == REJECTED
    assert hint == "If it is a digit, it is most likely an 8."


@pytest.mark.parametrize("digits", [(), (digit(7, 0.2, accepted=False),) * 2])
def test_ink_without_digits_is_reported(digits):
    assert summary_of(reading(*digits)) == NOTHING


def test_a_blank_wide_canvas_shows_what_to_do(show):
    page = show(None)
    assert answer(page) == ""
    assert HINT in shown(page)
    assert tiles(page) == []
    assert page.title[0].value == "Draw a number"


def test_the_answer_is_the_number_and_each_digit_is_shown_with_its_doubts(show):
    found = reading(digit(1), digit(7, 0.82), digit(5, 0.3, accepted=False), digit(0))
    page = show(found)
    assert answer(page) == "170"
    assert tiles(page) == [
        ["1", "99.5%"],
        ["7", "82.0%", "doubtful"],
        ["5?", "30.0%", "left", "out"],
        ["0", "99.5%"],
    ]
    assert "Probably right" in shown(page)


def test_the_lines_of_an_answer_stay_apart(show):
    page = show(reading(digit(1), digit(7), digit(3, line=1)))
    assert answer(page) == "17\n3"
    assert "--letters:2;--lines:2" in shown(page)


def test_a_non_digit_leaves_the_answer_empty(show):
    page = show(reading(digit(8, 0.2, accepted=False)))
    assert answer(page) == ""
    assert REJECTED in shown(page)
    assert tiles(page) == [["8?", "20.0%", "left", "out"]]


def test_the_rejection_threshold_decides_what_counts(app, predictors, monkeypatch):
    monkeypatch.setattr(number, "detector", lambda: None)  # has a say of its own
    predictors["digit-net"] = test_draw_page.always(1, is_digit=0.1)
    app.session_state["draw_number"] = "A whole number"
    app.session_state["number_drawing"] = drawing((1, "straight"))
    app.run()
    assert answer(app) == ""
    app.select_slider(key="strictness").set_value(-2).run()
    assert answer(app) == "1"


def test_each_kind_of_drawing_is_kept_and_cleared_by_itself(app, real):
    app.session_state["drawing"] = test_draw_page.SEVEN
    app.session_state["number_drawing"] = drawing((1, "straight"), (0, "oval"))
    app.run()
    assert test_draw_page.answer(app) == "7"
    assert app.title[0].value == "Draw a digit"
    app.button_group(key="draw_number").set_value("A whole number").run()
    assert answer(app) == "10"
    app.button(key="draw_clear").click().run()
    assert answer(app) == ""
    assert HINT in shown(app)
    app.button_group(key="draw_number").set_value("One digit").run()
    assert test_draw_page.answer(app) == "7"


def test_the_choice_survives_another_page(app, real):
    app.session_state["number_drawing"] = drawing((1, "straight"), (0, "oval"))
    app.run()
    app.button_group(key="draw_number").set_value("A whole number").run()
    app.switch_page("pages/models.py").run()
    app.switch_page("pages/draw.py").run()
    assert answer(app) == "10"


def test_a_model_that_cannot_be_loaded_is_reported_once(app, monkeypatch):
    def fail(name, _sha256, _folders):
        raise ModelError(f"The model {name} is damaged.")

    monkeypatch.setattr(ui.model_choice, "_load", fail)
    app.session_state["draw_number"] = "A whole number"
    app.session_state["number_drawing"] = drawing((1, "straight"))
    app.run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The model digit-net is damaged."]
