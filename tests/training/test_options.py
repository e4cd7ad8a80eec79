"""A training as a command line, and back."""

import shlex
from dataclasses import fields, replace

import pytest

from mnist_core import cli
from mnist_core.cli import train
from mnist_core.cli.main import parser
from mnist_core.training import options
from mnist_core.training.config import RECIPES, TrainingConfig

CONFIG = replace(RECIPES["dense-sigmoid"], name="mine", epochs=3)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"damage": ("noise", "light"), "damaged": 0.25, "made_up": 300},
        {"learning_rate": 1e-5, "weight_decay": 1 / 3, "optimiser": "adamw", "averaging": 0.99},
        {"share": 0.1, "imbalance": "step:0.5:100", "rebalance": "focal-loss", "strength": 1.5},
        {"imbalance": "counts:" + ",".join("1234567890"), "schedule": "cosine", "seed": 2**32 - 1},
        {"precision": "int8", "start": "cnn-three", "augmentation": "affine", "batch_size": 7},
        {"loss": "sparse_categorical_crossentropy", "label_smoothing": 0.0, "epochs": 1000},
    ],
)
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("half", [True, False])
def test_the_command_gives_the_same_settings(recipe, changes, half):
    if "loss" not in changes:
        changes = {"label_smoothing": 0.1, "loss": "categorical_crossentropy"} | changes
    wanted = replace(RECIPES[recipe], name="mine-2", half_precision=half, **changes)
    words = shlex.split(shlex.join(options.command(wanted)))
    assert words[:6] == ["python", "-m", "mnist_core", "train", "--arch", recipe]
    asked = parser().parse_args([*words[3:], "--models", "x", "--claimed"])
    assert train._settings(asked) == wanted


def test_the_command_of_a_recipe_is_short():
    assert options.command(replace(RECIPES["digit-net"], name="mine")) == shlex.split(
        "python -m mnist_core train --arch digit-net --name mine"
    )


def test_there_is_an_option_for_every_setting():
    assert list(options.OPTIONS) == [field.name for field in fields(TrainingConfig)]


def test_the_choices_of_the_command_line_are_those_of_the_settings():
    for setting, option in options.OPTIONS.items():
        if option.choices and setting != "damage":
            with pytest.raises(ValueError, match=f"{setting} is one of") as refused:
                replace(CONFIG, **{setting: "magic"})
            assert all(choice in str(refused.value) for choice in option.choices)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--imbalance", "melt"], "imbalance is one of none, step, "),
        (["--imbalance", "step:2"], "share of rare digits goes from 0 to 1"),
        (["--imbalance", "counts:" + ",".join(["9000"] * 10)], "9,000 were asked for"),
        (["--share", "0"], "share goes from 0.01 to 1"),
        (["--strength", "nan"], "strength goes from"),
        (["--epochs", "1000000"], "epochs goes from 1 to 2000, received 1000000"),
        (["--label-smoothing", "0.1"], "label_smoothing needs loss categorical_crossentropy"),
        (["--seed", "-1"], "seed goes from 0"),
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
