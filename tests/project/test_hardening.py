"""What a hostile browser, file or neighbour may send; each gets a sentence, and harms nobody."""

import contextlib
import json
import re
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from mnist_core import config, serving
from mnist_core.errors import PictureError
from mnist_core.pictures import strokes
from mnist_core.pictures.drawing import REFUSALS, refusal_of
from mnist_core.workspace import Workspace
from ui import drawable, shell
from ui.upload import boxes
from ui.upload.corrections import Correction

PROJECT = Path(__file__).resolve().parents[2]
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
PATHS = st.fixed_dictionaries({"type": st.just("path")}, optional={"path": JSON, "left": JSON})


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.just("objects"), JSON | st.lists(PATHS | JSON, max_size=3)) | JSON)
def test_whatever_a_browser_sends_as_a_drawing_is_read_or_refused(drawing):
    found = []
    with contextlib.suppress(PictureError):
        found = strokes.from_canvas(drawing)
    assert all(path.dtype == np.float32 and path.shape[1] == 2 for path in found)


def a_path(points):
    return {"type": "path", "path": [["M", 0, 0]] + [["L", n % 90, n % 70] for n in range(points)]}


@pytest.mark.parametrize(
    "objects",
    [
        [a_path(2)] * (config.MAX_STROKES + 1),
        [a_path(config.MAX_POINTS)],
    ],
    ids=["strokes", "points"],
)
def test_a_drawing_too_large_to_be_one_is_refused_at_once(objects):
    with pytest.raises(PictureError, match="A drawing has at most"):
        strokes.from_canvas({"objects": objects})


@pytest.mark.parametrize(
    "numbers", [[1e999, 0], [0, float("nan")], [1e300, 1], [3e5, 0], ["1", {}]]
)
def test_a_drawing_with_points_that_are_nowhere_is_refused(numbers):
    item = {"type": "path", "path": [["M", 0, 0], ["L", *numbers]]}
    with pytest.raises(PictureError, match="not a drawing of the canvas"):
        strokes.from_canvas({"objects": [item]})


def as_text(objects) -> str:
    return json.dumps({"drawing": {"raw": {"objects": objects}}})


REFUSED = {
    "large": [
        as_text([a_path(2)] * (4 * config.MAX_STROKES)),
        as_text([a_path(config.MAX_POINTS + 2 * config.MAX_STROKES)]),
        as_text("a" * config.MAX_DRAWING),
    ],
    "nested": ["[" * 5000, '{"drawing":' * 1000 + "1" + "}" * 1000],
    "numbers": [as_text([float("nan")]), as_text({"left": -float("inf")}), '{"drawing":\nNaN}'],
}


@pytest.mark.parametrize(("refusal", "text"), [(r, t) for r, ts in REFUSED.items() for t in ts])
def test_a_message_that_is_no_drawing_is_refused_before_it_is_parsed(refusal, text):
    assert refusal_of(text) == refusal
    with pytest.raises(PictureError, match="Clear it and draw again"):
        strokes.from_canvas({"refused": refusal})


def test_the_largest_drawing_is_not_refused():
    stroke = a_path(config.MAX_POINTS // config.MAX_STROKES - 1)
    text = as_text([stroke] * config.MAX_STROKES)
    assert refusal_of(text) == ""
    assert len(strokes.from_canvas(json.loads(text)["drawing"]["raw"])) == config.MAX_STROKES


def received(**value):
    """Return what Streamlit holds of a widget after a message."""
    states, session = WidgetStates(), SessionState()
    states.widgets.add(id="canvas", **value)
    session.set_widgets_from_proto(states)
    return session._new_widget_state.states["canvas"].value


@pytest.mark.parametrize(
    "sent",
    ["NaN", "[" * 5000, '"' + "a" * config.MAX_DRAWING + '"'],
    ids=["number", "nested", "large"],
)
def test_streamlit_gets_no_json_that_was_not_checked(sent):
    shell.bound_messages()
    text = f'{{"drawing": {sent}}}'
    drawing, trigger = received(json_value=text), received(json_trigger_value=text)
    assert drawable.drawn(json.loads(drawing.json_value))["refused"] in REFUSALS
    assert trigger.json_trigger_value == "[]"


@pytest.mark.parametrize("count", [shell.MAX_WIDGETS + 1, 1])
def test_a_message_that_is_too_large_is_not_looked_at(count):
    shell.bound_messages()
    states = WidgetStates()
    for number in range(count):
        states.widgets.add(id=str(number), string_value="a" * (4_000_000 // count))
    session = SessionState()
    session.set_widgets_from_proto(states)
    assert not session._new_widget_state.states
    assert session["refused_message"]


@pytest.mark.parametrize("raw", [None, 3, "text", [1], {"objects": 1}, {"objects": [1, None]}])
def test_what_is_no_drawing_has_no_boxes(raw):
    drawing = drawable.drawn({"drawing": {"raw": raw}}) or {}
    result = types.SimpleNamespace(width=90, height=90)
    wrong = [{"type": "LabeledRect", "left": 1e999, "top": 0, "width": 9, "height": 9}]
    for found in (drawing, {"objects": wrong}, {"objects": [{"type": "LabeledRect"}]}):
        correction = boxes.from_drawing(found, Correction(None, {}), (), result, 1.0)
        assert correction == Correction(None, {})
    assert drawable.drawn({"drawing": raw}) is None


def test_the_app_is_told_to_check_messages():
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.session_state["refused_message"] = True
    app.run()
    assert not app.exception
    assert [error.value for error in app.error] == [shell.TOO_MUCH]
    app.run()
    assert not app.error
    assert SessionState.set_widgets_from_proto.__module__ == "ui.shell"


def test_the_limits_in_security_md_are_those_of_the_code():
    text = (PROJECT / "SECURITY.md").read_text("utf-8")
    documented = dict(re.findall(r"`(MAX_\w+)` \| ([\d,]+) \|", text))
    limits = {name: f"{value:,}" for name, value in vars(config).items() if "MAX_" in name}
    assert documented == limits


@pytest.mark.parametrize("page", ["draw", "upload", "robustness", "training", "models"])
def test_absurd_addresses_open_every_page(page):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    for name in ("model", "models", "corruption", "severity", "seed", "run", "tab", "page"):
        app.query_params[name] = "<script>alert(1)</script>/../../etc/passwd\x00=1" * 20
    app.run()
    if page != "draw":
        app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert not any("<script>" in shown.proto.body for shown in app.get("html"))


def test_deleting_a_model_does_not_follow_a_link_out_of_the_folder(tmp_path):
    outside, models = tmp_path / "outside", tmp_path / "models"
    outside.mkdir()
    models.mkdir()
    (outside / "precious.txt").write_text("kept")
    (models / "linked").symlink_to(outside, target_is_directory=True)
    serving.delete_model("linked", workspace=Workspace(models))
    assert not (models / "linked").is_symlink()
    assert (outside / "precious.txt").read_text() == "kept"
