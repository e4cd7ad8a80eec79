import csv
import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core import data, networks, serving, training
from mnist_core.errors import ModelError, RunError
from mnist_core.pixels import to_float
from mnist_core.training import (
    averaging,
    compiling,
    dataset,
    export,
    rebalancing,
    run_folder,
    transfer,
)
from mnist_core.training.averaging import AveragedCopy
from mnist_core.training.config import TrainingConfig
from mnist_core.training.export import servable
from mnist_core.workspace import Workspace

CONFIG = TrainingConfig(
    name="tiny",
    architecture="dense-five",
    epochs=3,
    batch_size=50,
    learning_rate=3e-3,
    synthetic_digits=50,
    non_digits=50,
)


def few(mnist, count):
    """The first images of each split."""
    splits = (mnist.train, mnist.validation, mnist.test)
    return data.Mnist(*(data.Split(*(part[:count] for part in _arrays(split))) for split in splits))


def last(steps):
    *_, progress = steps
    return progress


@pytest.fixture(scope="module")
def run(small_mnist, tmp_path_factory):
    """A finished training: its folder and every progress it gave."""
    folder = tmp_path_factory.mktemp("run")
    return folder, list(training.train(CONFIG, small_mnist, folder))


def test_progress_counts_steps_and_epochs(run):
    _, steps = run
    epochs = [step for step in steps if step.validation]
    # 600 images and 50 synthetic ones in batches of 50; the last step comes twice.
    assert len(steps) == 3 * (13 + 1)
    assert [step.epoch for step in epochs] == [1, 2, 3]
    assert all(step.step == step.steps == 13 for step in epochs)
    assert epochs[-1].seconds_left == 0


def test_the_first_step_barely_counts_for_the_time_left(monkeypatch):
    now = iter([0, 10, 10, 12, 14])  # the graph is built for ten seconds, a step takes two
    monkeypatch.setattr(training.progress.time, "monotonic", lambda: next(now))
    clock = training.progress.Clock(steps=101)
    assert clock.step() < 100
    assert clock.step() == 2 * 99
    assert clock.step() == 2 * 98


def test_it_learns(run):
    _, steps = run
    epochs = [step for step in steps if step.validation]
    assert epochs[-1].loss < epochs[0].loss
    assert epochs[-1].validation["accuracy"] > 0.3
    assert epochs[0].best


def test_the_history_is_a_table(run):
    folder, steps = run
    with (folder / training.HISTORY).open() as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == training.COLUMNS
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[-1]["val_accuracy"]) == steps[-1].validation["accuracy"]


def test_the_settings_are_kept_as_json(run):
    folder, _ = run
    assert json.loads((folder / training.CONFIG).read_text())["learning_rate"] == 3e-3
    assert training.read_config(folder) == CONFIG


def test_the_same_settings_give_the_same_run(run, small_mnist, tmp_path):
    folder, _ = run
    last(training.train(CONFIG, small_mnist, tmp_path))
    first, second = (training.read_history(path) for path in (folder, tmp_path))
    assert [row["val_loss"] for row in first] == [row["val_loss"] for row in second]


def few_layers():
    """Two convolutions with batch normalisation, and dropout. Source: written for these tests."""
    from keras import Model, layers

    inputs = layers.Input((28, 28))
    x = layers.Reshape((28, 28, 1))(inputs)
    for filters in (8, 16):
        x = layers.Conv2D(filters, 3, strides=2, use_bias=False)(x)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
    x = layers.Dropout(0.1)(layers.GlobalAveragePooling2D()(x))
    return Model(inputs, layers.Dense(10, dtype="float32")(x))


@pytest.fixture
def small_digit_net(monkeypatch):
    """A digit-net of the same kinds of layers, but few: most of the time goes into its graph."""
    record = replace(networks.ARCHITECTURES["digit-net"], build=few_layers)
    monkeypatch.setitem(networks.ARCHITECTURES, "digit-net", record)


