"""A training as a command line, and back."""

import argparse
import re
import shlex
from dataclasses import fields, replace

import pytest

from mnist_core import cli, networks
from mnist_core.cli.main import parser
from mnist_core.errors import UsageError
from mnist_core.training import options, run_folder
from mnist_core.training.config import OLD_NAMES, RECIPES, TrainingConfig
from mnist_core.workspace import Workspace

CONFIG = replace(RECIPES["dense-sigmoid"], name="mine", epochs=3)


def test_the_command_gives_the_same_settings():
    for changes in [
        {},
        {
            "corruption_families": ("noise", "light"),
            "corrupted_share": 0.25,
            "synthetic_digits": 300,
        },
        {"learning_rate": 1e-5, "weight_decay": 1 / 3, "optimiser": "adamw", "averaging": 0.99},
        {"share": 0.1, "imbalance": "step:0.5:100", "rebalancing": "focal-loss", "strength": 1.5},
        {"imbalance": "counts:" + ",".join("1234567890"), "schedule": "cosine", "seed": 2**32 - 1},
        {
            "precision": "int8",
            "start": "cnn-three",
            "start_share": 0.25,
            "augmentation": "affine",
            "batch_size": 7,
        },
        {"loss": "sparse_categorical_crossentropy", "label_smoothing": 0.0, "epochs": 1000}
        | {"teacher": ""},
        {"teacher": "cnn-three", "distillation": 0.3, "non_digit_share": 0.1},
    ]:
        for recipe in networks.architectures_for("classification"):
            for half in [True, False]:
                case = changes, recipe, half
                if "loss" not in changes:
                    changes = {"label_smoothing": 0.1, "loss": "categorical_crossentropy"} | changes
                wanted = replace(RECIPES[recipe], name="mine-2", half_precision=half, **changes)
                words = shlex.split(shlex.join(options.command(wanted)))
                assert words[:6] == ["python", "-m", "mnist_core", "train", "--arch", recipe], case
                asked = parser().parse_args([*words[3:], "--models", "x", "--claimed"])
                assert options.settings_of(asked) == wanted, case


def test_the_command_gives_the_same_settings_of_a_detector():
    changes = {"epochs": 7, "batch_size": 3, "learning_rate": 1e-4, "averaging": 0.5, "seed": 9}
    wanted = replace(RECIPES["number-net"], name="mine", half_precision=True, **changes)
    asked = parser().parse_args([*options.command(wanted)[3:], "--models", "x", "--claimed"])
    assert options.settings_of(asked) == wanted


@pytest.mark.parametrize(
    "config",
    [RECIPES["number-net"], replace(RECIPES["cnn-three"], name="number-net", schedule="trapezoid")],
)
def test_what_stays_at_a_high_rate_may_be_resumed_for_more_epochs(tmp_path, config):
    config = replace(config, epochs=2)
    run_folder.open_run(config, tmp_path / "number-net")
    words = ["train", "--resume", "--name", "number-net", "--runs", str(tmp_path)]
    assert resumed(words).epochs == 2
    assert resumed([*words, "--epochs", "5"]) == replace(config, epochs=5)
    assert resumed([*words, "--learning-rate", "1e-4"]) == replace(config, learning_rate=1e-4)
    with pytest.raises(
        UsageError, match="or a trapezoid --epochs and --learning-rate; received --seed"
    ):
        resumed([*words, "--seed", "5"])
    run_folder.open_run(replace(RECIPES["cnn-three"], name="other"), tmp_path / "other")
    with pytest.raises(UsageError, match="takes --name alone"):
        resumed(["train", "--resume", "--name", "other", "--runs", str(tmp_path), "--epochs", "5"])


def resumed(words):
    asked = parser().parse_args([*words, "--models", "x"])
    asked.workspace = Workspace(asked.models, asked.runs)
    return options.settings_of(asked)


def test_arch_alone_starts_from_the_recipe_as_recipe_does():
    for name, recipe in RECIPES.items():
        for option in ("--arch", "--recipe"):
            asked = parser().parse_args(["train", option, name])
            assert options.settings_of(asked) == recipe
    both = ["train", "--recipe", "digit-net", "--arch", "cnn-three"]
    found = options.settings_of(parser().parse_args(both))
    assert found == replace(RECIPES["digit-net"], architecture="cnn-three")


