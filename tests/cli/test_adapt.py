import csv
import shutil
import sys

import numpy as np
import pytest
from PIL import Image

from mnist_core import cli, data, serving
from mnist_core.errors import ModelError
from mnist_core.pixels import to_float
from mnist_core.training import export
from mnist_core.workspace import WORKSPACE, Workspace

MODEL = "dense-five"


@pytest.fixture(scope="module")
def models(tmp_path_factory, small_mnist):
    """A models folder with one small model that keeps something of its training."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(WORKSPACE.models / MODEL, folder / MODEL)
    export.store_replay(MODEL, small_mnist, workspace=Workspace(folder))
    return folder


@pytest.fixture
def adapt(models, small_mnist, monkeypatch, capsys):
    """Run `adapt`; returns the exit code and what it said."""
    monkeypatch.setattr(data, "load_mnist", lambda **_: small_mnist)

    def run(examples, *options, name="mine"):
        arguments = ["adapt", str(examples), "--name", name, "--models", str(models), *options]
        code = cli.main([*arguments, *(() if "--model" in options else ("--model", MODEL))])
        return code, capsys.readouterr().err

    yield run
    for path in models.iterdir():
        if path.name != MODEL:
            shutil.rmtree(path)


@pytest.fixture(scope="module")
def upside_down(small_mnist):
    """An odd hand: digits upside down; 40 to teach and 40 others."""
    images = np.ascontiguousarray(small_mnist.train.images[:80, ::-1])
    return images, small_mnist.train.labels[:80].astype(int)


@pytest.fixture
def taught(adapt, upside_down, tmp_path):
    images, labels = upside_down
    np.savez(tmp_path / "odd.npz", x=images[:40], y=labels[:40])
    return adapt(tmp_path / "odd.npz")


def test_adapt_writes_a_model_with_a_card_that_says_what_it_was_taught(
    taught, models, upside_down, small_mnist
):
    code, words = taught
    assert code == 0, words
    assert "mine: dense-five was taught 40 examples" in words
    space, (images, labels) = Workspace(models), upside_down
    card = serving.load_card("mine", workspace=space)
    assert card.taught["model"] == MODEL
    assert card.taught["data"] == ["odd.npz"]
    assert card.taught["digits"] == [4] * 10
    assert card.taught["accuracy"]["n"] == card.taught["examples"] == 40
    assert card.metrics["test"]["n"] == len(small_mnist.test)
    shown = to_float(images[40:])
    before = serving.load_predictor(MODEL, workspace=space)(shown).argmax(axis=1) == labels[40:]
    mine = serving.load_predictor("mine", workspace=space)
    after = mine(shown).argmax(axis=1) == labels[40:]
    assert after.sum() >= before.sum() + 4
    assert card.taught["accuracy"]["held_out"] > card.taught["accuracy"]["before"]


def test_a_taught_model_keeps_what_it_was_taught_when_it_is_taught_more(
    taught, adapt, models, upside_down, tmp_path
):
    images, labels = upside_down
    np.savez(tmp_path / "more.npz", x=images[40:], y=labels[40:])
    assert adapt(tmp_path / "more.npz", "--model", "mine", name="more")[0] == 0
    space = Workspace(models)
    card = serving.load_card("more", workspace=space)
    assert (card.taught["model"], card.taught["data"]) == (MODEL, ["odd.npz", "more.npz"])
    assert card.taught["digits"] == [8] * 10
    replay = serving.load_replay(card, workspace=space)
    assert len(replay) == card.taught["examples"] + len(
        serving.load_replay(serving.load_card(MODEL, workspace=space), workspace=space)
    )
    with pytest.raises(ModelError, match="was taught handwriting after its training"):
        export.store_replay("more", None, workspace=space)


def test_a_taken_name_is_replaced_only_on_request(taught, adapt, tmp_path):
    code, words = adapt(tmp_path / "odd.npz")
    assert (code, "already a model 'mine'" in words) == (2, True)
    assert adapt(tmp_path / "odd.npz", "--replace")[0] == 0
    code, words = adapt(tmp_path / "odd.npz", "--replace", name="digit-net")
    assert (code, "comes with the project" in words) == (2, True)


def test_a_name_that_cannot_be_is_wrong_usage(adapt, tmp_path):
    code, words = adapt(tmp_path, name="../x")
    assert (code, "cannot be the name" in words) == (2, True)


def test_of_one_example_nothing_is_said_about_others(adapt, upside_down, tmp_path):
    images, labels = upside_down
    np.savez(tmp_path / "one.npz", x=images[:1], y=labels[:1])
    code, words = adapt(tmp_path / "one.npz")
    assert code == 0, words
    assert "was taught 1 example, which it classified" in words
    assert "the others" not in words


def test_a_folder_of_pictures_is_taught(adapt, models, upside_down, tmp_path):
    rows = []
    for place, (image, label) in enumerate(zip(*upside_down, strict=True)):
        if place < 10:
            Image.fromarray(255 - image).resize((112, 112)).save(tmp_path / f"{place}.png")
            rows.append((f"{place}.png", label))
    (tmp_path / "broken.png").write_bytes(b"no picture")

    def write(rows, head=("file", "label")):
        with (tmp_path / "labels.csv").open("w", newline="") as file:
            csv.writer(file).writerows([head, *rows])

    write([*rows, ("broken.png", 3)])
    code, words = adapt(tmp_path)
    assert code == 1, "one of the pictures is broken"
    assert "broken.png" in words
    assert "1 of 11 pictures" in words
    assert not (models / "mine").exists()
    write([*rows, ("missing.png", 3)])
    code, words = adapt(tmp_path)
    assert (code, "There is no file" in words, (models / "mine").exists()) == (1, True, False)
    write(rows)
    assert adapt(tmp_path)[0] == 0
    assert serving.load_card("mine", workspace=Workspace(models)).taught["digits"] == [1] * 10
    for table, sentence in {
        (("broken.png", 3),): "1 of 1 pictures",
        (("0.png", "x"),): "line 2: expected a file and a label",
        (): "needs the columns file,label",
    }.items():
        write(table)
        code, words = adapt(tmp_path, name="other")
        assert (code, sentence in words) == (1, True), words
    (tmp_path / "labels.csv").unlink()
    assert "cannot be read" in adapt(tmp_path, name="other")[1]


def test_export_stores_the_replay_without_tensorflow(models, monkeypatch, small_mnist, capsys):
    monkeypatch.setattr(data, "load_mnist", lambda **_: small_mnist)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    before = serving.load_card(MODEL, workspace=Workspace(models))
    options = ["export", "--replay", "--model", MODEL, "--models", str(models)]
    assert cli.main(options) == 0
    assert "of its training" in capsys.readouterr().err
    assert serving.load_card(MODEL, workspace=Workspace(models)) == before


def test_export_stores_a_map_without_tensorflow(models, monkeypatch, small_mnist, capsys):
    monkeypatch.setattr(data, "load_mnist", lambda **_: small_mnist)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    assert cli.main(["export", "--map", "--model", MODEL, "--models", str(models)]) == 0
    assert "has a map of" in capsys.readouterr().err
    card = serving.load_card(MODEL, workspace=Workspace(models))
    assert len(serving.load_digit_map(card, workspace=Workspace(models))) == len(small_mnist.test)


def test_a_model_that_keeps_nothing_of_its_training_names_the_command(adapt, models, tmp_path):
    shutil.copytree(WORKSPACE.models / "dense-sigmoid", models / "dense-sigmoid")
    space = Workspace(models)
    card = serving.load_card("dense-sigmoid", workspace=space)
    contents = {file: serving.read_file(card, file, workspace=space) for file in serving.FILES}
    serving.save_model(card, contents, workspace=space, replace=True)  # as from before replay
    np.savez(tmp_path / "one.npz", x=np.eye(28, dtype=np.uint8)[None] * 255, y=[1])
    code, words = adapt(tmp_path / "one.npz", "--model", "dense-sigmoid")
    assert (code, "export --replay --model dense-sigmoid" in words) == (1, True)


def test_blank_images_are_refused_and_the_last_label_of_an_image_counts(
    adapt, models, upside_down, tmp_path
):
    images, labels = upside_down
    blank = np.stack([images[0], np.zeros_like(images[0]), np.full_like(images[0], 255)])
    np.savez(tmp_path / "blank.npz", x=blank, y=[3, 4, 5])
    code, words = adapt(tmp_path / "blank.npz")
    assert (code, (models / "mine").exists()) == (1, False)
    assert "2 of 3 images in" in words
    assert "are blank, the first of them is number 2" in words
    np.savez(tmp_path / "both.npz", x=images[[0, 1, 0]], y=[3, labels[1], 8])
    code, words = adapt(tmp_path / "both.npz")
    assert code == 0, words
    assert "1 of 3 images" in words
    assert "each counts once, with its last label" in words
    digits = serving.load_card("mine", workspace=Workspace(models)).taught["digits"]
    assert (sum(digits), digits[labels[1]], digits[8]) == (2, 1, 1)


def test_labels_that_are_text_get_a_sentence(adapt, tmp_path):
    np.savez(tmp_path / "text.npz", x=np.zeros((2, 28, 28), np.uint8), y=np.array(["7", "2"]))
    code, words = adapt(tmp_path / "text.npz")
    assert (code, "whole numbers from 0 to 9, received <U1" in words) == (1, True)
