"""What the documents show is what the code does."""

import importlib
import inspect
import io
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from mnist_core import config, corruptions, networks, serving
from mnist_core.corruptions import table
from mnist_core.pictures import formats
from mnist_core.pictures.imaging import open_picture
from mnist_core.training import rebalancing
from mnist_core.training.config import RECIPES, recipe_of
from mnist_core.training.export import descriptions
from mnist_core.workspace import WORKSPACE, Workspace
from tests.corruptions import test_corruptions
from tests.project import test_architecture
from tests.ui.test_draw_page import shown
from ui.frame import PAGES
from ui.robustness.tabs import TABS
from ui.training.presets import PRESETS

PROJECT = Path(__file__).resolve().parents[2]
CONTRIBUTING = (PROJECT / "CONTRIBUTING.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)


def run(number):
    """Run a block of code of CONTRIBUTING.md; return the names that it has defined."""
    names = {}
    exec(compile(BLOCKS[number], f"CONTRIBUTING.md, block {number}", "exec"), names)
    return names


def arrows():
    """Return who imports whom in mnist_core, without what follows from other arrows."""
    rooms = test_architecture.rooms("mnist_core") - {"cli"}
    direct = {name: set() for name in rooms}
    for path in test_architecture.CORE:
        if (name := test_architecture.room(path)) in rooms:
            direct[name] |= test_architecture.used_rooms(path, "mnist_core")

    def reached(name):
        return direct[name].union(*map(reached, direct[name]))

    return {
        (name, other)
        for name in rooms
        for other in direct[name]
        if not any(other in reached(between) for between in direct[name] - {other})
    }


def test_the_picture_of_imports_is_that_of_the_code():
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    shown = set(re.findall(r"^    (\w+) --> (\w+)$", text, re.MULTILINE))
    expected = arrows()
    right = "\n".join(f"    {a} --> {b}" for a, b in sorted(expected))
    assert shown == expected, f"The picture has to be:\n{right}"


def pages_of_text():
    """Return the documents but that of the architecture, whose names have a test of their own."""
    docs = [*PROJECT.glob("docs/*.md"), *PROJECT.glob("*.md")]
    return sorted(str(path.relative_to(PROJECT)) for path in docs if path.stem != "architecture")


@pytest.mark.parametrize("page", pages_of_text())
def test_what_a_page_names_is_there(page):
    text = (PROJECT / page).read_text("utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)", text)
    paths = re.findall(r"`((?:mnist_core|ui|tests|benchmarks|docs|deploy|pages)/[\w/.]*)`", text)
    folder = (PROJECT / page).parent
    missing = [name for name in links if not (folder / name).exists()]
    missing += [name for name in paths if not (PROJECT / name).exists()]
    assert not missing


def test_the_links_of_the_lessons_open_what_they_promise():
    texts = [path.read_text("utf-8") for path in sorted((PROJECT / "docs").glob("lesson_*.md"))]
    links = re.findall(r"http://localhost:8501(/\w*)(?:\?([^)]*))?\)", " ".join(texts))
    assert len(texts) == 3
    assert len(links) > 8
    for path, query in links:
        assert path in {page.path for page in PAGES}
        asked = dict(parse_qsl(query, strict_parsing=bool(query)))
        assert set(asked) <= {"corruption", "severity", "models", "preset", "tab"}
        assert asked.get("tab", "all") in TABS
        assert asked.get("preset", "quick") in PRESETS
        assert asked.get("corruption", "fog") in corruptions.ALL_CORRUPTIONS
        assert 0 <= float(asked.get("severity", 0)) <= 1
        assert set(asked.get("models", "digit-net").split(",")) <= set(config.SHIPPED_MODELS)


def test_the_architecture_page_names_what_is_there():
    text = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    named = re.findall(r"`((?:mnist_core|ui)/[\w/]*(?:\.py)?)(?:::(\w+))?`", text)
    assert sum(bool(name) for _, name in named) > 15
    for path, name in named:
        assert (PROJECT / path).exists(), path
        if name:
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            assert hasattr(importlib.import_module(module), name), f"{path}::{name}"


def test_the_readme_starts_and_tests_with_one_command_each():
    lines = (PROJECT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) < 200
    assert "pip install -r requirements.txt && streamlit run app.py" in lines
    assert "pip install -r requirements-dev.txt && pytest" in lines


def test_the_corruption_of_the_guide_works(digits):
    (vignette,) = run(0)["LIGHT"]
    assert vignette.title == "Vignette"
    assert "severity 0.5" in vignette.description
    rng = np.random.default_rng(0)
    none, some, all_of_it = (vignette.apply(digits, np.full(10, s), rng) for s in (0, 0.5, 1))
    assert np.array_equal(none, digits)
    assert 0 <= all_of_it.min() <= all_of_it.max() <= 1
    assert all_of_it.sum() < some.sum() < digits.sum()


@pytest.mark.parametrize(
    "check",
    [
        test_corruptions.test_severity_0_changes_nothing,
        test_corruptions.test_the_lowest_severities_hardly_change_anything,
        test_corruptions.test_shape_type_range_and_input_are_kept,
        test_corruptions.test_corruption_grows_with_severity,
        test_corruptions.test_the_same_seed_gives_the_same_pixels,
        test_corruptions.test_another_seed_gives_other_pixels_where_a_corruption_is_random,
        test_corruptions.test_no_images_are_no_error,
        test_corruptions.test_blank_and_full_images_stay_numbers,
        test_corruptions.test_titles_and_descriptions_are_for_people,
        test_corruptions.test_no_severity_makes_subnormal_numbers,
    ],
    ids=lambda check: check.__name__,
)
def test_the_corruption_of_the_guide_keeps_the_contract(monkeypatch, digits, check):
    (vignette,) = run(0)["LIGHT"]
    monkeypatch.setitem(corruptions.CORRUPTIONS, vignette.name, vignette)
    monkeypatch.setattr(table, "ALL_CORRUPTIONS", (*corruptions.ALL_CORRUPTIONS, vignette.name))
    # The checks go through the tables of their module: there it is the only one.
    monkeypatch.setattr(test_corruptions, "CORRUPTIONS", {vignette.name: vignette})
    monkeypatch.setattr(test_corruptions, "ALL_CORRUPTIONS", (vignette.name,))
    images = {"digits": digits, "many": np.tile(digits, (4, 1, 1))}
    check(**{name: images[name] for name in inspect.signature(check).parameters})


def test_the_architecture_of_the_guide_works():
    (record,) = run(1)["CONVOLUTIONAL"]
    model = record.build()
    assert model.input_shape == (None, config.IMAGE_SIZE, config.IMAGE_SIZE)
    assert model.output_shape == (None, config.CLASSES)
    assert model.count_params() == 25 * 8 + 8 + 12 * 12 * 8 * 10 + 10
    assert record.title == "One convolution and a dense layer."
    assert record.source == "written for this page."


@pytest.fixture
def guides_architecture(monkeypatch):
    """The record of the guide's network, in the tables as if it stood in its module."""
    (record,) = run(1)["CONVOLUTIONAL"]
    monkeypatch.setitem(networks.ARCHITECTURES, record.name, record)
    monkeypatch.setitem(RECIPES, record.name, recipe_of(record))
    monkeypatch.setattr("ui.training.obstacle.ensure_mnist", lambda *_: True)  # as if it were there
    return record


def test_the_architecture_of_the_guide_can_be_chosen_on_the_training_page(
    guides_architecture, tmp_path
):
    record = guides_architecture
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30)
    app.session_state["workspace"] = replace(WORKSPACE, runs=tmp_path)
    page = app.run().switch_page("pages/training.py").run()
    page.selectbox(key="train_architecture").set_value(record.name).run()
    assert not page.exception
    assert not page.error
    assert any(record.summary in caption.value for caption in page.caption)
    assert page.number_input(key="train_epochs").value == record.trial_epochs
    assert page.segmented_control(key="train_augmentation").value == "affine"
    assert re.search(r"about .* (seconds|minutes)", " ".join(text.value for text in page.markdown))
    assert "--arch tiny-cnn --name my-tiny-cnn" in page.code[0].value
    assert "Shown after its first training." in shown(page)