@pytest.mark.usefixtures("small_digit_net")
@pytest.mark.parametrize(
    "changes",
    [
        {"architecture": "digit-net", "optimiser": "adamw", "weight_decay": 0.01}
        | {"averaging": 0.9, "schedule": "trapezoid", "label_smoothing": 0.1}
        | {"non_digit_share": 0.3},
        {"loss": "sparse_categorical_crossentropy", "optimiser": "sgd", "augmentation": "affine"}
        | {"schedule": "cosine"}
        | {"corruption_families": ("noise", "occlusion"), "batch_size": 9},
        {"architecture": "cnn-three", "half_precision": True, "batch_size": 35},
    ],
)
def test_a_stopped_run_resumes_to_the_same_end(small_mnist, tmp_path, changes):
    config = replace(CONFIG, epochs=2, synthetic_digits=0, **changes)
    # Of 105 images the second settings alone leave a smaller last batch: it takes a graph more.
    small = few(small_mnist, 105)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    last(training.train(config, small, whole))
    for progress in training.train(config, small, parts):
        if progress.epoch == 2:
            break
    resumed = list(training.train(config, small, parts, resume=True))
    assert {progress.epoch for progress in resumed} == {2}
    first, second = (training.read_history(path) for path in (whole, parts))
    assert [row["epoch"] for row in second] == [1, 2]
    digits = 1e-2 if config.half_precision else 1e-3  # bfloat16 keeps two or three of them
    assert second[-1]["val_loss"] == pytest.approx(first[-1]["val_loss"], rel=digits)


def test_an_error_while_augmenting_is_not_lost(small_mnist, tmp_path, monkeypatch):
    def fail(*_):
        raise MemoryError("no room")

    monkeypatch.setattr(dataset.augmentation, "augment", fail)
    with pytest.raises(MemoryError, match="no room"):
        last(training.train(CONFIG, small_mnist, tmp_path))


def test_with_damage_the_best_epoch_is_chosen_on_damaged_digits_too(small_mnist, tmp_path):
    config = replace(CONFIG, corruption_families=("light",), corrupted_share=0.5, epochs=2)
    epochs = [step for step in training.train(config, small_mnist, tmp_path) if step.validation]
    assert all(e.validation["corrupted"] != e.validation["accuracy"] for e in epochs)
    rows = training.read_history(tmp_path)
    assert [row["val_corrupted"] for row in rows] == [e.validation["corrupted"] for e in epochs]
    better = {"val_accuracy": 0.9, "val_corrupted": 0.8, "val_loss": 1}
    worse = {"val_accuracy": 0.91, "val_corrupted": 0.7, "val_loss": 1}
    copy = AveragedCopy(config)
    validation = training.validation.Validation(
        config, small_mnist.validation, tmp_path / "none", [], copy
    )
    assert validation.rank(better) > validation.rank(worse)


@pytest.mark.usefixtures("small_digit_net")
def test_a_model_trained_in_half_precision_is_published_in_full(small_mnist, tmp_path):
    import keras

    config = replace(
        CONFIG,
        architecture="digit-net",
        half_precision=True,
        epochs=1,
        corruption_families=("blur",),
    )
    small = few(small_mnist, 60)  # many processors imitate half precision, slowly
    last(training.train(config, small, tmp_path / "run"))
    best = tmp_path / "run" / training.BEST
    card = export.publish(config, small, best, workspace=Workspace(tmp_path))
    assert card.trained_on["corruption_families"] == ["blur"]
    trained = run_folder.load(tmp_path / "run" / training.LAST)
    assert "bfloat16" in {layer.compute_dtype for layer in trained.layers}
    model = keras.saving.load_model(tmp_path / "tiny" / "model.keras")
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}


def _arrays(split):
    return split.images, split.labels


def test_a_finished_run_has_nothing_left_to_resume(run, small_mnist):
    folder, _ = run
    assert list(training.train(CONFIG, small_mnist, folder, resume=True)) == []


def test_other_settings_cannot_resume(run, small_mnist):
    folder, _ = run
    with pytest.raises(RunError, match="other settings"):
        next(training.train(replace(CONFIG, epochs=9), small_mnist, folder, resume=True))


