"""Figures that come with models: they spare measuring, and only where they hold."""

import numpy as np
import pytest

from mnist_core import cli, serving
from mnist_core.config import SHIPPED_MODELS
from mnist_core.evaluation import robustness, stored
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.measurements import Measurements, Point
from mnist_core.evaluation.robustness import CLEAN
from mnist_core.workspace import WORKSPACE, Workspace

LABELS = (np.arange(200) % 10).astype(np.uint8)
ANSWERS = Measured.of(np.eye(10)[np.roll(LABELS, 3) % 10], LABELS)
FOG = "fog", 0.25


@pytest.fixture
def models(tmp_path):
    """A folder with the figures of a model, measured on weights of version "abc"."""
    path = tmp_path / "models" / "some-net" / stored.FILE
    path.parent.mkdir(parents=True)
    stored.store_figures(path, "abc", LABELS, [(FOG, ANSWERS)])
    return Workspace.inside(tmp_path)


def find(workspace, *, version="abc", corruption="fog", severity=0.25, seed=0, labels=LABELS):
    point = Point.of("some-net", version, corruption, severity, seed)
    return stored.StoredFigures(workspace, labels).find(point)


def test_figures_come_back_as_they_were_measured(models):
    found = find(models)
    assert found.report == ANSWERS.report
    assert found.digits.dtype == np.uint8
    assert np.array_equal(found.digits, ANSWERS.digits)


def test_figures_of_something_else_are_passed_over(models):
    assert find(models, version="other weights") is None
    assert find(models, corruption="rotate") is None
    assert find(models, severity=0.5) is None
    assert find(models, seed=1) is None
    assert find(models, labels=LABELS[::-1]) is None


@pytest.mark.parametrize("content", [b"", b"\x93abc", b"\x81\xa1a\xff" * 9, b"\xc1"])
def test_a_damaged_file_is_passed_over(models, content):
    (models.models / "some-net" / stored.FILE).write_bytes(content)
    assert find(models) is None


def test_what_is_stored_is_not_measured(models):
    begun = []
    known = Point.of("some-net", "abc", *FOG, seed=0)
    new = Point.of("some-net", "abc", "fog", 0.3, seed=0)

    def measure(point):
        begun.append(point)
        yield np.eye(10)[LABELS]

    store = Measurements(measure, LABELS, stored=stored.StoredFigures(models, LABELS).find)
    assert store.known(known).report == ANSWERS.report
    assert store.known(new) is None
    assert store.measure(known, lambda *_: None).report == ANSWERS.report
    store.measure(new, lambda *_: None)
    assert begun == [new]


def test_the_command_stores_what_the_page_would_measure(tmp_path, monkeypatch, capsys, small_mnist):
    images, labels = small_mnist.test.images[:40] / np.float32(255), small_mnist.test.labels[:40]
    monkeypatch.setattr("mnist_core.cli.robustness.load_labelled", lambda _: (images, labels))
    monkeypatch.setattr(stored, "conditions", lambda: [(CLEAN, 0.0), FOG])
    source = WORKSPACE.models / "dense-five"
    folder = tmp_path / "models" / "dense-five"
    folder.mkdir(parents=True)
    for file in source.iterdir():
        (folder / file.name).symlink_to(file) if file.name != stored.FILE else None
    arguments = ["robustness", "--figures", "--model", "dense-five"]
    assert cli.main([*arguments, "--models", str(folder.parent)]) == 0
    assert "2 figures" in capsys.readouterr().err

    workspace = Workspace.inside(tmp_path)
    card = serving.load_card("dense-five", workspace=workspace)
    version = card.files["model.tflite"]["sha256"]
    found = stored.StoredFigures(workspace, labels).find(
        Point.of("dense-five", version, *FOG, seed=0)
    )
    predict = serving.load_predictor("dense-five", workspace=workspace)
    expected = robustness.evaluate_corrupted(predict, images, labels, *FOG)
    assert found.report == pytest.approx(expected)
    assert cli.main([*arguments, "--seed", "1"]) == 2


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_shipped_models_come_with_all_figures_of_their_weights(name, mnist):
    card = serving.load_card(name)
    figures = stored.StoredFigures(WORKSPACE, mnist.test.labels)
    version = card.files["model.tflite"]["sha256"]
    points = [Point.of(name, version, *condition, seed=0) for condition in stored.conditions()]
    missing = [point for point in points if figures.find(point) is None]
    assert not missing, f"python -m mnist_core robustness --figures --model {name}"
    clean = figures.find(Point.of(name, version, CLEAN, 0.0, seed=0))
    assert clean.report["accuracy"] == pytest.approx(card.metrics["test"]["accuracy"], abs=5e-4)
