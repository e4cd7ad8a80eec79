"""Maps of digits as they are made: which trainings get one, and what is on it."""

import importlib.util
import shutil
from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.distance import pdist

from mnist_core import serving
from mnist_core.config import SHIPPED_MODELS
from mnist_core.errors import UsageError
from mnist_core.training import export
from mnist_core.training.config import TrainingConfig
from mnist_core.training.export import digit_map
from mnist_core.workspace import WORKSPACE, Workspace

MODEL = "dense-sigmoid"


def test_a_map_is_added_to_a_model(small_mnist, tmp_path):
    space = Workspace(tmp_path)
    shutil.copytree(WORKSPACE.models / MODEL, tmp_path / MODEL)
    before = serving.load_card(MODEL, workspace=space)
    card = export.store_digit_map(MODEL, small_mnist, workspace=space)
    assert replace(card, files={}) == replace(before, files={})
    assert (tmp_path / MODEL / "robustness.msgpack").exists()
    known = serving.load_digit_map(card, workspace=space)
    assert np.array_equal(known.places, np.arange(200))
    assert np.array_equal(known.labels, small_mnist.test.labels)
    assert known.points.min() == 0
    assert known.points.max() == 1
    nearest = np.linalg.norm(known.points[:, None] - known.points, axis=2).argsort(axis=1)[:, 1]
    assert (known.answers[nearest] == known.answers).mean() > 0.8


def test_a_map_is_turned_to_the_usual_places_and_distances_stay():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(10), 9)
    laid = np.array(digit_map.USUAL)[labels] + rng.normal(0, 0.05, (90, 2))
    expected = digit_map.turned(laid, labels)
    for angle in (0.4, 3.0):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for mirror in (1, -1):
            moved = laid @ turn * (mirror, 1) + (7, -3)
            assert digit_map.turned(moved, labels) == pytest.approx(expected)
    some = labels < 3  # not all ten digits have to be there
    assert pdist(digit_map.turned(laid[some], labels[some])) == pytest.approx(pdist(laid[some]))


def test_the_shipped_maps_lie_alike():
    for name in SHIPPED_MODELS:
        known = serving.load_digit_map(serving.load_card(name))
        again = digit_map.fitted(digit_map.turned(known.points, known.labels))
        assert again == pytest.approx(known.points, abs=1e-3), name


def test_without_scikit_learn_a_sentence_says_so(small_mnist, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match="pip install scikit-learn"):
        export.make_digit_map(None, small_mnist)
    config = TrainingConfig(name="x", architecture=MODEL)
    assert not digit_map.is_worth_a_map(config, small_mnist, [{}] * 10_000)


def test_a_training_that_takes_longer_than_its_map_gets_one(small_mnist):
    config = TrainingConfig(name="x", architecture=MODEL)
    assert digit_map.is_worth_a_map(config, small_mnist, [{}] * 2000)  # of 600 images
    assert not digit_map.is_worth_a_map(config, small_mnist, [{}] * 1000)
    assert not digit_map.is_worth_a_map(replace(config, share=0.5), small_mnist, [{}] * 2000)
    finds = TrainingConfig(name="x", architecture="number-net")
    assert not digit_map.is_worth_a_map(finds, small_mnist, [{}] * 2000)