def test_nothing_to_resume_is_said(small_mnist, tmp_path):
    with pytest.raises(RunError, match="no training to resume"):
        next(training.train(CONFIG, small_mnist, tmp_path / "none", resume=True))


@pytest.mark.parametrize("text", ["", "{}", '{"name": 3}'])
def test_damaged_settings_are_reported(tmp_path, text):
    (tmp_path / training.CONFIG).write_text(text)
    with pytest.raises(RunError, match="damaged"):
        training.read_config(tmp_path)


def test_a_loss_that_is_no_number_stops_the_training(small_mnist, tmp_path):
    config = replace(CONFIG, optimiser="sgd", learning_rate=10, epochs=20)
    with pytest.raises(RunError, match="Lower the learning rate"):
        last(training.train(config, small_mnist, tmp_path))


def test_weights_that_are_no_numbers_are_never_the_best(small_mnist, tmp_path, monkeypatch):
    monkeypatch.setattr(training.validation.metrics, "log_loss", lambda *_: float("nan"))
    with pytest.raises(RunError, match="stopped being a number"):
        last(training.train(CONFIG, small_mnist, tmp_path))
    assert not (tmp_path / training.BEST).exists()


@pytest.mark.parametrize(
    ("file", "content"),
    [("last.keras", b"PK"), ("best.keras", b"PK"), ("history.csv", b"epoch,loss\n1,a\n")],
)
def test_damaged_files_of_a_run_are_reported(run, small_mnist, tmp_path, file, content):
    folder = tmp_path / "copy"
    shutil.copytree(run[0], folder)
    (folder / file).write_bytes(content)
    with pytest.raises(RunError, match=f"{file} is damaged"):
        list(training.train(CONFIG, small_mnist, folder, resume=True))


def test_a_run_killed_before_its_weights_were_written_does_that_epoch_again(
    run, small_mnist, tmp_path
):
    folder = tmp_path / "copy"
    shutil.copytree(run[0], folder)
    model = run_folder.load(folder / training.LAST)
    model.optimizer.iterations.assign(2 * 13)
    model.save(folder / training.LAST)
    resumed = list(training.train(CONFIG, small_mnist, folder, resume=True))
    assert {progress.epoch for progress in resumed} == {3}
    assert [row["epoch"] for row in training.read_history(folder)] == [1, 2, 3]


def test_the_average_of_the_weights_is_what_is_kept(small_mnist, tmp_path):
    config = replace(CONFIG, epochs=2, averaging=0.99999, synthetic_digits=0)
    last(training.train(config, small_mnist, tmp_path))
    assert last_epoch_was_best(tmp_path)
    raw = run_folder.load(tmp_path / training.LAST)
    kept = run_folder.load(tmp_path / training.BEST).get_weights()
    averages = raw.optimizer._model_variables_moving_average
    for before, average, weights in zip(raw.get_weights(), averages, kept, strict=True):
        np.testing.assert_allclose(weights, average.numpy(), rtol=1e-6)
        assert not np.allclose(weights, before)
    # An average looks back over a tenth of the training, or at least two steps, at most.
    assert raw.optimizer.ema_momentum == pytest.approx(1 - 1 / 2.4)


def test_batch_normalisation_is_measured_again_for_averaged_weights(digits):
    import keras

    model = networks.build("digit-net")
    averaging.measure_norms(model, np.repeat(digits, 60, axis=0))  # in three parts
    norm = next(x for x in model.layers if isinstance(x, keras.layers.BatchNormalization))
    before = keras.Model(model.inputs, norm.input).predict_on_batch(digits)
    assert np.array(norm.moving_mean) == pytest.approx(before.mean(axis=(0, 1, 2)), abs=0.02)
    assert norm.momentum == 0.99


@pytest.mark.parametrize("steps", [10, 79, 1000])
def test_batch_normalisation_forgets_its_first_numbers_within_an_epoch(steps):
    import keras

    config = replace(CONFIG, architecture="digit-net")
    model = compiling.new_model(config, steps, np.arange(10))
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(norms) == 6
    for norm in norms:
        assert norm.momentum**steps < 1e-3


