"""Look inside: nothing before a person asks, then the path, the maps, and one of them in words."""

import json

import cv2
import numpy as np
import pytest

import ui.draw.inside
import ui.draw.layer_view
from mnist_core.errors import ModelError
from mnist_core.serving import Inside, Layer
from mnist_core.serving.inside import WHOLE_PIXELS
from mnist_core.workspace import WORKSPACE
from tests.ui import test_draw_page
from tests.ui.test_draw_page import SEVEN, shown
from ui.draw.inside import BRIGHT, BRIGHT_NUMBER, INSIDE, LAYER, MAPS, NOTHING
from ui.draw.map_details import brightness, details
from ui.draw.maps import all_maps, columns, over_drawing, small, spread_out

app, predictors = test_draw_page.app, test_draw_page.predictors


def view(app) -> dict | None:
    """What the browser is given to show; None if nothing is."""
    found = [e.proto for e in app.main.get("bidi_component") if "layers" in e.proto.component_name]
    return json.loads(json.loads(found[0].json)["view"]) if found else None


def a_layer(maps: np.ndarray, kind: str = "Conv2D", sight=WHOLE_PIXELS) -> Layer:
    return Layer(kind, np.asarray(maps, np.float32), 1.0, None, sight)


def test_nothing_is_loaded_before_a_person_asks(app, monkeypatch):
    def load(*_):
        raise AssertionError("loaded while closed")

    monkeypatch.setattr(ui.draw.inside, "_inside", load)
    app.session_state["drawing"] = SEVEN
    app.run()
    assert not app.exception
    assert view(app) is None


def test_a_blank_canvas_has_nothing_to_look_into(app):
    app.session_state[INSIDE] = True
    app.run()
    assert NOTHING in shown(app)
    assert view(app) is None


def test_the_path_leads_from_the_drawing_to_the_answer(app):
    app.session_state["drawing"], app.session_state[INSIDE] = SEVEN, True
    app.query_params["model"] = "cnn-three"
    app.run()
    assert not app.exception
    seen = view(app)
    names = [step["short"] for step in seen["steps"]]
    assert names == [
        *("Picture", "Conv 1", "Pool 1", "Conv 2", "Pool 2", "Conv 3", "Dense 1", "Answer"),
    ]
    assert seen["steps"][2]["size"] == ["32 maps", "13 × 13"]
    assert seen["steps"][-1]["answer"] == "3"  # as this one reads everything
    assert all(step["picture"].startswith("data:image/png") for step in seen["steps"][:-1])
    assert seen["layer"] == 0
    assert (seen["grid"]["count"], seen["grid"]["columns"]) == (32, 6)
    assert seen["hint"] == BRIGHT
    assert "3 × 3 weights" in seen["details"]


def test_another_stroke_changes_the_maps_and_keeps_the_choice(app):
    app.session_state["drawing"], app.session_state[INSIDE] = SEVEN, True
    app.run()
    before = view(app)
    path = {**SEVEN["objects"][0], "path": [["M", 60, 60], ["L", 60, 220]]}
    app.session_state["drawing"] = {"objects": [*SEVEN["objects"], path]}
    app.run()
    after = view(app)
    assert after["grid"]["picture"] != before["grid"]["picture"]
    assert after["grid"]["chosen"] == before["grid"]["chosen"]


def test_another_layer_and_map_are_chosen(app, predictors):
    app.session_state["drawing"], app.session_state[INSIDE] = SEVEN, True
    app.session_state[LAYER] = 5
    app.query_params["model"] = "cnn-three"
    app.run()
    seen = view(app)
    assert seen["grid"]["count"] == 64
    assert seen["hint"] == BRIGHT_NUMBER
    (key,) = app.session_state[MAPS]
    app.session_state[MAPS] = {key: 9}
    app.run()
    seen = view(app)
    assert seen["grid"]["chosen"] == 9
    assert "Number 10 of 64, Dense 1" in seen["details"]


@pytest.mark.parametrize("wrong", [-4, 99, 10**12])
def test_a_layer_or_map_that_is_not_there_does_no_harm(app, wrong):
    app.session_state["drawing"], app.session_state[INSIDE] = SEVEN, True
    app.session_state[LAYER] = wrong
    app.run()
    assert not app.exception
    ((version, layer),) = app.session_state[MAPS]
    app.session_state[MAPS] = {(version, layer): abs(wrong)}
    app.run()
    assert not app.exception
    assert 0 <= view(app)["grid"]["chosen"] < view(app)["grid"]["count"]


