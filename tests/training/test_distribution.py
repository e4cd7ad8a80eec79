"""Training with several workers; two real ones on the loopback."""

import json
import os
import socket
import subprocess
import sys

import numpy as np
import pytest

from mnist_core import cli, data, serving
from mnist_core.errors import InvalidValueError, RunError
from mnist_core.training import distribution, run_folder
from mnist_core.workspace import Workspace

DATA = """
import numpy as np
from mnist_core import data
from mnist_core.synthesis.digits import synthetic_digits

def split(n):
    labels = np.arange(n, dtype=np.uint16) % 10
    return data.Split(synthetic_digits(labels, np.random.default_rng(n)), labels)

small = data.Mnist(train=split(401), validation=split(100), test=split(60))
"""
WORKER = f"""
import sys
# TensorFlow and Keras would load these, too, which no training needs.
sys.modules |= {{"jax": None, "sklearn": None}}
{DATA}
from mnist_core import cli

data.load_mnist = lambda **_: small
sys.exit(cli.main(sys.argv[1:]))
"""

# The last batch of an epoch has 14 images; 38 of each digit but the last are to be had.
TRAIN = [
    *("train", "--arch", "dense-five", "--name", "tiny", "--epochs", "2", "--batch-size", "50"),
    # Adam would blow up differences in the last bit, and hide gradients of a wrong scale.
    *("--learning-rate", "0.2", "--optimiser", "sgd"),
    *("--averaging", "0.9", "--rebalancing", "class-weights", "--non-digits", "40"),
    *("--imbalance", "counts:40,40,38,38,38,38,38,38,38,8"),
]


def cluster(index, kind="worker", **tasks):
    tasks = tasks or {"worker": ["a:1", "b:1", "c:1"]}
    return json.dumps({"cluster": tasks, "task": {"type": kind, "index": index}})


def test_without_a_cluster_a_process_trains_alone(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    workers = distribution.from_environment()
    assert workers.chief
    assert workers.seeds == ()
    assert workers.agree(True) is True
    assert workers.agree(False) is False


@pytest.mark.parametrize(
    ("text", "chief", "seeds"),
    [
        ("", True, ()),
        (cluster(0), True, (0,)),
        (cluster(2), False, (2,)),
        (cluster(0, worker=["a:1"]), True, ()),
        (cluster(0, "chief", chief=["a:1"], worker=["b:1"]), True, (0,)),
        (cluster(0, "worker", chief=["a:1"], worker=["b:1"]), False, (1,)),
    ],
)
def test_tf_config_names_the_chief(monkeypatch, text, chief, seeds):
    monkeypatch.setenv("TF_CONFIG", text)
    workers = distribution.from_environment()
    assert (workers.chief, workers.seeds) == (chief, seeds)


@pytest.mark.parametrize("text", ["{", "[]", "3", "{}", '{"cluster": {}}', cluster(3), cluster(-1)])
def test_a_wrong_tf_config_is_refused(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InvalidValueError, match="TF_CONFIG has to be such as"):
        distribution.from_environment()


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_parts_of_a_batch_make_its_mean(size):
    images = np.arange(size, dtype=np.float32)
    weights = np.linspace(1, 2, size, dtype=np.float32)
    total = 0
    for index in range(3):
        worker = distribution.Worker(index, 3)
        part, answers, given = worker.part(images, images.astype(int), weights)
        assert len(part) > 0
        assert (part == answers).all()
        # What Keras makes of it: the mean over the part, divided by the number of workers.
        total += (part * given).mean() / 3
    assert total == pytest.approx((images * weights).mean(), rel=1e-6)


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def places(folder):
    """Return the options that put a training into folders below this one."""
    folder.mkdir()
    return ["--runs", str(folder / "runs"), "--models", str(folder / "models")]


def train_alone(folder):
    """Train on the command line in this process, which has TensorFlow already."""
    made = {}
    exec(DATA, made)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load_mnist", lambda **_: made["small"])
        patch.delenv("TF_CONFIG", raising=False)
        assert cli.main([*TRAIN, *places(folder)]) == 0
    return folder / "runs" / "tiny"


def train_together(folder, workers):
    """Train on the command line in so many processes."""
    addresses = [f"127.0.0.1:{port}" for port in free_ports(workers)]
    command = [sys.executable, "-c", WORKER, *TRAIN, *places(folder)]
    processes = []
    for index in range(workers):
        described = cluster(index, worker=addresses)
        environment = os.environ | {"TF_CONFIG": described, "TF_CPP_MIN_LOG_LEVEL": "3"}
        processes.append(
            subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        )
    try:
        for process in processes:
            _, words = process.communicate(timeout=180)
            assert process.returncode == 0, words[-2000:]
    finally:
        for process in processes:
            process.kill()
    return folder / "runs" / "tiny"


def test_two_workers_learn_as_one_does(tmp_path):
    alone, two = train_alone(tmp_path / "alone"), train_together(tmp_path / "two", 2)
    for mine, theirs in zip(
        run_folder.read_history(alone), run_folder.read_history(two), strict=True
    ):
        for name in ("epoch", "loss", "accuracy", "val_loss"):
            assert mine[name] == pytest.approx(theirs[name], rel=1e-4)
    assert run_folder.read_history(alone)[-1]["loss"] < run_folder.read_history(alone)[0]["loss"]
    one, other = (run_folder.load(folder / run_folder.LAST) for folder in (alone, two))
    for mine, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-5)
    assert serving.load_card("tiny", workspace=Workspace(tmp_path / "two" / "models")).metrics[
        "test"
    ]["n"]


def test_a_worker_that_is_left_alone_reports_it():
    import tensorflow as tf

    gone = tf.errors.UnavailableError(None, None, "Socket closed")
    with pytest.raises(RunError, match="Another worker has ended"):  # noqa: SIM117
        with distribution._errors_of_workers():
            raise gone


def test_a_wrong_tf_config_is_wrong_usage(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("TF_CONFIG", "{")
    assert cli.main([*TRAIN, "--runs", str(tmp_path), "--models", str(tmp_path)]) == 2
    assert "TF_CONFIG has to be" in capsys.readouterr().err