def last_epoch_was_best(folder):
    losses = [row["val_accuracy"] for row in training.read_history(folder)]
    return losses[-1] == max(losses)


@pytest.fixture(scope="module")
def published(run, small_mnist, tmp_path_factory):
    """The model of the run: its card, and the workspace that it is in."""
    folder, workspace = run[0], Workspace(tmp_path_factory.mktemp("models"))
    history = training.read_history(folder)
    best = folder / training.BEST
    card = export.publish(CONFIG, small_mnist, best, history=history, workspace=workspace)
    return card, workspace


def test_a_published_model_can_be_served(published, small_mnist):
    card, workspace = published
    assert card.training["epochs_done"] == 3
    assert serving.load_card("tiny", workspace=workspace) == card
    assert card.title == "Tiny"
    assert card.summary.startswith("Five dense layers")
    assert card.parameters == 185_300
    assert card.metrics["test"]["n"] == 200
    predict = serving.load_predictor("tiny", workspace=workspace)
    accuracy = (
        predict(to_float(small_mnist.test.images)).argmax(axis=1) == small_mnist.test.labels
    ).mean()
    assert accuracy == pytest.approx(card.metrics["test"]["accuracy"])


def test_a_published_model_loads_in_keras(published):
    import keras

    model = keras.saving.load_model(published[1].models / "tiny" / "model.keras")
    assert model.predict(np.zeros((1, 28, 28)), verbose=0).shape == (1, 10)


def test_a_model_that_8_bits_would_harm_is_stored_with_32(run, small_mnist, tmp_path, monkeypatch):
    check = servable.check_agreement

    def harmed(*arguments, precision):
        if precision == "int8":
            raise ModelError("Accuracy is another one.")
        return check(*arguments, precision=precision)

    monkeypatch.setattr(servable, "check_agreement", harmed)
    config = replace(CONFIG, precision="int8")
    card = export.publish(
        config, small_mnist, run[0] / training.BEST, workspace=Workspace(tmp_path)
    )
    assert card.precision == "float32"
    assert card.training["precision"] == "int8"  # what was asked for
    assert card.files["model.tflite"]["bytes"] > 4 * card.parameters


@pytest.fixture(scope="module")
def begun(run):
    """The trained model of the run, to begin others with."""
    return export.load_trained("dense-five", run[0] / training.BEST)


def test_a_training_begins_near_the_model_that_it_starts_with(run, begun, small_mnist, tmp_path):
    config = replace(CONFIG, name="second", start="tiny", epochs=1, learning_rate=1e-6)
    before = max(step.validation["accuracy"] for step in run[1] if step.validation)
    after = last(training.train(config, small_mnist, tmp_path / "second", start=begun))
    assert after.validation["accuracy"] == pytest.approx(before, abs=0.02)
    fresh = last(training.train(replace(config, start=""), small_mnist, tmp_path / "fresh"))
    assert fresh.validation["accuracy"] < before - 0.1
    assert training.read_config(tmp_path / "second").start == "tiny"


def test_a_run_that_started_with_a_model_resumes_to_the_same_end(begun, small_mnist, tmp_path):
    config = replace(CONFIG, name="second", start="tiny", start_share=0.5, epochs=2)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    last(training.train(config, small_mnist, whole, start=begun))
    for progress in training.train(config, small_mnist, parts, start=begun):
        if progress.epoch == 2:
            break
    # What is trained goes on; a model to start with matters no more.
    assert {
        step.epoch for step in training.train(config, small_mnist, parts, resume=True, start=None)
    } == {2}
    first, second = (training.read_history(path) for path in (whole, parts))
    assert second[-1]["val_loss"] == pytest.approx(first[-1]["val_loss"], rel=1e-3)


