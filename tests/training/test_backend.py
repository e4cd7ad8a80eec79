"""Training with another of Keras's backends than TensorFlow."""

import importlib.util
import os
import subprocess
import sys

import pytest

from mnist_core import training
from mnist_core.errors import RunError, UsageError
from mnist_core.pixels import to_float
from mnist_core.training import backend, distribution, export

TRAIN = """
import sys
sys.modules |= {"tensorflow": None, "sklearn": None}  # it has to do without
import numpy as np
from mnist_core import cli, data
from mnist_core.synthesis.digits import synthetic_digits

def split(n, seed):
    labels = np.arange(n, dtype=np.uint8) % 10
    return data.Split(synthetic_digits(labels, np.random.default_rng(seed)), labels)

data.load_mnist = lambda **_: data.Mnist(split(600, 1), split(200, 2), split(200, 3))
sys.exit(cli.main(sys.argv[1:]))
"""
OPTIONS = (
    *("--arch", "dense-five", "--name", "tiny", "--epochs", "2", "--batch-size", "50"),
    *("--learning-rate", "0.01", "--optimiser", "adamw", "--averaging", "0.9"),
    *("--augmentation", "handwriting", "--corruptions", "noise"),
)


def test_a_training_on_jax_goes_on_with_tensorflow(small_mnist, tmp_path):
    if importlib.util.find_spec("jax") is None:
        if os.environ.get("DIGIT_LAB_REQUIRE_JAX") == "1":
            pytest.fail("DIGIT_LAB_REQUIRE_JAX is set, but JAX is not installed")
        pytest.skip("JAX is not installed")
    folders = ["--runs", str(tmp_path / "runs"), "--models", str(tmp_path / "models")]
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, "train", *OPTIONS, *folders],
        env=os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert backend.export_command("tiny") in done.stderr
    assert not (tmp_path / "models" / "tiny").exists()
    folder = tmp_path / "runs" / "tiny"
    rows = training.read_history(folder)
    assert rows[1]["loss"] < rows[0]["loss"]
    assert (
        list(training.train(training.read_config(folder), small_mnist, folder, resume=True)) == []
    )
    predict = export.keras_predict(export.load_trained("dense-five", folder / training.BEST))
    split = small_mnist.validation
    found = (predict(to_float(split.images)).argmax(axis=1) == split.labels).mean()
    assert found == pytest.approx(max(row["val_accuracy"] for row in rows), abs=0.006)


def test_a_backend_has_to_be_there(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(UsageError, match="one of tensorflow, jax, torch, received 'theano'"):
        backend.check_installed()
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setattr(backend.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"needs torch.*pip install torch"):
        backend.check_installed()
    with pytest.raises(UsageError, match="Only TensorFlow can export"):
        backend.check_can_export()
    with pytest.raises(RunError, match="Several workers"):
        distribution.Worker(0, 2).connect()
    monkeypatch.delenv("KERAS_BACKEND")
    with pytest.raises(UsageError, match=r"needs tensorflow.*digit-lab\[train\]"):
        backend.check_can_export()