def test_the_command_of_a_recipe_is_short():
    assert options.command(replace(RECIPES["digit-net"], name="mine")) == shlex.split(
        "python -m mnist_core train --arch digit-net --name mine"
    )


def test_the_command_shows_half_precision():
    words = options.command(replace(RECIPES["digit-net"], half_precision=True))
    assert words[-1] == "--half-precision"


def test_there_is_an_option_for_every_setting():
    parser = argparse.ArgumentParser()
    options.add_options(parser)
    assert vars(parser.parse_args([])) == {field.name: None for field in fields(TrainingConfig)}


OLD = {
    "--damage": ("corruption_families", ["noise", "blur"]),
    "--damaged": ("corrupted_share", 0.25),
    "--made-up": ("synthetic_digits", 300),
    "--rebalance": ("rebalancing", "focal-loss"),
    "--nondigits": ("non_digits", 60),
}


@pytest.mark.parametrize("old", OLD)
def test_old_spellings_are_understood_and_say_what_is_new(capsys, old):
    setting, value = OLD[old]
    parser = argparse.ArgumentParser()
    options.add_options(parser)
    words = list(map(str, value)) if isinstance(value, list) else [str(value)]
    assert options.given(parser.parse_args([old, *words])) == {setting: value}
    said = capsys.readouterr()
    assert said.err == f"{old} is now {options.flag(setting)}.\n"
    assert said.out == ""
    assert options.given(parser.parse_args([options.flag(setting), *words])) == {setting: value}
    assert capsys.readouterr().err == ""
    assert not re.search(rf"{old}\b(?!-)", parser.format_help())


def test_every_old_name_of_a_setting_has_an_old_spelling():
    assert {setting for setting, _ in OLD.values()} == set(OLD_NAMES.values())


def test_old_spellings_are_checked_like_new_ones(capsys):
    parser = argparse.ArgumentParser()
    options.add_options(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--damage", "hail"])
    assert "invalid choice: 'hail'" in capsys.readouterr().err


def test_the_choices_of_the_command_line_are_those_of_the_settings():
    parser = argparse.ArgumentParser()
    options.add_options(parser)
    for action in parser._actions:
        if action.choices:
            wrong = ("magic",) if action.nargs == "*" else "magic"
            with pytest.raises(ValueError, match=f"{action.dest} is one of") as refused:
                replace(CONFIG, **{action.dest: wrong})
            assert all(choice in str(refused.value) for choice in action.choices)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--imbalance", "melt"], "imbalance is one of none, step, "),
        (["--imbalance", "step:2"], "share of rare digits goes from 0 to 1"),
        (["--imbalance", "counts:" + ",".join(["9000"] * 10)], "9,000 were asked for"),
        (["--share", "0"], "share has to be a number from 0.01 to 1, received 0.0"),
        (["--strength", "nan"], "strength has to be a number from 0 to 3, received nan"),
        (
            ["--epochs", "1000000"],
            "epochs has to be a whole number from 1 to 2,000, received 1000000",
        ),
        (
            ["--label-smoothing", "0.1"],
            "Label smoothing works with the loss categorical cross-entropy alone",
        ),
        (["--seed", "-1"], "seed has to be a whole number from 0 to 4,294,967,295"),
    ],
)
def test_settings_that_cannot_be_are_wrong_usage(tmp_path, capsys, options, complaint):
    command = ["train", "--arch", "dense-sigmoid", "--name", "x", "--runs", str(tmp_path / "runs")]
    assert cli.main([*command, *options]) == 2
    words = capsys.readouterr().err
    assert complaint in words
    assert len(words.splitlines()) == 1
    assert not (tmp_path / "runs").exists()


def test_the_help_lists_the_profiles_of_imbalance(capsys):
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    for text in ("step:0.5:100", "long-tail:100", "--no-half-precision", "classifier-retraining"):
        assert text in words
    assert "--claimed" not in words