@pytest.mark.parametrize("averaging", [0, 0.9])
def test_what_is_kept_has_its_share_of_the_weights_at_the_start(
    begun, small_mnist, tmp_path, averaging
):
    config = replace(CONFIG, name="second", start="tiny", epochs=1, averaging=averaging)
    small, kept = few(small_mnist, 150), {}
    for share in (0, 0.25):
        folder = tmp_path / str(share)
        last(training.train(replace(config, start_share=share), small, folder, start=begun))
        kept[share] = export.load_trained("dense-five", folder / training.BEST).get_weights()
    for then, now, mixed in zip(begun.get_weights(), *kept.values(), strict=True):
        assert np.abs(now - then).max() > 1e-4
        assert mixed == pytest.approx(0.25 * then + 0.75 * now, abs=1e-5)


def test_a_run_whose_first_weights_are_gone_says_so(begun, small_mnist, tmp_path):
    config = replace(CONFIG, name="second", start="tiny", start_share=0.5, epochs=2)
    for progress in training.train(config, few(small_mnist, 150), tmp_path, start=begun):
        if progress.epoch == 2:
            break
    (tmp_path / run_folder.BEGUN).unlink()
    with pytest.raises(RunError, match=r"begun\.keras is missing"):
        next(training.train(config, few(small_mnist, 150), tmp_path, resume=True))


def test_a_run_stopped_in_its_first_epoch_begins_again_with_the_model(begun, small_mnist, tmp_path):
    config = replace(CONFIG, name="second", start="tiny", epochs=1)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    last(training.train(config, small_mnist, whole, start=begun))
    next(training.train(config, small_mnist, parts, start=begun))
    last(training.train(config, small_mnist, parts, resume=True, start=begun))
    first, second = (training.read_history(path) for path in (whole, parts))
    assert second[-1]["val_loss"] == pytest.approx(first[-1]["val_loss"], rel=1e-3)


