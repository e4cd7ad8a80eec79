import itertools
from dataclasses import replace

import numpy as np
import pytest

from mnist_core.errors import DivergedError, RunError
from mnist_core.synthesis.pages import Mark, Page
from mnist_core.training import run_folder
from mnist_core.training.detection import loop
from mnist_core.training.detection.data import batch_maker
from mnist_core.training.detection.loop import train
from mnist_core.training.schedule import trapezoid
from tests.training.detection.conftest import EPOCH

STEPS = EPOCH // 2  # of an epoch


def bar(rng, size, *, held_out=False):
    """Make white paper with a black bar, which is a 1 if it is upright and a 7 if not."""
    height, width = size
    wide, tall, label = [(6, 20, "1"), (20, 14, "7")][rng.integers(2)]
    x, y = int(rng.integers(2, width - wide - 2)), int(rng.integers(2, height - tall - 2))
    pixels = np.full((height, width, 3), 240 if held_out else 255, np.uint8)
    pixels[y : y + tall, x : x + wide] = 20
    return Page(pixels, (Mark(label, (x, y, wide, tall), 0),), (), label, label, "lines")


def run(config, folder, **options):
    return train(config, folder, make=bar, processes=0, **options)


def weights(folder, name=run_folder.LAST):
    import keras

    model = keras.saving.load_model(
        folder / name,
        custom_objects={f.__name__: f for f in (loop.detection_loss, loop.class_accuracy)},
    )
    found = model.get_weights()
    if name == run_folder.LAST:
        found += [variable.numpy() for variable in model.optimizer.variables]
    return found


def same(one, other):
    return all(np.array_equal(*pair) for pair in zip(one, other, strict=True))


def test_the_learning_rate_rises_stays_and_falls():
    rates = [trapezoid(0.01, done, 2000) for done in range(2000)]
    assert rates[0] == pytest.approx(0.01 / 500)
    assert rates[500] == rates[1000] == rates[1500] == 0.01
    assert rates[1750] == pytest.approx(0.01 / 2)
    assert 0 < rates[-1] < 0.01 / 400


def test_the_loss_falls_on_two_crops(config):
    model = loop._new(config)
    model.optimizer.learning_rate = 0.01
    contrast, targets = batch_maker(bar, 0, 2)(0)
    losses = [float(model.train_on_batch(contrast, targets)[0]) for _ in range(20)]
    assert losses[-1] < 0.5 * losses[0]


def test_a_training_fills_its_folder(config, tmp_path):
    seen = list(run(config, tmp_path))
    steps = [progress for progress in seen if not progress.validation]
    assert [(now.epoch, now.step) for now in steps] == list(
        itertools.product(range(1, 3), range(1, STEPS + 1))
    )
    history = run_folder.read_history(tmp_path, columns=run_folder.DETECTION_COLUMNS)
    measured = [now for now in seen if now.validation]
    assert [row["epoch"] for row in history] == [1, 2]
    assert [row["val_recall"] for row in history] == [now.validation["recall"] for now in measured]
    assert history[-1]["loss"] == pytest.approx(measured[-1].loss)
    assert measured[0].best
    assert seen[-1].seconds_left == pytest.approx(0, abs=1e-6)
    for name in (run_folder.BEST, run_folder.LAST, run_folder.CONFIG):
        assert (tmp_path / name).exists()


def test_a_stopped_training_goes_on_exactly(config, tmp_path):
    list(run(config, tmp_path / "whole"))
    counts, stops = itertools.count(1), [2, STEPS]  # within an epoch, and at the end of one
    for _ in range(len(stops) + 1):
        resume = (tmp_path / "parts").exists()
        list(run(config, tmp_path / "parts", resume=resume, stopping=lambda: next(counts) in stops))
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))
    rows = [
        run_folder.read_history(tmp_path / name, columns=run_folder.DETECTION_COLUMNS)
        for name in ("whole", "parts")
    ]
    assert len(rows[0]) == 2
    for row, other in zip(*rows, strict=True):
        assert row["val_loss"] == other["val_loss"]


def test_a_training_can_be_prolonged(config, tmp_path):
    list(run(replace(config, epochs=1), tmp_path))
    run_folder.write_config(tmp_path, config)  # as the command line does
    seen = list(run(config, tmp_path, resume=True))
    assert (seen[0].epoch, seen[0].step, seen[-1].epoch) == (2, 1, 2)


def test_other_settings_are_refused(config, tmp_path):
    run_folder.open_run(config, tmp_path)
    with pytest.raises(RunError, match="has other settings"):
        list(run(replace(config, seed=1), tmp_path, resume=True))


def test_a_damaged_checkpoint_is_reported(config, tmp_path):
    run_folder.open_run(config, tmp_path)
    (tmp_path / run_folder.LAST).write_bytes(b"nothing")
    run_folder.write_history(tmp_path, [], columns=run_folder.DETECTION_COLUMNS)
    with pytest.raises(RunError, match=r"last.keras is damaged"):
        list(run(config, tmp_path, resume=True))


def test_a_loss_that_is_no_number_ends_it(config, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "detection_loss", lambda _, outputs: outputs[0, 0, 0, 0] * np.nan)
    with pytest.raises(DivergedError, match="stopped being a number in epoch 1, step 1"):
        list(run(config, tmp_path))


def test_best_weights_are_measured_again_when_pages_have_changed(config, tmp_path, monkeypatch):
    list(run(replace(config, epochs=1), tmp_path))
    run_folder.write_config(tmp_path, config)
    monkeypatch.setattr(loop, "_rank", lambda found: -found["loss"])
    seen = [now for now in run(config, tmp_path, resume=True) if now.validation]
    assert seen[0].best  # the loss falls; the rank of the history was another
