import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core import cli, config, data, runs, serving
from mnist_core.cli import common, given, train
from mnist_core.collection import Collection, Drawing
from mnist_core.errors import DivergedError, RunError
from mnist_core.evaluation import robustness
from mnist_core.pixels import to_float
from mnist_core.runs.trainer import Trainer
from mnist_core.training import distribution, run_folder, tasks
from mnist_core.training.config import RECIPES
from mnist_core.workspace import WORKSPACE, Workspace

UINT8 = np.random.default_rng(0).integers(0, 256, (4, 28, 28), np.uint8)


@pytest.fixture
def npz(tmp_path):
    """Write arrays to a file; returns its path as a string."""

    def write(**arrays):
        path = tmp_path / "in.npz"
        np.savez(path, **arrays)
        return str(path)

    return write


def test_models_prints_one_object_a_line(capsys):
    assert cli.main(["models", "--json"]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows[0]["name"] == config.DEFAULT_MODEL
    assert {"parameters", "accuracy", "interval", "bytes"} <= set(rows[0])


def test_models_prints_a_table_for_people(capsys):
    assert cli.main(["models"]) == 0
    assert capsys.readouterr().out.startswith("digit-net ")


def test_predict_writes_the_answers(npz, tmp_path, digits):
    x = np.round(digits * 255).astype(np.uint8)
    out = tmp_path / "out.npz"
    assert cli.main(["predict", npz(x=x), "--out", str(out)]) == 0
    answers = np.load(out)
    assert answers["probabilities"].shape == (10, 10)
    assert answers["digit"].tolist() == answers["probabilities"].argmax(axis=1).tolist()
    assert answers["confidence"] == pytest.approx(answers["probabilities"].max(axis=1))
    assert ((answers["is_digit"] >= 0) & (answers["is_digit"] <= 1)).all()
    assert answers["accepted"].dtype == bool
    assert set(answers) == {"probabilities", "digit", "confidence", "is_digit", "accepted"}


def test_evaluate_measures_a_file(npz, capsys, digits):
    x = np.round(digits * 255).astype(np.uint8)
    assert cli.main(["evaluate", "--data", npz(x=x, y=np.arange(10)), "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    report = json.loads(line)
    assert report["n"] == 10
    assert report["accuracy"] == 1 - report["errors"] / 10
    assert {"interval", "balanced_accuracy", "recall", "confusion", "ece"} <= set(report)
    assert {"coverage", "selective_accuracy", "seconds"} <= set(report)


@pytest.mark.parametrize("name", [card.name for card in serving.list_models(classifiers_only=True)])
def test_the_cards_figures_are_what_evaluate_prints(mnist, capsys, name):
    assert cli.main(["evaluate", "--model", name, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    card = serving.load_card(name).metrics["test"]
    # Processors round differently; one image in 10,000 may tip over.
    assert report["accuracy"] == pytest.approx(card["accuracy"], abs=2e-4)
    assert report["n"] == len(mnist.test)


def test_evaluate_speaks_in_words_without_json(npz, capsys):
    assert cli.main(["evaluate", "--data", npz(x=UINT8, y=np.zeros(4, int))]) == 0
    assert "of 4 images classified correctly" in capsys.readouterr().out


def test_evaluate_corrupts_as_the_core_does(npz, capsys, digits):
    x = np.round(digits * 255).astype(np.uint8)
    file = npz(x=x, y=np.arange(10))
    options = ["--corruption", "rotate", "--severity", "0.7", "--seed", "4", "--json"]
    assert cli.main(["evaluate", "--data", file, *options]) == 0
    report = json.loads(capsys.readouterr().out)
    predict = serving.load_predictor()
    expected = robustness.evaluate_corrupted(
        predict, to_float(x), np.arange(10), "rotate", 0.7, seed=4
    )
    for key in expected.keys() - {"coverage", "selective_accuracy"}:
        assert report[key] == expected[key]
    assert (report["corruption"], report["severity"], report["seed"]) == ("rotate", 0.7, 4)


def test_evaluate_takes_the_share_of_answers_to_give(npz, capsys, digits):
    file = npz(x=np.round(digits * 255).astype(np.uint8), y=np.arange(10))
    assert cli.main(["evaluate", "--data", file, "--coverage", "0.5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["coverage"] == 0.5


@pytest.mark.parametrize("coverage", ["0", "1.1", "nan", "much"])
def test_a_coverage_that_cannot_be_is_wrong_usage(capsys, coverage):
    with pytest.raises(SystemExit, match="2"):
        cli.main(["evaluate", "--coverage", coverage])
    assert "above 0 to 1" in capsys.readouterr().err


def test_export_makes_the_files_to_run_again(small_mnist, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(data, "load_mnist", lambda **_: small_mnist)
    shutil.copytree(WORKSPACE.models / "dense-five", tmp_path / "dense-five")
    before = serving.load_card("dense-five", workspace=Workspace(tmp_path))
    arguments = ["--model", "dense-five", "--non-digits", "60", "--models", str(tmp_path)]
    assert cli.main(["export", *arguments]) == 0
    assert "synthetic non-digits" in capsys.readouterr().err
    after = serving.load_card("dense-five", workspace=Workspace(tmp_path))
    assert after.training["non_digits"] == 60
    assert after.files["model.keras"] == before.files["model.keras"]
    assert after.metrics["test"]["n"] == 200


def test_old_spellings_of_export_work_and_name_the_new_ones(mnist, tmp_path, capsys):
    arguments = ["--nondigits", "60", "--model", "nobody", "--models", str(tmp_path)]
    assert cli.main(["renew", *arguments]) == 2
    output = capsys.readouterr()
    assert "The command renew is now export." in output.err
    assert "--nondigits is now --non-digits." in output.err
    assert "There is no model 'nobody'" in output.err
    assert output.out == ""


@pytest.mark.parametrize("command", [["export"], ["train", "--recipe", "dense-five"]])
def test_without_tensorflow_commands_that_need_it_name_what_to_install(
    command, monkeypatch, capsys
):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert cli.main(command) == 2
    assert "pip install 'digit-lab[train]'" in capsys.readouterr().err


@pytest.mark.parametrize("called", ["digit-lab", "digit-lab.exe", "__main__.py"])
def test_the_help_names_the_program_as_it_was_called(called, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [f"/somewhere/{called}"])
    with pytest.raises(SystemExit, match="0"):
        cli.main(["export", "--help"])
    shown = capsys.readouterr().out
    assert shown.startswith(
        "usage: python -m mnist_core export" if "main" in called else "usage: digit-lab export"
    )
    assert "renew" not in shown
    assert "--nondigits" not in shown


def test_evaluate_names_the_corruption_in_words(npz, capsys, digits):
    x = np.round(digits * 255).astype(np.uint8)
    file = npz(x=x, y=np.arange(10))
    assert cli.main(["evaluate", "--data", file, "--corruption", "fog", "--severity", "1"]) == 0
    assert "10 images with fog at severity 1 classified correctly" in capsys.readouterr().out


@pytest.mark.parametrize(
    "options", [["--corruption", "fog"], ["--severity", "0.5"], ["--severity", "0"]]
)
def test_a_corruption_needs_a_severity_and_the_other_way_round(options, capsys):
    assert cli.main(["evaluate", *options]) == 2
    assert "go together" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["evaluate", "robustness"])
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--corruption", "melt", "--severity", "0.5"], "invalid choice: 'melt'"),
        (["--corruption", "fog", "--severity", "1.5"], "from 0 to 1, received 1.5"),
        (["--corruption", "fog", "--severity", "nan"], "from 0 to 1, received nan"),
        (["--corruption", "fog", "--severity", "much"], "from 0 to 1, received much"),
        (["--corruption", "fog", "--severity", "0.5", "--seed=-1"], "whole number from 0 on"),
        (["--corruption", "fog", "--severity", "0.5", "--seed", "0.5"], "whole number from 0 on"),
    ],
)
def test_corruptions_that_cannot_be_are_wrong_usage(command, options, sentence, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([command, *options])
    assert stop.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert sentence in output.err


@pytest.fixture
def robust(npz, digits):
    """Run `robustness` on ten digits, two corruptions and two severities."""
    x = np.round(digits * 255).astype(np.uint8)
    file = npz(x=x, y=np.arange(10))

    def run(*options, models=("dense-sigmoid", "cnn-three")):
        arguments = ["robustness", "--data", file, "--model", *models]
        arguments += ["--corruption", "fog", "old_fax", "--severity", "1", "0.5"]
        return cli.main([*arguments, *options])

    return run


def test_robustness_prints_rows_and_summaries_as_json(robust, capsys):
    assert robust("--json") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    rows, summaries = lines[:-2], [line["summary"] for line in lines[-2:]]
    assert len(rows) == 2 * (1 + 2 * 2)
    assert all(tuple(row) == robustness.COLUMNS for row in rows)
    assert [summary["model"] for summary in summaries] == ["dense-sigmoid", "cnn-three"]
    (fog,) = [
        row["accuracy"]
        for row in rows
        if (row["model"], row["corruption"], row["severity"]) == ("cnn-three", "fog", 0.5)
    ]
    assert summaries[1]["by_severity"]["0.5"]["mean"] == fog


def test_robustness_prints_csv(robust, capsys):
    assert robust("--csv", models=["cnn-three"]) == 0
    output = capsys.readouterr()
    rows = list(csv.DictReader(io.StringIO(output.out)))
    assert tuple(rows[0]) == robustness.COLUMNS
    assert len(rows) == 5
    assert "cnn-three, severity 0.5: mean" in output.err


def test_robustness_prints_a_table_for_people(robust, capsys):
    assert robust() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["dense-sigmoid", "0.5", "1"]
    assert lines[1].split()[0] == "fog"
    assert "worst" in lines[-1]


def test_robustness_keeps_the_means_on_the_card(tmp_path, capsys, mnist, monkeypatch):
    shutil.copytree(WORKSPACE.models / "dense-sigmoid", tmp_path / "dense-sigmoid")
    small = data.Split(mnist.test.images[:500], mnist.test.labels[:500])
    monkeypatch.setattr(common, "load_mnist", lambda: data.Mnist(small, small, small))
    options = ["--models", str(tmp_path), "--severity", "0.5", "--save", "--json"]
    assert cli.main(["robustness", *options]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])["summary"]
    kept = serving.load_card("dense-sigmoid", workspace=Workspace(tmp_path)).metrics["damaged"]
    assert kept == {"n": 500, "split": "test", **summary["by_severity"]}


def test_only_whole_tables_are_kept_on_the_card(robust, capsys):
    assert robust("--save") == 2
    assert "all corruptions" in capsys.readouterr().err


def test_the_cards_need_the_middle_severity(capsys):
    assert cli.main(["robustness", "--save", "--severity", "0.25"]) == 2
    assert "needs severity 0.5" in capsys.readouterr().err


def test_robustness_without_any_model_is_reported(npz, tmp_path, capsys):
    file = npz(x=UINT8, y=np.zeros(4, int))
    arguments = ["robustness", "--data", file, "--models", str(tmp_path / "none"), "--json"]
    assert cli.main(arguments) == 1
    assert "There is no model in" in capsys.readouterr().err


def test_robustness_refuses_models_that_are_not_there(robust, capsys):
    assert robust(models=["nobody"]) == 2
    assert "There is no model 'nobody'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arrays", "complaint"),
    [
        ({"z": UINT8}, "x is not a file"),
        ({"x": UINT8.astype(float), "y": np.zeros(4, int)}, "Expected uint8"),
        ({"x": UINT8[:, :20], "y": np.zeros(4, int)}, "Expected uint8"),
        ({"x": UINT8, "y": np.zeros(3, int)}, "a label for each"),
        ({"x": UINT8[:0], "y": np.zeros(0, int)}, "at least one image"),
        ({"x": UINT8, "y": np.full(4, 10)}, "from 0 to 9"),
        ({"x": UINT8, "y": np.zeros((4, 1), int)}, "a label for each"),
        ({"x": np.array([{}]), "y": np.zeros(1, int)}, "other things than numbers"),
    ],
)
def test_bad_files_get_a_sentence_and_exit_code_1(npz, capsys, arrays, complaint):
    assert cli.main(["evaluate", "--data", npz(**arrays), "--json"]) == 1
    output = capsys.readouterr()
    assert complaint in output.err
    assert output.out == ""


def one_array():
    file = io.BytesIO()
    np.save(file, UINT8)
    return file.getvalue()


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken", one_array()])
def test_files_that_are_no_archives_get_a_sentence(tmp_path, capsys, content):
    path = tmp_path / "in.npz"
    path.write_bytes(content)
    assert cli.main(["predict", str(path), "--out", str(tmp_path / "out.npz")]) == 1
    words = capsys.readouterr().err
    assert "cannot be read: it is no .npz file" in words
    assert "pickle" not in words


@pytest.mark.parametrize(
    "command",
    [["evaluate"], ["robustness"], ["export"], ["export", "--replay"], ["adapt", "--name", "x"]],
)
@pytest.mark.parametrize("model", ["nobody", "../up"])
def test_a_model_that_is_not_there_is_wrong_usage(
    npz, small_mnist, monkeypatch, tmp_path, capsys, command, model
):
    monkeypatch.setattr(data, "load_mnist", lambda **_: small_mnist)
    file = npz(x=UINT8, y=np.zeros(4, int))
    given = {"evaluate": ["--data", file], "robustness": ["--data", file], "adapt": [file]}
    arguments = [*given.get(command[0], []), "--model", model, "--models", str(tmp_path)]
    assert cli.main([*command, *arguments]) == 2
    assert repr(model) in capsys.readouterr().err


def test_missing_files_and_models_get_a_sentence(npz, tmp_path, capsys):
    assert cli.main(["evaluate", "--data", str(tmp_path / "none.npz")]) == 1
    assert "none.npz cannot be read: there is no such file" in capsys.readouterr().err
    assert cli.main(["predict", npz(x=UINT8), "--out", "x", "--model", "../up"]) == 2
    assert "cannot be the name" in capsys.readouterr().err
    assert cli.main(["predict", npz(x=UINT8), "--out", str(tmp_path / "no" / "x.npz")]) == 1
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["train", "--arch", "x"], ["predict"]])
def test_wrong_usage_is_exit_code_2(arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--recipe", "dense-five", "--name", "../x"], "cannot be the name"),
        (["--recipe", "dense-five", "--name", "x", "--epochs", "0"], "epochs has to be"),
        (["--recipe", "dense-five", "--name", "x", "--learning-rate", "nan"], "has to be a number"),
        (["--name", "x"], "Name what to train"),
        (["--recipe", "dense-five"], "already a model 'dense-five'"),
        (["--resume", "--name", "never-begun"], "no training to resume"),
        (["--resume", "--recipe", "dense-five"], "no training to resume"),
        (["--recipe", "dense-five", "--name", "x", "--start", "nobody"], "There is no model"),
        (["--recipe", "dense-five", "--name", "x", "--start", "../x"], "cannot be the name"),
        (["--recipe", "dense-five", "--name", "x", "--start-share", "0.5"], "add --start NAME"),
    ],
)
def test_trainings_that_cannot_be_are_refused(capsys, monkeypatch, tmp_path, arguments, complaint):
    assert cli.main(["train", *arguments, "--runs", str(tmp_path)]) == 2
    assert complaint in capsys.readouterr().err


