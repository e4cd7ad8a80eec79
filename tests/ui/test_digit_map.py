"""Where a digit lies: what the browser is given, in words, and without a map or MNIST."""

import base64
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui.digit_map
from mnist_core import serving
from mnist_core.errors import DataError
from tests.ui import test_draw_page, test_why
from tests.ui.test_draw_page import SEVEN, shown
from ui.digit_map import NO_STAR, POINTED, STAR, TITLE, WANTED
from ui.mnist import Digits

app, predictors, learned = test_draw_page.app, test_draw_page.predictors, test_why.learned


def page(name: str, number: int | None) -> None:
    """Show the map of a shipped model with one of the digits that it keeps."""
    from mnist_core.serving import load_card, load_replay
    from ui.digit_map import show_digit_map

    card = load_card(name)
    kept = load_replay(card)
    features = None if number is None else kept.features[number : number + 1]
    show_digit_map(card, features, None if number is None else int(kept.labels[number]))


def visit(name: str, number: int | None = None) -> AppTest:
    return AppTest.from_function(page, args=(name, number), default_timeout=20)


def view(app: AppTest) -> dict:
    (found,) = (e.proto for e in app.main.get("bidi_component"))
    return json.loads(json.loads(found.json)["view"])


@pytest.fixture
def digits(monkeypatch) -> Digits:
    """Grey squares in the place of the test digits, each brighter than the one before."""
    images = np.arange(10_000).reshape(-1, 1, 1) % 200 * np.ones((1, 28, 28), int)
    found = Digits(images.astype(np.uint8), np.zeros(10_000, np.uint8), "made")
    monkeypatch.setattr(ui.digit_map, "tested", lambda: found)
    monkeypatch.setattr(ui.digit_map, "local_copy", lambda: "mnist.npz")
    return found


def test_a_digit_is_a_star_among_its_neighbours(digits):
    app = visit("digit-net", 3).run()
    assert not app.exception
    seen = view(app)
    known = serving.load_digit_map(serving.load_card("digit-net"))
    assert known.labels[seen["near"]].tolist() == [0] * 5
    assert np.abs(known.points[seen["near"]] - seen["star"]).max() < 0.2
    assert STAR in shown(app)
    assert "All 5 of the most similar test digits are 0s." in shown(app)
    assert seen["pictures"]
    assert seen["tip"] is None


def test_the_browser_gets_coordinates_labels_and_answers(digits):
    content = base64.b64decode(view(visit("dense-five").run())["points"])
    known = serving.load_digit_map(serving.load_card("dense-five"))
    points = np.frombuffer(content[:20_000], "<u2").reshape(-1, 2) / 65_535
    assert points == pytest.approx(known.points, abs=1e-4)
    assert content[20_000:25_000] == known.labels.tobytes()
    assert content[25_000:] == known.answers.tobytes()


def test_a_dot_that_is_pointed_at_shows_its_digit(digits):
    app = visit("digit-net")
    pictures = []
    for place in (7, 8):
        app.session_state[POINTED] = place
        pictures.append(view(app.run())["tip"])
    assert [tip["index"] for tip in pictures] == [7, 8]
    assert pictures[0]["picture"] != pictures[1]["picture"]
    assert NO_STAR in shown(app)


@pytest.mark.parametrize("wrong", [-1, 5000, 2.5, "7", True, None, [1]])
def test_what_is_no_dot_shows_nothing(digits, wrong):
    app = visit("digit-net")
    app.session_state[POINTED] = wrong
    app.run()
    assert not app.exception
    assert view(app)["tip"] is None


def test_without_mnist_the_dots_have_no_pictures(monkeypatch):
    monkeypatch.setattr(ui.digit_map, "local_copy", lambda: None)
    monkeypatch.setattr(ui.digit_map, "tested", lambda: None)
    app = visit("digit-net")
    app.session_state[POINTED] = 3
    app.run()
    assert WANTED in shown(app)
    assert not view(app)["pictures"]


def test_a_damaged_mnist_is_reported(digits, monkeypatch):
    def fail():
        raise DataError("The file is damaged.")

    monkeypatch.setattr(ui.digit_map, "tested", fail)
    app = visit("digit-net")
    app.session_state[POINTED] = 3
    assert "The file is damaged." in shown(app.run())


def test_a_model_without_a_map_names_the_command(app, learned):
    app.session_state["drawing"], app.session_state["why"] = SEVEN, True
    app.run()
    assert not app.exception
    assert TITLE in [heading.value for heading in app.header]
    assert "`python -m mnist_core export --map --model digit-net`" in shown(app)