def test_own_digits_have_to_be_there_and_are_shown_in_every_epoch(begun, small_mnist, tmp_path):
    images, labels = (part[:10] for part in _arrays(small_mnist.validation))
    own = data.Split(np.ascontiguousarray(images[:, ::-1]), labels)
    config = replace(CONFIG, name="second", start="tiny", epochs=1, own_digits=10)
    with pytest.raises(RunError, match="speak of 10 digits of one person's hand, and there are 0"):
        next(training.train(config, small_mnist, tmp_path))
    mine = replace(small_mnist, own=own)
    progress = last(training.train(config, mine, tmp_path, start=begun))
    rounds = dataset.own_rounds(10, 650)
    assert progress.steps == -(-(650 + 10 * rounds) // 50)
    assert run_folder.read_config(tmp_path).own_digits == 10


def test_a_model_to_start_with_has_to_be_given(small_mnist, tmp_path):
    with pytest.raises(RunError, match="'tiny' to begin with was not given"):
        next(training.train(replace(CONFIG, start="tiny"), small_mnist, tmp_path))


def test_a_model_that_does_not_fit_cannot_be_the_start(small_mnist, tmp_path):
    config = replace(CONFIG, start="other")
    steps = training.train(config, small_mnist, tmp_path, start=networks.build("cnn-three"))
    with pytest.raises(RunError, match="dense-five cannot begin with the weights of 'other': "):
        next(steps)


def test_without_an_epoch_there_is_nothing_to_publish(small_mnist, tmp_path):
    with pytest.raises(ModelError, match="No epoch was finished"):
        export.publish(CONFIG, small_mnist, tmp_path / training.BEST, workspace=Workspace(tmp_path))


def test_a_training_that_is_stopped_keeps_what_it_has_learnt(run, small_mnist, tmp_path):
    asked = iter([False] * 5 + [True])
    *_, before, after = training.train(CONFIG, small_mnist, tmp_path, stopping=lambda: next(asked))
    assert before.step == after.step == 6
    assert before.validation is None
    assert after.best
    assert after.validation["accuracy"] > 0.1
    assert training.read_history(tmp_path) == []  # it has finished no epoch
    assert (tmp_path / training.BEST).exists()
    resumed = list(training.train(CONFIG, small_mnist, tmp_path, resume=True))
    assert resumed[-1].epoch == CONFIG.epochs
    first, second = (training.read_history(path) for path in (run[0], tmp_path))
    assert second[-1]["val_loss"] == pytest.approx(first[-1]["val_loss"], rel=1e-3)


def test_an_epoch_after_a_stop_replaces_no_better_weights(run, small_mnist, tmp_path):
    """Weights kept at a stop within an epoch stay, if the epoch done again is worse."""
    folder = tmp_path / "copy"
    shutil.copytree(run[0], folder)
    rows = training.read_history(folder)
    bad = [row | {"val_accuracy": 0.0, "val_corrupted": 0.0} for row in rows[:2]]
    run_folder.write_history(folder, bad)
    model = run_folder.load(folder / training.LAST)
    kept = (folder / training.BEST).read_bytes()
    model.optimizer.learning_rate = 0.0
    model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
    model.optimizer.iterations.assign(2 * 13)
    model.save(folder / training.LAST)
    resumed = last(training.train(CONFIG, small_mnist, folder, resume=True))
    assert resumed.epoch == 3
    assert not resumed.best
    assert (folder / training.BEST).read_bytes() == kept


def test_a_stop_after_the_last_step_of_an_epoch_counts_it(small_mnist, tmp_path):
    config = replace(CONFIG, synthetic_digits=0)
    asked = iter([False] * 11 + [True])
    last(training.train(config, small_mnist, tmp_path, stopping=lambda: next(asked)))
    assert [row["epoch"] for row in training.read_history(tmp_path)] == [1]


def test_mistakes_are_kept_for_people_to_see(run, small_mnist):
    with np.load(run[0] / training.MISTAKES) as mistakes:
        images, labels, digits = (mistakes[name] for name in ("images", "labels", "digits"))
    assert 0 < len(images) == len(labels) == len(digits) <= training.SHOWN_MISTAKES
    assert (labels != digits).all()
    known = {image.tobytes() for image in small_mnist.validation.images}
    assert {image.tobytes() for image in images} <= known


def test_mistakes_and_the_first_layer_show_within_an_epoch(small_mnist, tmp_path, monkeypatch):
    monkeypatch.setattr(training.first_layer, "EVERY", 0)
    monkeypatch.setattr(training.validation, "CHECK_EVERY", 0)
    monkeypatch.setattr(training.validation, "CHECKED", 40)
    steps = training.train(CONFIG, small_mnist, tmp_path)
    for _ in range(3):
        next(steps)
    with np.load(tmp_path / training.MISTAKES) as mistakes:
        images, labels = mistakes["images"], mistakes["labels"]
    assert 0 < len(images) <= training.SHOWN_MISTAKES
    known = [image.tobytes() for image in small_mnist.validation.images[:40]]
    places = [known.index(image.tobytes()) for image in images]
    assert (labels == small_mnist.validation.labels[places]).all()
    weights = run_folder.read_first_layer(tmp_path)
    assert weights["before"].shape == (run_folder.SHOWN_UNITS, 28, 28)
    assert not np.array_equal(weights["before"], weights["now"])
    resumed = training.first_layer.FirstLayer(tmp_path)  # keeps what training began with
    assert np.array_equal(resumed.before, weights["before"])


def test_the_weights_of_a_convolution_are_its_windows():
    import keras

    network = networks.build("lenet-two")
    weights = training.first_layer.weights_of(network)
    assert weights.shape == (20, 5, 5)
    np.testing.assert_array_equal(weights[3], network.layers[1].kernel.numpy()[:, :, 0, 3])
    blocks = networks.build("digit-net")  # 2 x 2 pixels are one place with four channels
    layer = transfer.layers_with_weights(blocks)[0]
    weights = training.first_layer.weights_of(blocks)
    assert weights.shape == (32, 6, 6)
    image = np.random.default_rng(0).random((28, 28), np.float32)
    seen = keras.Model(blocks.inputs, layer.output).predict_on_batch(image[None])
    expected = (image[4:10, 8:14] * weights[3]).sum()  # around block (3, 5)
    assert seen[0, 3, 5, 3] == pytest.approx(expected, rel=1e-5)
    for kernels in ([], [None], [np.zeros((4, 3))], [np.zeros((3, 3, 2, 8))]):
        other = SimpleNamespace(layers=[SimpleNamespace(kernel=kernel) for kernel in kernels])
        assert training.first_layer.weights_of(other) is None


UNEVEN = replace(CONFIG, epochs=6, synthetic_digits=0, imbalance="counts:60,60,60,60,60,6,6,6,6,6")


@pytest.fixture(scope="module")
def uneven(small_mnist, tmp_path_factory):
    """By rebalancing method, the folder of a training on uneven data and its last progress."""
    found = {}
    for name in rebalancing.REBALANCING_METHODS:
        folder = tmp_path_factory.mktemp(name)
        config = replace(UNEVEN, rebalancing=name)
        found[name] = folder, last(training.train(config, small_mnist, folder))
    return found


def test_an_epoch_has_only_the_images_that_the_imbalance_leaves(uneven):
    assert {progress.steps for _, progress in uneven.values()} == {7}  # 330 images, 50 a step


@pytest.mark.parametrize("name", rebalancing.REBALANCING_METHODS)
def test_every_rebalancing_method_trains_and_can_be_published(uneven, small_mnist, tmp_path, name):
    folder, progress = uneven[name]
    assert progress.validation["worst_recall"] <= progress.validation["balanced"]
    config = replace(UNEVEN, rebalancing=name)
    weights = training.finish_rebalancing(config, small_mnist, folder)
    card = export.publish(config, small_mnist, weights, workspace=Workspace(tmp_path))
    assert card.trained_on["images_of_each_digit"] == [60] * 5 + [6] * 5
    assert card.trained_on["cure"] == rebalancing.REBALANCING_METHODS[name].title
    finished = rebalancing.REBALANCING_METHODS[name].finish is not None
    assert (weights.name == training.REBALANCED) == finished


@pytest.mark.parametrize("name", ["class-weights", "oversampling", "balanced-softmax"])
def test_rebalancing_helps_rare_digits_while_learning(uneven, name):
    def balanced(method):
        return max(row["val_balanced"] for row in training.read_history(uneven[method][0]))

    assert balanced(name) > balanced("none") + 0.05


def test_logit_adjustment_helps_rare_digits_after_learning(uneven, small_mnist):
    folder, _ = uneven["logit-adjustment"]
    config = replace(UNEVEN, rebalancing="logit-adjustment")
    images = to_float(small_mnist.validation.images)

    def rare(path):
        predict = export.keras_predict(export.load_trained("dense-five", path))
        return (predict(images).argmax(axis=1) >= 5).mean()

    before = rare(folder / training.BEST)
    assert rare(training.finish_rebalancing(config, small_mnist, folder)) > before + 0.05


def test_a_run_with_a_loss_of_ours_resumes(small_mnist, tmp_path):
    config = replace(UNEVEN, epochs=2, rebalancing="balanced-softmax")
    for progress in training.train(config, small_mnist, tmp_path):
        if progress.epoch == 2:
            break
    progress = last(training.train(config, small_mnist, tmp_path, resume=True))
    assert (progress.epoch, progress.step) == (2, progress.steps)


def test_more_images_than_there_are_cannot_be_had(small_mnist, tmp_path):
    config = replace(CONFIG, imbalance="counts:99,1,1,1,1,1,1,1,1,1")
    with pytest.raises(RunError, match=r"There are \d+ training images of the digit 0"):
        next(training.train(config, small_mnist, tmp_path))


def test_a_share_of_the_data_is_even_and_the_same_for_a_seed(small_mnist):
    config = replace(CONFIG, share=0.1, synthetic_digits=0)
    images, labels = dataset.training_images(config, small_mnist.train)
    there = np.bincount(small_mnist.train.labels)
    assert np.bincount(labels).tolist() == np.ceil(there / 10).tolist()
    again, _ = dataset.training_images(config, small_mnist.train)
    other, _ = dataset.training_images(replace(config, seed=1), small_mnist.train)
    assert (images == again).all()
    assert not (images == other).all()