@pytest.fixture
def trainer(tmp_path, small_mnist, monkeypatch):
    """Let `train` run on small data in folders of this test's own."""
    monkeypatch.setattr(data, "load_mnist", lambda **_: small_mnist)
    return Workspace.inside(tmp_path)


TRAIN = ["train", "--arch", "dense-five", "--non-digits", "60", "--batch-size", "100"]
TRAIN += ["--name", "mine"]


def folders(workspace):
    """Return the options that name a workspace's folders."""
    return ["--models", str(workspace.models), "--runs", str(workspace.runs)]


@pytest.fixture(scope="module")
def finished(small_mnist, tmp_path_factory):
    """A folder with a training `mine` of three epochs and its model, for `trained` to copy."""
    folder = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load_mnist", lambda **_: small_mnist)
        assert cli.main([*TRAIN, "--epochs", "3", *folders(Workspace.inside(folder))]) == 0
    return folder


@pytest.fixture
def trained(trainer, finished, tmp_path):
    """The workspace of `trainer`, with a finished training `mine` and its model."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True)
    return trainer


def test_train_writes_a_model(trained, capsys):
    models = folders(trained)
    assert serving.load_card("mine", workspace=trained).training["epochs"] == 3
    assert cli.main([*TRAIN, *models]) == 2
    assert cli.main([*TRAIN, "--epochs", "1", "--replace", *models]) == 0
    assert "of the 200 test images classified correctly" in capsys.readouterr().err
    assert serving.load_card("mine", workspace=trained).training["epochs"] == 1


def test_an_unfinished_training_is_not_lost_unasked(trained, capsys):
    models = folders(trained)
    shutil.rmtree(trained.models)
    assert cli.main([*TRAIN, "--epochs", "1", *models]) == 2
    assert "unfinished training of 'mine': add --resume" in capsys.readouterr().err
    assert cli.main(["train", "--resume", "--name", "mine", "--epochs", "4", *models]) == 2
    assert "it takes --name alone" in capsys.readouterr().err
    assert cli.main(["train", "--resume", "--name", "mine", *models]) == 0
    assert serving.load_card("mine", workspace=trained).training["epochs_done"] == 3


def test_a_training_may_start_with_a_model(trained, capsys):
    before = serving.load_card("mine", workspace=trained).metrics["validation"]
    second = [*TRAIN[:-1], "second", "--start", "mine", "--epochs", "1", "--learning-rate", "1e-6"]
    assert cli.main([*second, *folders(trained)]) == 0
    card = serving.load_card("second", workspace=trained)
    assert card.training["start"] == "mine"
    assert card.metrics["validation"]["accuracy"] == pytest.approx(before["accuracy"], abs=0.02)


def test_own_digits_and_those_that_people_gave_join_a_training_and_stay_for_its_end(
    trainer, tmp_path, monkeypatch, npz, capsys
):
    monkeypatch.setenv("DIGIT_LAB_DATABASE", f"sqlite:///{tmp_path}/given.sqlite3")
    opened = Collection(f"sqlite:///{tmp_path}/given.sqlite3", days=30)
    opened.give([Drawing(image, 1, (), "digit-net", 7, 0.5) for image in UINT8], "code")
    opened.give([Drawing(255 - UINT8[0], 8, (), "digit-net", 7, 0.5)], "another code")
    own = npz(x=255 - UINT8[[0, 1, 2, 1]], y=np.array([4, 2, 6, 5]))
    command = [*TRAIN, "--epochs", "1", "--collection", "--own-digits", own, *folders(trainer)]
    assert cli.main(command) == 0
    said = capsys.readouterr().err
    assert "4 digits that people gave join" in said, "one of the 5 is there as an own digit"
    assert "1 of 4 images in" in said
    assert "3 digits of your own join" in said
    card = serving.load_card("mine", workspace=trainer)
    assert card.trained_on["digits_that_people_gave"] == 4
    assert card.trained_on["own_digits"] == card.training["own_digits"] == 3
    assert "the first 600 training images" in card.trained_on["data"]
    opened.delete("code")
    opened.close()
    run_folder.write_digits(  # as the app does
        trainer.runs / "mine" / run_folder.GIVEN,
        data.Split(np.concatenate([255 - UINT8[:2], UINT8]), np.ones(6, np.uint8)),
    )
    Path(own).unlink()
    mnist = given.load_data(trainer.runs / "mine")
    assert np.array_equal(mnist.train.images[-4:], UINT8)
    assert mnist.train.labels[-4:].tolist() == [1] * 4
    assert np.array_equal(mnist.own.images, 255 - UINT8[[0, 2, 1]])
    assert mnist.own.labels.tolist() == [4, 6, 5]


def test_own_digits_that_cannot_be_read_start_no_training(trainer, npz, capsys):
    for path, words in [("nowhere.npz", "no such file"), (npz(x=UINT8), "y is not a file")]:
        assert cli.main([*TRAIN, "--own-digits", path, *folders(trainer)]) == 1
        assert words in capsys.readouterr().err
    assert not trainer.runs.exists()


def test_a_model_that_does_not_fit_cannot_be_the_start(trainer, capsys):
    shutil.copytree(WORKSPACE.models / "cnn-three", trainer.models / "cnn-three")
    assert cli.main([*TRAIN, "--start", "cnn-three", *folders(trainer)]) == 1
    assert "A dense-five cannot begin with the weights of 'cnn-three'" in capsys.readouterr().err
    assert not (trainer.models / "mine").exists()


def test_a_damaged_model_cannot_be_the_start(trainer, capsys):
    shutil.copytree(WORKSPACE.models / "dense-five", trainer.models / "dense-five")
    (trainer.models / "dense-five" / "model.keras").write_bytes(b"PK")
    assert cli.main([*TRAIN, "--start", "dense-five", *folders(trainer)]) == 2
    assert "model.keras of the model 'dense-five' is damaged" in capsys.readouterr().err


def train_by(monkeypatch, train):
    """Let classifiers be trained by another function."""
    record = replace(tasks.TASKS["classification"], train=train)
    monkeypatch.setitem(tasks.TASKS, "classification", record)


def test_resume_needs_the_model_to_start_with_only_before_the_first_epoch(
    trainer, capsys, monkeypatch
):
    from mnist_core import training

    given = []

    def stop(config, mnist, folder, *, resume, start, teach, stopping, workers):
        given.append((resume, start))
        raise RunError("Enough.")

    shutil.copytree(WORKSPACE.models / "dense-five", trainer.models / "dense-five")
    settings = replace(RECIPES["dense-five"], name="mine", start="dense-five")
    training.open_run(settings, trainer.runs / "mine", resume=False)
    train_by(monkeypatch, stop)
    again = ["train", "--resume", "--name", "mine", *folders(trainer)]
    assert cli.main(again) == 1
    (trainer.runs / "mine" / training.LAST).touch()
    shutil.rmtree(trainer.models)
    assert cli.main(again) == 1
    (first, second) = given
    assert first[0]
    assert first[1].count_params() == serving.load_card("dense-five").parameters
    assert second == (True, None)


def test_resume_does_not_replace_a_model_of_another_training(trained, capsys):
    card = serving.load_card("mine", workspace=trained)
    contents = {file: serving.read_file(card, file, workspace=trained) for file in card.files}
    other = replace(card, training=card.training | {"seed": 1})
    serving.save_model(other, contents, workspace=trained, replace=True)
    again = ["train", "--resume", "--name", "mine", *folders(trained)]
    assert cli.main(again) == 2
    assert "that this training has not written" in capsys.readouterr().err
    assert cli.main([*again, "--replace"]) == 0
    assert serving.load_card("mine", workspace=trained).training["seed"] == 0


def test_a_worker_that_does_not_lead_leaves_the_run_to_the_one_that_does(
    trainer, capsys, monkeypatch
):

    seen = []
    helper = distribution.SingleProcess()
    helper.chief = False
    monkeypatch.setattr(distribution, "from_environment", lambda: helper)
    train_by(monkeypatch, lambda *given, **_: iter(seen.append(given) or ()))
    assert cli.main([*TRAIN, "--epochs", "1", *folders(trainer)]) == 0
    assert len(seen) == 1
    assert not trainer.runs.exists()

    def fail(*_, **__):
        raise RunError("The others have gone.")
        yield

    train_by(monkeypatch, fail)
    assert cli.main([*TRAIN, "--epochs", "1"]) == 1
    assert capsys.readouterr().err.strip() == "The others have gone."


def test_a_bad_tf_config_is_wrong_usage(trainer, capsys, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "{}")
    assert cli.main(TRAIN) == 2
    assert "TF_CONFIG has to be such as" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send these signals to itself")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_a_training_to_stop_and_the_second_interrupts(number):
    class Asked:
        stop_reason = ""

    with train._heeding_signals(Asked):
        before = signal.getsignal(number)
        os.kill(os.getpid(), number)
        assert Asked.stop_reason.startswith("It was stopped by")
        assert signal.getsignal(number) != before


def test_a_training_whose_loss_is_no_number_fails_in_words(trainer, capsys, monkeypatch):
    wild = replace(RECIPES["dense-five"], optimiser="sgd", learning_rate=10, epochs=20)
    monkeypatch.setitem(RECIPES, "dense-five", wild)
    assert cli.main([*TRAIN, *folders(trainer)]) == 1
    assert "Lower the learning rate" in capsys.readouterr().err
    assert not trainer.models.exists()


def test_what_was_good_before_the_loss_was_no_number_is_kept(trainer, capsys, monkeypatch):
    from mnist_core import training

    def diverges(*given, **more):
        yield from train(*given, **more)
        raise DivergedError("The loss stopped being a number. Lower the learning rate.")

    train = training.train
    train_by(monkeypatch, diverges)
    assert cli.main([*TRAIN, "--epochs", "1", *folders(trainer)]) == 1
    words = capsys.readouterr().err
    assert "Lower the learning rate. The best weights were kept. mine: " in words
    found = runs.read_status("mine", workspace=trainer)
    assert (found.state, found.published, found.resumable) == ("failed", True, False)


@pytest.fixture
def stopped_within_an_epoch(monkeypatch):
    """Stop a training after its first step."""
    report = Trainer.report

    def stop(trainer, progress):
        report(trainer, progress)
        trainer.stop_reason = "It was stopped by hand"

    monkeypatch.setattr(Trainer, "report", stop)


def test_a_training_without_a_whole_epoch_publishes_nothing(
    trainer, capsys, stopped_within_an_epoch
):
    assert cli.main([*TRAIN, "--epochs", "8", *folders(trainer)]) == 0
    words = capsys.readouterr().err
    assert "It was stopped by hand after 0 of 8 whole epochs. No epoch was finished" in words
    found = runs.read_status("mine", workspace=trainer)
    assert (found.state, found.outcome, found.published) == ("stopped", "unfinished", False)
    assert found.resumable
    assert (trainer.runs / "mine" / run_folder.BEST).exists()  # the weights so far are kept
    assert not trainer.models.exists()


def test_an_unfinished_training_is_published_where_that_is_asked_for(
    trainer, capsys, stopped_within_an_epoch
):
    assert cli.main([*TRAIN, "--epochs", "8", "--publish-unfinished", *folders(trainer)]) == 0
    assert (
        "after 0 of 8 whole epochs. The best weights were kept. mine: " in capsys.readouterr().err
    )
    card = serving.load_card("mine", workspace=trainer)
    assert (card.training["epochs"], card.training["epochs_done"]) == (8, 0)
    assert runs.read_status("mine", workspace=trainer).outcome == "published"


def test_a_missing_folder_of_models_is_reported(tmp_path, capsys):
    assert cli.main(["models", "--models", str(tmp_path / "none")]) == 1
    assert "no folder" in capsys.readouterr().err


def test_a_damaged_model_is_reported_and_the_others_listed(tmp_path, capsys):
    for name in ("dense-five", "cnn-three"):
        shutil.copytree(WORKSPACE.models / name, tmp_path / name)
    (tmp_path / "cnn-three" / "model.tflite").write_bytes(b"")
    assert cli.main(["models", "--json", "--models", str(tmp_path)]) == 1
    output = capsys.readouterr()
    assert json.loads(output.out)["name"] == "dense-five"
    assert "'cnn-three' is damaged" in output.err


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "mnist_core", "models", "--json"]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    process.stdout.close()
    words = process.stderr.read().decode()
    assert process.wait(60) == 1
    assert "BrokenPipe" not in words


def test_ctrl_c_elsewhere_stops_quietly(monkeypatch, capsys):
    def stop(**_):
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "load_mnist", stop)
    assert cli.main(["evaluate"]) == 130
    assert capsys.readouterr().err.strip() == "Stopped."


STOPPED_TRAINING = """
import sys
# TensorFlow and Keras would load these, too, which no training needs.
sys.modules |= {"jax": None, "sklearn": None}
import numpy as np
from mnist_core import cli, data
from mnist_core.synthesis.digits import synthetic_digits
from mnist_core.training.export import servable

