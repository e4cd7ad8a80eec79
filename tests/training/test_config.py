import json
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, asdict, replace

import pytest

from mnist_core import config, networks, serving
from mnist_core.errors import InvalidValueError
from mnist_core.training.config import (
    LIMITS,
    OLD_NAMES,
    RECIPES,
    SETTINGS,
    TrainingConfig,
    with_new_names,
)

CONFIG = TrainingConfig(name="x", architecture="dense-five")


def test_there_is_a_recipe_for_every_architecture_and_the_default():
    assert set(RECIPES) == set(networks.ARCHITECTURES)
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


def refused(**changes):
    """Return the error that settings give."""
    with pytest.raises(InvalidValueError) as error:
        TrainingConfig(**{"name": "x", "architecture": "dense-five", **changes})
    return error.value


@pytest.mark.parametrize(
    "setting",
    ["architecture", "optimiser", "schedule", "loss", "augmentation", "precision", "rebalancing"],
)
def test_unknown_choices_are_refused(setting):
    error = refused(**{setting: "magic"})
    assert re.search(f"{setting} is one of .*, received 'magic'", str(error))
    assert error.names == (setting,)


LIMITS_BY_HAND = {
    "epochs": (1, 2000),
    "batch_size": (1, 4096),
    "learning_rate": (1e-7, 10),
    "weight_decay": (0, 1),
    "label_smoothing": (0, 0.5),
    "averaging": (0, 0.99999),
    "corrupted_share": (0, 1),
    "synthetic_digits": (0, 500_000),
    "own_digits": (0, 5000),
    "seed": (0, 2**32 - 1),
    "start_share": (0, 0.9),
    "share": (0.01, 1),
    "strength": (0, 3),
    "non_digits": (1, 100_000),
    "non_digit_share": (0, 0.5),
    "page_share": (0, 1),
    "distillation": (0, 1),
}


def test_every_number_has_limits():
    assert LIMITS == LIMITS_BY_HAND
    numbers = {name for name, setting in SETTINGS.items() if setting.kind in (int, float)}
    assert numbers == set(LIMITS)


@pytest.mark.parametrize(("setting", "limits"), LIMITS_BY_HAND.items())
def test_numbers_out_of_range_are_refused(setting, limits):
    for value in limits:
        TrainingConfig(**{"name": "x", "architecture": "dense-five", setting: value})
    for value in (limits[0] - 1, limits[1] + 1, float("nan"), float("inf")):
        error = refused(**{setting: value})
        assert f"{setting} has to be" in str(error)
        assert f"from {limits[0]:,} to {limits[1]:,}, received {value!r}" in str(error)
        assert error.names == (setting,)


def test_unknown_families_of_corruptions_are_refused():
    error = refused(corruption_families=("noise", "hail"))
    assert re.search(r"corruption_families is one of noise, .*, received 'hail'", str(error))
    assert error.names == ("corruption_families",)


def test_families_of_corruptions_may_come_as_a_list():
    config = TrainingConfig(name="x", architecture="dense-five", corruption_families=["blur"])
    assert config.corruption_families == ("blur",)


def test_bad_names_are_refused():
    for name in ("../x", ""):
        error = refused(name=name)
        assert "cannot be the name" in str(error)
        assert error.names == ("name",)


def test_a_training_may_start_with_a_model():
    assert CONFIG.start == ""
    config = TrainingConfig(name="x", architecture="dense-five", start="digit-net")
    assert config.start == "digit-net"


@pytest.mark.parametrize("name", ["../x", "a/b", "Ä", " "])
@pytest.mark.parametrize("setting", ["start", "teacher"])
def test_bad_names_of_models_are_refused(setting, name):
    error = refused(**{setting: name})
    assert "cannot be the name" in str(error)
    assert error.names == (setting,)


def test_a_teacher_needs_whole_label_vectors():
    error = refused(loss="sparse_categorical_crossentropy", teacher="digit-net")
    assert "A teacher works with the loss categorical cross-entropy alone" in str(error)
    assert error.names == ("loss", "teacher")