def test_what_the_browser_says_is_taken_only_if_it_is_a_choice():
    class Held:
        chosen = None

    taken = []
    for chosen in (
        None,
        "3",
        {"layer": "0", "map": 1},
        {"layer": True},
        {"map": 2},
        {"layer": 2.5},
    ):
        Held.chosen = chosen
        ui.draw.layer_view.take_choice(Held, lambda *choice: taken.append(choice))
    assert not taken
    Held.chosen = {"layer": 2, "map": None}
    ui.draw.layer_view.take_choice(Held, lambda *choice: taken.append(choice))
    assert taken == [(2, None)]


def test_a_model_that_cannot_be_looked_into_gives_a_sentence(app, monkeypatch):
    def load(*_):
        raise ModelError("LiteRT cannot show the layers of this model.")

    monkeypatch.setattr(ui.draw.inside, "_inside", load)
    app.session_state["drawing"], app.session_state[INSIDE] = SEVEN, True
    app.run()
    assert not app.exception
    assert any("cannot show the layers" in error.value for error in app.error)


def test_all_maps_are_one_picture():
    maps = np.zeros((5, 7, 7))
    maps[3, 2, 4] = 1
    drawn = all_maps(a_layer(maps))
    assert columns(5) == 5
    assert drawn.shape == (16, 5 * 16, 4)
    rows, across = np.nonzero(drawn[..., 0])
    assert (rows.min(), rows.max(), across.min() - 3 * 16, across.max() - 3 * 16) == (4, 5, 8, 9)
    assert drawn[:14, :14, 3].min() == 255
    assert not drawn[14:, :, 3].any()


def test_a_row_of_numbers_is_a_square():
    numbers = np.linspace(0, 1, 6).reshape(6, 1, 1)
    assert small(a_layer(numbers, "Dense", None)).shape == (3, 3)
    assert columns(64) == 8
    assert columns(200) == 15


def test_a_map_is_spread_over_the_middle_of_what_it_sees():
    chosen = np.zeros((12, 12))
    chosen[0, 11] = 1
    sight = WHOLE_PIXELS.through((28, 28), (12, 12), (5, 5))  # every second place, unpadded
    spread = spread_out(chosen, sight)
    rows, across = np.nonzero(spread)
    assert (rows.min(), rows.max()) == (1, 2)  # the middle of rows 0 to 4 is row 2
    assert (across.min(), across.max()) == (23, 24)


def test_a_frame_lies_around_what_is_seen():
    drawn = over_drawing(np.zeros((28, 28)), np.zeros((28, 28)), (2, 3, 7, 8))
    rows, across = np.nonzero(drawn.any(axis=2))
    assert (rows.min(), rows.max(), across.min(), across.max()) == (16, 55, 24, 63)


def test_brightness_is_said_in_words():
    values = np.zeros((14, 14))
    assert brightness(values) == "dark"
    values[13, 0] = 0.5
    assert brightness(values) == "brightest at the bottom left, 50%"
    assert brightness(np.array([[0.25]])) == "brightness 25%"


@pytest.mark.parametrize("name", ["dense-five", "lenet-two", "digit-net"])
def test_every_layer_of_every_kind_has_details(name):
    inside = Inside((WORKSPACE.models / name / "model.tflite").read_bytes())
    drawn = np.zeros((28, 28), np.uint8)
    cv2.putText(drawn, "3", (6, 23), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2)
    image = drawn.astype(np.float32) / 255
    layers = inside(image)
    names = ui.draw.inside.names_of(layers)
    told = [
        details(image, inside, layers, names, (number, int(layer.maps.max(axis=(1, 2)).argmax())))
        for number, layer in enumerate(layers[:-1])
    ]
    assert len(set(told)) == len(told)
    assert "Its vote." in told[-1]
    assert ("The average of map" in told[-1]) == (name == "digit-net")
    assert all(text.count("<img") == text.count("alt=") for text in told)
    blank = inside(np.zeros_like(image))
    assert details(image, inside, blank, names, (0, 0))
