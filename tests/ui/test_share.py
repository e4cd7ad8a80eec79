"""A drawing in a link: made on the draw page, opened there, and what else may come."""

from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.config import MAX_LINK
from mnist_core.pictures.packing import pack
from mnist_core.pictures.strokes import Stroke, strokes_of
from tests.ui import test_draw_page
from tests.ui.test_draw_page import SEVEN, always, answer, shown
from ui.draw.share import STORED_NOWHERE, TAUGHT
from ui.taught import TaughtDigit

app, predictors = test_draw_page.app, test_draw_page.predictors
DAMAGED = "The drawing in this link is damaged"


def link(app: AppTest) -> dict[str, str]:
    """Return what the link of the page asks for, by name."""
    (code,) = app.code
    assert len(code.value) < MAX_LINK
    return dict(parse_qsl(urlsplit(code.value).query))


def opened(asked: dict[str, str]) -> AppTest:
    """Open a link in a fresh visit."""
    other = AppTest.from_file(str(test_draw_page.PROJECT / "app.py"), default_timeout=20)
    for name, value in asked.items():
        other.query_params[name] = value
    other.run()
    assert not other.exception
    return other


def test_a_link_opens_with_the_same_drawing_and_answer(app, predictors):
    predictors["cnn-three"] = always(3, 0.9, is_digit=0.5)
    app.session_state["drawing"] = SEVEN
    app.query_params["model"] = "cnn-three"
    app.run()
    app.select_slider(key="strictness").set_value(1).run()
    assert STORED_NOWHERE in [caption.value for caption in app.caption]
    other = opened(link(app))
    assert not other.warning
    assert other.selectbox(key="model_choice").value == "cnn-three"
    assert other.select_slider(key="strictness").value == 1
    assert "does not look like a digit" in shown(app)
    assert "does not look like a digit" in shown(other)
    (before,), (after,) = (strokes_of(a.session_state["drawing"]) for a in (app, other))
    assert after.pen == before.pen
    assert after.points == pytest.approx(before.points, abs=0.1)
    assert link(other) == link(app)


def test_a_link_of_a_number_opens_the_wide_canvas(app):
    app.session_state["draw_number"] = "A whole number"
    app.session_state["number_drawing"] = SEVEN
    app.run()
    asked = link(app)
    assert list(asked) == ["number"]
    other = opened(asked)
    assert other.title[0].value == "Draw a number"
    assert len(strokes_of(other.session_state["number_drawing"])) == 1
    assert "drawing" not in other.session_state


def test_the_owner_of_trainings_is_not_in_the_link(app):
    app.session_state["drawing"] = SEVEN
    app.query_params["owner"] = "a" * 32
    app.run()
    assert list(link(app)) == ["digit"]


def test_the_address_holds_the_drawing_until_it_is_changed(app):
    asked = pack(strokes_of(SEVEN))
    app.query_params["digit"], app.query_params["threshold"] = asked, "-1"
    app.run()
    app.selectbox(key="model_choice").set_value("cnn-three").run()
    assert app.query_params["digit"] == asked
    app.button(key="draw_clear").click().run()
    assert answer(app) == ""
    assert set(app.query_params) == {"model"}
    app.query_params["digit"] = asked  # nobody has come with it
    app.run()
    assert answer(app) == ""


def test_another_threshold_is_another_link(app):
    app.query_params["digit"] = pack(strokes_of(SEVEN))
    app.run()
    app.select_slider(key="strictness").set_value(2).run()
    assert "digit" not in app.query_params
    assert link(app)["threshold"] == "2"


@pytest.mark.parametrize("parameter", ["digit", "number"])
@pytest.mark.parametrize(
    "text",
    ["x", "<script>", "A" * 5000, pack(strokes_of(SEVEN))[:-4]],
    ids=["letter", "markup", "long", "cut off"],
)
def test_a_damaged_link_gets_a_sentence_and_the_page_works(predictors, parameter, text):
    app = opened({parameter: text, "threshold": "nan"})
    assert DAMAGED in shown(app)
    assert answer(app) == ""
    assert DAMAGED in shown(app.run()), "nothing is drawn yet"
    app.session_state["drawing"] = SEVEN
    app.run()
    assert answer(app) == "7"
    assert DAMAGED not in shown(app)
    app.session_state["drawing"] = None
    assert DAMAGED not in shown(app.run())


@pytest.mark.parametrize("threshold", ["9", "1.0", "", "x"])
def test_a_threshold_that_is_none_is_passed_over(predictors, threshold):
    app = opened({"digit": pack(strokes_of(SEVEN)), "threshold": threshold})
    assert app.select_slider(key="strictness").value == 0
    assert answer(app) == "7"


def test_a_drawing_too_long_for_a_link_gets_a_sentence(app):
    places = np.random.default_rng(0).integers(0, 280, (3000, 2)).tolist()
    long = {**SEVEN["objects"][0], "path": [["M", 0, 0], *(["L", *place] for place in places)]}
    app.session_state["drawing"] = {"objects": [long]}
    app.run()
    assert not app.code
    (warning,) = app.warning
    assert "too long for a link, which has at most 2,000 characters" in warning.value
    assert len(app.get("download_button")) == 1


def test_nothing_to_share_on_a_blank_canvas(app):
    app.run()
    assert not app.code
    assert not app.get("download_button")


def test_what_was_taught_is_not_in_the_link(app, monkeypatch):
    app.session_state["drawing"] = SEVEN
    app.session_state["taught"] = [TaughtDigit(np.zeros((28, 28), np.uint8), 7, "one")]
    app.run()
    assert not any(TAUGHT in caption.value for caption in app.caption)  # these models learn nothing
    monkeypatch.setattr("ui.draw.share.is_used", lambda _card: True)
    app.run()
    assert any(TAUGHT in caption.value for caption in app.caption)


def test_the_shortest_strokes_survive(predictors):
    dots = [Stroke(np.float32([[140, 140]]), 18), Stroke(np.float32([[40, 40], [40, 40]]), 6)]
    app = opened({"digit": pack(dots)})
    assert [stroke.pen for stroke in strokes_of(app.session_state["drawing"])] == [18, 6]