def test_label_smoothing_needs_whole_label_vectors():
    error = refused(loss="sparse_categorical_crossentropy", label_smoothing=0.1)
    assert "Label smoothing works with the loss categorical cross-entropy alone" in str(error)
    assert error.names == ("loss", "label_smoothing")


@pytest.mark.parametrize(
    ("setting", "value", "kind"),
    [
        ("epochs", 2.5, "a whole number"),
        ("epochs", "3", "a whole number"),
        ("seed", True, "a whole number"),
        ("learning_rate", "fast", "a number"),
        ("start", 3, "a text"),
        ("half_precision", 1, "true or false"),
        ("corruption_families", "noise", "a list of texts"),
        ("corruption_families", [1], "a list of texts"),
        ("learning_rate", None, "a number"),
    ],
)
def test_values_of_another_kind_are_refused(setting, value, kind):
    error = refused(**{setting: value})
    assert f"{setting} has to be {kind}" in str(error)
    assert f"received {value!r}" in str(error)
    assert error.names == (setting,)


def test_profiles_of_imbalance_are_checked_at_once():
    error = refused(imbalance="step:0.5:0")
    assert "ratio goes from" in str(error)
    assert error.names == ("imbalance",)


def test_settings_survive_json():
    config = RECIPES["digit-net"]
    assert TrainingConfig.from_json(json.dumps(asdict(config))) == config
    assert TrainingConfig.from_dict(config.to_dict()) == config
    assert json.loads(json.dumps(config.to_dict())) == config.to_dict()


def test_settings_that_came_later_take_their_defaults():
    stored = '{"name": "x", "architecture": "dense-five", "unknown": 1}'
    assert TrainingConfig.from_json(stored) == CONFIG


def test_settings_are_read_by_their_old_names():
    old = {"damage": ["blur"], "damaged": 0.25, "made_up": 30, "rebalance": "focal-loss"}
    stored = asdict(CONFIG) | old | {"nondigits": 60}
    for name in OLD_NAMES.values():
        del stored[name]
    assert TrainingConfig.from_json(json.dumps(stored)) == replace(
        CONFIG,
        corruption_families=("blur",),
        corrupted_share=0.25,
        synthetic_digits=30,
        rebalancing="focal-loss",
        non_digits=60,
    )


def test_todays_names_win_over_old_ones():
    stored = {"non_digits": 60, "nondigits": 50, "epochs": 3}
    assert with_new_names(stored) == {"non_digits": 60, "epochs": 3}
    assert with_new_names(dict(reversed(stored.items()))) == {"non_digits": 60, "epochs": 3}


@pytest.mark.parametrize("name", config.SHIPPED_MODELS)
def test_the_settings_of_shipped_models_can_be_read(name):
    stored = serving.load_card(name).training
    expected = stored.get("non_digits") or stored["nondigits"]  # as older cards spell it
    assert TrainingConfig.from_dict(stored).non_digits == expected


def test_recipes_do_not_depend_on_the_machine_that_reads_them():
    program = (
        "from mnist_core import config\n"
        "config.processor_flags = lambda: frozenset({flags})\n"
        "from mnist_core.training.config import RECIPES\n"
        "print(config.knows_bfloat16(), RECIPES)"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", program.format(flags=flags)],
            capture_output=True,
            text=True,
            check=True,
            cwd=config.PROJECT_DIR,
        ).stdout.split(maxsplit=1)
        for flags in ('{"avx512_bf16"}', "()")
    ]
    assert [knows for knows, _ in found] == ["True", "False"]
    assert found[0][1] == found[1][1] == f"{RECIPES}\n"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "3", "{}", '{"name": "x"}', '{"name": 3}', b"\xff", "[" * 100_000, "null"],
)
def test_what_is_no_settings_is_refused(text):
    with pytest.raises(InvalidValueError, match=r"."):
        TrainingConfig.from_json(text)


def test_missing_settings_are_named():
    with pytest.raises(InvalidValueError, match="lack architecture") as error:
        TrainingConfig.from_json('{"name": "x"}')
    assert error.value.names == ("architecture",)
