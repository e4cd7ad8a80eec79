import json
from dataclasses import FrozenInstanceError, asdict

import pytest

from mnist_core import config
from mnist_core.networks import zoo
from mnist_core.training.config import LIMITS, RECIPES, TrainingConfig

CONFIG = TrainingConfig(name="x", architecture="dense-five")


def test_there_is_a_recipe_for_every_architecture_and_the_default():
    assert set(RECIPES) == set(zoo.ARCHITECTURES)
    assert config.DEFAULT_MODEL in RECIPES


def test_the_recipes_are_what_they_are_known_for():
    sigmoid, augmented = RECIPES["dense-sigmoid"], RECIPES["cnn-augmented"]
    assert (sigmoid.optimiser, sigmoid.epochs) == ("adam", 10)
    assert sigmoid.loss == "sparse_categorical_crossentropy"
    assert augmented.loss == "categorical_crossentropy"
    assert augmented.augmentation == "affine"
    assert RECIPES["cnn-three"].epochs == 10


def test_settings_are_frozen():
    with pytest.raises(FrozenInstanceError):
        CONFIG.epochs = 3


@pytest.mark.parametrize(
    "setting",
    ["architecture", "optimiser", "schedule", "loss", "augmentation", "precision", "rebalance"],
)
def test_unknown_choices_are_refused(setting):
    with pytest.raises(ValueError, match=f"{setting} is one of .*, received 'magic'"):
        TrainingConfig(**{"name": "x", "architecture": "dense-five", setting: "magic"})


@pytest.mark.parametrize(("setting", "limits"), LIMITS.items())
def test_numbers_out_of_range_are_refused(setting, limits):
    for value in (limits[0] - 1, limits[1] + 1, float("nan")):
        with pytest.raises(ValueError, match=f"{setting} goes from"):
            TrainingConfig(**{"name": "x", "architecture": "dense-five", setting: value})


def test_unknown_families_of_damage_are_refused():
    with pytest.raises(ValueError, match=r"damage is made of noise, .*, received 'hail'"):
        TrainingConfig(name="x", architecture="dense-five", damage=("noise", "hail"))


def test_damage_may_come_as_a_list():
    config = TrainingConfig(name="x", architecture="dense-five", damage=["blur"])
    assert config.damage == ("blur",)


def test_bad_names_are_refused():
    with pytest.raises(ValueError, match="cannot be the name"):
        TrainingConfig(name="../x", architecture="dense-five")


def test_a_training_may_start_with_a_model():
    assert CONFIG.start == ""
    config = TrainingConfig(name="x", architecture="dense-five", start="digit-net")
    assert config.start == "digit-net"


@pytest.mark.parametrize("start", ["../x", "a/b", "Ä", " "])
def test_bad_names_of_models_to_start_with_are_refused(start):
    with pytest.raises(ValueError, match="cannot be the name"):
        TrainingConfig(name="x", architecture="dense-five", start=start)


def test_label_smoothing_needs_whole_label_vectors():
    with pytest.raises(ValueError, match="label_smoothing needs"):
        TrainingConfig(
            name="x",
            architecture="dense-five",
            loss="sparse_categorical_crossentropy",
            label_smoothing=0.1,
        )


@pytest.mark.parametrize(
    ("setting", "value", "kind"),
    [
        ("epochs", 2.5, "a whole number"),
        ("epochs", "3", "a whole number"),
        ("seed", True, "a whole number"),
        ("learning_rate", "fast", "a number"),
        ("start", 3, "a text"),
        ("half_precision", 1, "true or false"),
        ("damage", "noise", "a list"),
        ("learning_rate", None, "a number"),
    ],
)
def test_values_of_another_kind_are_refused(setting, value, kind):
    with pytest.raises(ValueError, match=f"{setting} has to be {kind}"):
        TrainingConfig(**{"name": "x", "architecture": "dense-five", setting: value})


def test_profiles_of_imbalance_are_checked_at_once():
    with pytest.raises(ValueError, match="ratio goes from"):
        TrainingConfig(name="x", architecture="dense-five", imbalance="step:0.5:0")


def test_settings_survive_json():
    config = RECIPES["digit-net"]
    assert TrainingConfig.from_json(json.dumps(asdict(config))) == config


def test_settings_that_came_later_take_their_defaults():
    stored = '{"name": "x", "architecture": "dense-five", "unknown": 1}'
    assert TrainingConfig.from_json(stored) == CONFIG


@pytest.mark.parametrize("text", ["", "[]", "3", "{}", '{"name": "x"}', '{"name": 3}'])
def test_what_is_no_settings_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        TrainingConfig.from_json(text)
