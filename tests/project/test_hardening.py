"""What a hostile browser, file or neighbour may send; each gets a sentence, and harms nobody."""

import contextlib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from mnist_core import config, serving
from mnist_core.errors import PictureError
from mnist_core.pictures import strokes
from mnist_core.workspace import Workspace

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


def test_the_limits_in_security_md_are_those_of_the_code():
    text = (PROJECT / "SECURITY.md").read_text("utf-8")
    documented = dict(re.findall(r"`(MAX_\w+)` \| ([\d,]+) \|", text))
    limits = {name: f"{value:,}" for name, value in vars(config).items() if "MAX_" in name}
    assert documented == limits


@pytest.mark.parametrize("page", ["draw", "upload", "robustness", "training", "models"])
def test_absurd_addresses_open_every_page(page):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    for name in ("model", "models", "corruption", "severity", "seed", "run", "runs", "page"):
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