def test_a_model_of_the_guides_architecture_is_its_owners(guides_architecture, tmp_path):
    record = guides_architecture
    network = record.build()
    workspace = Workspace(tmp_path / "models", tmp_path / "runs")
    card = serving.load_card("digit-net")
    layers = descriptions.describe_layers(network)
    tiny = replace(card, name=record.name, architecture=record.name, layers=layers)
    contents = {"model.keras": b"weights", "model.tflite": b"compiled weights"}
    serving.save_model(
        replace(tiny, parameters=network.count_params()), contents, workspace=workspace
    )
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30)
    app.session_state["workspace"] = workspace
    page = app.run().switch_page("pages/training.py").run()
    page.selectbox(key="train_architecture").set_value(record.name).run()
    assert not page.exception
    assert f"{network.count_params():,} weights" in shown(page)
    assert "after its first training" not in shown(page)
    assert "The app's own model" not in " ".join(caption.value for caption in page.caption)
    page.selectbox(key="train_architecture").set_value("digit-net").run()
    assert "Shown after its first training." in shown(page)
    assert not serving.is_shipped(record.name)
    serving.delete_model(record.name, workspace=workspace)
    assert not serving.list_models(workspace=workspace)


def test_the_page_of_the_guide_works(tmp_path):
    (tmp_path / "layers.py").write_text(BLOCKS[3])
    frame = f"""
        import streamlit as st

        from ui import model_choice, shell

        page = st.navigation([st.Page({str(tmp_path / "layers.py")!r}, title="Layers")])
        model_choice.choose_model()
        shell.run_page(page)
    """
    app = AppTest.from_string(inspect.cleandoc(frame), default_timeout=30).run()
    assert not app.exception
    assert app.title[0].value == "Layers"
    assert "weights" in " ".join(text.value for text in app.markdown)


def test_the_picture_format_of_the_guide_works(monkeypatch):
    ppm = run(4)["PPM"]
    monkeypatch.setitem(formats.FORMATS, ppm.decoder, ppm)
    content = io.BytesIO()
    Image.new("RGB", (30, 20), "navy").save(content, "PPM")
    assert formats.recognise(content.getvalue())[0] == "a PPM picture"
    assert open_picture(content.getvalue()).pixels.shape == (20, 30, 3)


def test_the_rebalancing_method_of_the_guide_works():
    (method,) = run(2)["REBALANCING_METHODS"].values()
    assert isinstance(method, rebalancing.RebalancingMethod)
    counts = np.array([5000, 50, *[500] * 8])
    weights = method.weights(counts, 1.0)
    assert weights[1] > weights[2] > weights[0]
    assert (weights * counts).sum() / counts.sum() == pytest.approx(1)