def split(n, seed):
    labels = np.arange(n, dtype=np.uint8) % 10
    return data.Split(synthetic_digits(labels, np.random.default_rng(seed)), labels)

small = data.Mnist(train=split(600, 1), validation=split(200, 2), test=split(200, 3))
data.load_mnist = lambda **_: small
servable.NON_DIGITS_A_KIND = 3
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_keeps_the_best_so_far_and_resume_continues(trainer, monkeypatch):
    begin = [sys.executable, "-c", STOPPED_TRAINING, *TRAIN, "--epochs", "1000"]
    command = [*begin, "--batch-size", "5", *folders(trainer)]
    history = trainer.runs / "mine" / "history.csv"
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 300
    while not history.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=300)
    assert process.returncode == 0, words
    assert "keeping the best weights so far" in words
    epochs = len(history.read_text().splitlines()) - 1
    assert 1 <= epochs < 1000
    card = serving.load_card("mine", workspace=trainer)
    assert (card.training["epochs_done"], card.metrics["test"]["n"]) == (epochs, 200)

    report = Trainer.report

    def stop_after_an_epoch(running, progress):
        report(running, progress)
        if progress.validation:
            running.stop_reason = "It was stopped by hand"

    monkeypatch.setattr(Trainer, "report", stop_after_an_epoch)
    assert cli.main(["train", "--resume", "--name", "mine", *folders(trainer)]) == 0
    assert len(history.read_text().splitlines()) - 1 == epochs + 1
    assert serving.load_card("mine", workspace=trainer).training["epochs_done"] == epochs + 1
