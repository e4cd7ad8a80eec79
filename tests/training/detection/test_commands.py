"""A detector from the command line: trained, listed, exported, and refused where it is no use."""

import json

import pytest

from mnist_core import cli, data, serving
from mnist_core.errors import ModelError
from mnist_core.training.detection import loop, servable
from mnist_core.workspace import Workspace


@pytest.fixture
def command(config, small_mnist, tmp_path, monkeypatch):
    """Run a command on folders of its own; crops are made in this process."""
    monkeypatch.setattr(data, "load_mnist", lambda **_: small_mnist)
    usual = loop.batches
    monkeypatch.setattr(loop, "batches", lambda *a, processes: usual(*a, processes=0 * processes))
    for name in ("CALIBRATION_CROPS", "COMPARED_CROPS", "TEST_CROPS"):
        monkeypatch.setattr(servable, name, 12)
    places = ["--models", str(tmp_path / "models")]

    def run(*words):
        runs = ["--runs", str(tmp_path / "runs")] if words[0] in ("train", "export") else []
        return cli.main([*words, *places, *runs])

    return run


def test_a_detector_is_trained_listed_exported_and_resumed(command, tmp_path, capsys):
    train = ("train", "--recipe", "number-net", "--name", "mine", "--batch-size", "2")
    assert command(*train, "--epochs", "1") == 0
    assert "digits on held-out pages found and read correctly" in capsys.readouterr().err
    workspace = Workspace(tmp_path / "models", tmp_path / "runs")
    card = serving.load_card("mine", workspace=workspace)
    assert (card.is_detector, card.architecture, card.precision) == (True, "number-net", "int8")
    assert card.training["epochs_done"] == 1
    assert "augmentation" not in card.training
    assert card.metrics["test"]["n"] > 0
    assert card.layers[0]["output"] == [32, 80, 16]

    assert command("models", "--json") == 0
    (row,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (row["name"], row["task"]) == ("mine", "detection")
    assert command("models") == 0
    assert "detector, of digits on pages made by code" in capsys.readouterr().out
    assert serving.list_models(classifiers_only=True, workspace=workspace) == []
    with pytest.raises(ModelError, match="cannot classify one by itself: choose a classifier"):
        serving.load_predictor("mine", workspace=workspace)

    assert command("train", "--resume", "--name", "mine", "--epochs", "2") == 0
    assert serving.load_card("mine", workspace=workspace).training["epochs_done"] == 2
    assert command("export", "--model", "mine", "--from-run") == 0
    assert command("export", "--model", "mine") == 0
    assert serving.load_card("mine", workspace=workspace).training == card.training | {
        "epochs": 2,
        "epochs_done": 2,
    }


def test_settings_that_do_not_apply_are_refused(command, capsys):
    assert command("train", "--recipe", "number-net", "--augmentation", "affine") == 2
    assert "augmentation does not apply to number-net: leave it out." in capsys.readouterr().err


def test_a_run_that_is_not_there_cannot_be_exported(command, capsys):
    assert command("export", "--model", "mine", "--from-run") != 0
    assert "no training called 'mine'" in capsys.readouterr().err
