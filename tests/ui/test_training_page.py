"""The training page's settings and its start, without a browser and without any training."""

import re
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui.mnist
import ui.model_choice
import ui.training.draft
import ui.training.names
import ui.training.settings
from mnist_core import data, runs, serving
from mnist_core.config import DEFAULT_MODEL, SHIPPED_MODELS
from mnist_core.data import TRAIN_COUNTS, imbalance
from mnist_core.errors import DataError, RunError
from mnist_core.networks import ARCHITECTURES, architectures_for
from mnist_core.permissions import LOCAL
from mnist_core.pixels import to_float
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.config import (
    LOSSES,
    OPTIMISERS,
    PRECISIONS,
    RECIPES,
    SCHEDULES,
    TrainingConfig,
)
from mnist_core.training.rebalancing import REBALANCING_METHODS
from mnist_core.workspace import Workspace
from tests.ui.test_draw_page import PROJECT, card, fake_models, shown
from ui.layers import BLOCKS, KINDS, LEFT_OUT, blocks
from ui.taught import TaughtDigit
from ui.training import feedback, fine_tuning
from ui.training.draft import SETTINGS, check
from ui.training.facts import TITLES
from ui.training.formats import duration_range, memory, number
from ui.training.methods import with_methods
from ui.training.names import free_name
from ui.training.presets import PRESETS
from ui.training.preview import changed
from ui.training.settings import COMMAND_LINE_ONLY
from ui.training.words import CHOICES, EXPLANATIONS, label_of

FREE = 8_000_000_000


class Machine:
    """What the fake `runs` knows of this machine, and what it was asked to start."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.started, self.alive, self.refuse = [], [], ""
        self.free, self.needed = FREE, lambda config: 900_000_000

    def start(self, config, *, workspace, by=LOCAL, **handwriting):
        if self.refuse:
            raise RunError(self.refuse)
        self.started.append(config)
        self.handwriting = handwriting
        (self.workspace.runs / config.name).mkdir()
        self.alive.append(runs.Status(name=config.name, state="waiting", config=config))


@pytest.fixture
def machine(monkeypatch, tmp_path, small_mnist):
    """A machine on which nothing really trains; its folders of models and trainings are empty."""
    fake = Machine(Workspace.inside(tmp_path))
    fake.workspace.models.mkdir()
    fake.workspace.runs.mkdir()
    monkeypatch.setattr(ui.training.names, "workspace", lambda: fake.workspace)
    monkeypatch.setattr(runs, "start", fake.start)
    monkeypatch.setattr(runs, "list_runs", lambda **_: list(fake.alive))
    monkeypatch.setattr(runs, "history", lambda name, **_: [])
    monkeypatch.setattr(runs, "steps", lambda name, **_: [])
    monkeypatch.setattr(runs, "mistakes", lambda name, **_: None)
    monkeypatch.setattr(runs.budget, "memory_free", lambda: fake.free)
    monkeypatch.setattr(runs, "memory_needed", lambda config: fake.needed(config))
    monkeypatch.setattr(runs, "estimate", lambda config, **_: (190.0, 290.0))
    images = to_float(small_mnist.test.images)
    monkeypatch.setattr(data, "local_copy", lambda: tmp_path)
    monkeypatch.setattr(
        ui.mnist, "_load", lambda *_: ui.mnist.TestSet(images, small_mnist.test.labels)
    )
    return fake


@pytest.fixture
def page(monkeypatch, machine):
    fake_models(monkeypatch)
    for module in (ui.training.draft, ui.training.settings):
        monkeypatch.setattr(module, "models", ui.model_choice.models)
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
    app.session_state["workspace"] = machine.workspace
    app.run()
    return app.switch_page("pages/training.py").run()


def errors(page: AppTest) -> str:
    return " ".join(error.value for error in page.error)


def captions(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def press(page: AppTest, key: str) -> AppTest:
    return page.button(key=key).click().run()


def set_up(page: AppTest) -> AppTest:
    """Return to the settings, which a start leaves."""
    page.session_state["training_tab"] = "Set up"
    return page.run()


def test_the_page_offers_every_network_and_shows_the_cost(page, machine, monkeypatch):
    assert not page.exception
    assert page.selectbox(key="train_architecture").options == list(
        architectures_for("classification")
    )
    assert "my-digit-net** will take **about 3 to 5 minutes**" in shown(page)
    assert "0.9 GB of 8.0 GB free memory" in captions(page)
    assert page.code[0].value.startswith("python -m mnist_core train --arch digit-net")
    assert shown(page).count("as the network sees it") == 12
    monkeypatch.setattr(feedback, "DOUBLE_CLICK_SECONDS", 3600)
    press(page, "training_start")
    assert not page.exception
    assert page.session_state["training_tab"] == "Live"
    press(set_up(page), "training_start")  # a double click
    set_up(page)
    (config,) = machine.started
    assert "Started: my-digit-net." in page.success[0].value
    short = {
        "epochs": 3,
        "non_digits": TrainingConfig.non_digits,
        "page_share": 0.0,
        "batch_size": TrainingConfig.batch_size,
    }
    assert config == replace(RECIPES["digit-net"], name="my-digit-net", **short)
    assert page.text_input(key="train_name").value == "my-digit-net-2"
    page.number_input(key="train_epochs").set_value(2).run()
    assert not page.success


@pytest.mark.parametrize("architecture", architectures_for("classification"))
def test_a_network_fills_in_its_recipe_for_a_short_training(page, machine, architecture):
    page.number_input(key="train_epochs").set_value(77)
    page.selectbox(key="train_architecture").set_value(architecture).run()
    assert not page.exception
    press(page, "training_start")
    (config,) = machine.started
    recipe = RECIPES[architecture]
    differ = {name for name in SETTINGS if getattr(config, name) != getattr(recipe, name)}
    assert differ <= {"name", "epochs", "non_digits", "page_share", "batch_size"}
    assert (config.non_digits, config.page_share) == (TrainingConfig.non_digits, 0)
    assert config.name == f"my-{architecture}"
    assert config.epochs <= (5 if architecture != "digit-net" else 77)


def test_invalid_settings_are_reported_and_nothing_is_lost(page, machine):
    page.text_input(key="train_name").set_value("digit-net")
    page.number_input(key="train_epochs").set_value(0)
    press(page, "training_start")  # at once, before the page has shown what is wrong
    assert not page.exception
    assert not machine.started
    for expected in (
        "Enter a number from 1 to 2,000 instead of 0.",
        "digit-net comes with the app. my-digit-net is free.",
    ):
        assert expected in errors(page)
        assert expected in shown(page)
    assert "**Epochs**: Enter a number from" in errors(page)
    assert page.button(key="training_start").disabled
    assert not page.code
    assert page.text_input(key="train_name").value == "digit-net"
    assert page.number_input(key="train_epochs").value == 0


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("epochs", 0, "from 1 to 2,000 instead of 0."),
        ("epochs", 1_000_000, "from 1 to 2,000 instead of 1,000,000."),
        ("epochs", None, "Enter a number."),
        ("learning_rate", 0.0, "from 0.0000001 to 10 instead of 0."),
        ("learning_rate", -0.5, "from 0.0000001 to 10 instead of -0.5."),
        ("learning_rate", float("nan"), "from 0.0000001 to 10 instead of nan."),
        ("learning_rate", float("inf"), "from 0.0000001 to 10 instead of inf."),
        ("batch_size", 5000, "from 1 to 4,096 instead of 5,000."),
        ("seed", -1, "from 0 to 4,294,967,295 instead of -1."),
        ("averaging", 1.0, "from 0 to 0.99999 instead of 1."),
        ("name", "", "Enter a name. Use 1 to 41"),
        ("name", "../../etc", "This is not a valid name."),
        ("name", "![x](http://example.org/x.png)", "This is not a valid name."),
        ("name", "Big", "This is not a valid name."),
        ("name", "a" * 42, "This is not a valid name."),
        ("name", "mine", "There is already a model or training called mine. mine-2 is free."),
        (
            "name",
            "yours-2",
            "There is already a model or training called yours-2. yours-3 is free.",
        ),
    ],
)
def test_an_invalid_setting_is_reported(machine, setting, value, expected):
    (machine.workspace.models / "mine").mkdir()
    (machine.workspace.runs / "yours-2").mkdir()
    values = {name: getattr(RECIPES["cnn-three"], name) for name in SETTINGS} | {"name": "free"}
    found = check(values | {setting: value})
    assert found.config is None
    assert expected in found.complaints[setting]
    assert "example" not in found.complaints[setting]


def test_names_stay_within_their_length(machine):
    long = "a" * 41
    assert free_name(long) == long
    (machine.workspace.runs / long).mkdir()
    assert free_name(long) == f"{'a' * 39}-2"


def test_two_people_who_start_at_once_both_train(page, machine):
    (machine.workspace.runs / "my-digit-net").mkdir()  # created by another visitor just now
    press(page, "training_start")
    assert [config.name for config in machine.started] == ["my-digit-net-2"]


def test_a_training_may_use_what_those_before_it_give_back(page, machine):
    machine.free = 500_000_000
    page.run()
    assert page.button(key="training_start").disabled
    machine.alive.append(runs.Status(name="first", state="training", memory=600_000_000))
    page.run()
    assert not page.button(key="training_start").disabled


def test_a_start_that_is_refused_is_reported_and_nothing_is_lost(page, machine):
    machine.refuse = "Somebody else is starting a training; try again in a moment."
    page.text_input(key="train_name").set_value("mine")
    page.number_input(key="train_epochs").set_value(2)
    press(page.run(), "training_start")
    assert not page.exception
    assert machine.refuse in errors(page)
    page.run()
    assert machine.refuse in errors(page)
    assert page.text_input(key="train_name").value == "mine"
    assert page.number_input(key="train_epochs").value == 2
    machine.refuse = ""
    press(page, "training_start")
    set_up(page)
    assert not page.error
    assert [config.name for config in machine.started] == ["mine"]
    assert page.text_input(key="train_name").value == "mine-2"


def test_the_settings_survive_another_page(page):
    page.selectbox(key="train_architecture").set_value("cnn-three").run()
    page.number_input(key="train_epochs").set_value(1)
    page.slider(key="train_share").set_value(0.25)
    page.selectbox(key="train_profile").set_value("long-tail").run()
    page.selectbox(key="train_rebalancing").set_value("focal-loss").run()
    page.slider(key="train_strength").set_value(2.0).run()
    page.switch_page("pages/models.py").run()
    page.switch_page("pages/training.py").run()
    assert not page.exception
    command = page.code[0].value
    for part in (
        *("--arch cnn-three", "--epochs 1", "--share 0.25"),
        *("--imbalance long-tail:100", "--rebalancing focal-loss", "--strength 2.0"),
    ):
        assert part in command


@pytest.mark.parametrize(
    ("profile", "numbers", "text"),
    [
        ("step", {"rare": 3, "ratio": 50.0}, "step:0.3:50"),
        ("long-tail", {"ratio": 2.5}, "long-tail:2.5"),
        ("fixed", {}, "fixed"),
        ("counts", {"count_9": 7}, "counts:4000,2000,1000,750,500,350,200,100,60,7"),
    ],
)
def test_imbalance_is_previewed_and_trained(page, machine, profile, numbers, text):
    page.selectbox(key="train_profile").set_value(profile).run()
    for name, value in numbers.items():
        widget = page.slider if name == "rare" else page.number_input
        widget(key=f"train_{name}").set_value(value)
    page.number_input(key="train_synthetic_digits").set_value(0).run()
    assert not page.exception
    (chart,) = (
        c for c in page.get("plotly_chart") if "y" in c.proto.spec and "bar" in c.proto.spec
    )
    counts = imbalance.class_counts(text, TRAIN_COUNTS)
    assert f"{counts[9]:,}" in chart.proto.spec
    assert f"{counts.sum():,} images of MNIST" in captions(page)
    press(page, "training_start")
    assert machine.started[0].imbalance == text


@pytest.mark.parametrize(
    ("profile", "name", "value", "expected"),
    [
        ("counts", "count_3", 9000, "5,101 training images of the digit 3, 9,000 were asked for"),
        ("counts", "count_3", -1, "whole numbers from 0 on"),
        ("counts", "count_3", None, "A number is missing"),
        ("step", "ratio", 0.5, "ratio goes from 1 to 5,000"),
        ("long-tail", "ratio", None, "A number is missing"),
    ],
)
def test_an_invalid_imbalance_is_reported(page, machine, profile, name, value, expected):
    page.selectbox(key="train_profile").set_value(profile).run()
    page.number_input(key=f"train_{name}").set_value(value).run()
    assert not page.exception
    assert expected in errors(page)
    assert page.button(key="training_start").disabled


def test_synthetic_digits_do_not_rebalance_unseen(page):
    page.selectbox(key="train_profile").set_value("fixed").run()
    assert "That alone rebalances the data" in shown(page)
    press(page, "training_no_synthetic_digits")
    assert "That alone rebalances the data" not in shown(page)
    assert "--synthetic-digits 0" in page.code[0].value


def test_rebalancing_methods_are_compared_in_one_click(page, machine):
    assert not [button for button in page.button if button.key == "training_compare_methods"]
    page.selectbox(key="train_architecture").set_value("cnn-three").run()
    page.selectbox(key="train_profile").set_value("fixed").run()
    page.selectbox(key="train_rebalancing").set_value("focal-loss").run()
    page.slider(key="train_strength").set_value(0.5).run()
    page.multiselect(key="train_methods").set_value(["focal-loss", "oversampling"]).run()
    assert "3 trainings, one after the other, about 10 to 14 minutes in total" in captions(page)
    press(page, "training_compare_methods")
    assert not page.exception
    assert {c.name: (c.rebalancing, c.strength) for c in machine.started} == {
        "my-cnn-three-none": ("none", 1.0),
        "my-cnn-three-focal-loss": ("focal-loss", 0.5),
        "my-cnn-three-oversampling": ("oversampling", 1.0),
    }
    assert {c.imbalance for c in machine.started} == {"fixed"}
    page.session_state["training_tab"] = "Results"
    page.run()
    assert page.query_params["tab"] == "results"
    assert page.multiselect(key="training_compare").value == [c.name for c in machine.started]
    assert shown(page).count("not yet") == 3
    set_up(page)
    assert "you can start 4 now" in captions(page)
    page.multiselect(key="train_methods").set_value(["focal-loss", "oversampling"]).run()
    assert not page.button(key="training_compare_methods").disabled
    every = [name for name in REBALANCING_METHODS if name != "none"]
    page.multiselect(key="train_methods").set_value(every).run()
    assert page.button(key="training_compare_methods").disabled
    assert "Queued behind 3 trainings." in shown(page)


def test_a_comparison_that_is_refused_halfway_lists_what_has_started(page, machine, monkeypatch):
    def start(config, *, workspace, by, **_):
        machine.start(config, workspace=workspace)
        machine.refuse = "The disk is full."

    monkeypatch.setattr(runs, "start", start)
    page.selectbox(key="train_profile").set_value("fixed").run()
    press(page, "training_compare_methods")
    assert "The rest could not be started. The disk is full." in errors(page)
    assert "Started: my-digit-net-none." in page.success[0].value


def test_the_names_of_a_comparison_are_allowed(machine):
    config = TrainingConfig(name="a" * 41, architecture="cnn-three")
    for each in with_methods(config, list(REBALANCING_METHODS)[1:]):
        assert each.name.endswith(each.rebalancing)


def test_what_does_not_fit_cannot_start_and_what_fits_is_offered(page, machine):
    machine.free = 500_000_000
    machine.needed = lambda config: (
        (200 if "dense" in config.architecture else 400) * 1_000_000 + config.batch_size * 2_000_000
    )
    page.run()
    assert page.button(key="training_start").disabled
    assert "needs about 0.7 GB of memory, but only 0.5 GB are free" in page.warning[0].value
    offers = [b for b in page.button if str(b.key).startswith("training_smaller")]
    assert [offer.label for offer in offers] == [
        *("Batch size: 32 (0.5 GB)", "dense-five (0.5 GB)", "dense-sigmoid (0.3 GB)"),
    ]
    press(page, "training_smaller_0")
    assert not page.warning
    assert page.number_input(key="train_batch_size").value == 32
    assert not page.button(key="training_start").disabled
    machine.free = 100_000_000
    page.run()
    assert "No training fits here" in captions(page)


def test_training_that_is_switched_off_is_explained(page, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_TRAINING", "off")
    page.run()
    assert not page.exception
    assert "switched off" in page.info[0].value
    assert page.button(key="training_start").disabled


def test_a_limit_of_time_is_explained(page, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_TRAINING_MINUTES", "20")
    page.run()
    assert "stops by itself after 20 minutes" in page.info[0].value
    assert not page.button(key="training_start").disabled


def test_without_mnist_the_page_offers_to_download_it(page, monkeypatch):
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setattr(data, "local_copy", lambda: None)
    page.run()
    assert not page.exception
    assert "Training uses MNIST" in page.info[0].value
    assert page.button(key="mnist_download")
    assert page.button(key="training_start").disabled
    assert "synthetic digits, because MNIST is missing" in shown(page)


def test_without_any_model_one_can_be_trained(page, monkeypatch):
    for module in (ui.model_choice, ui.training.draft, ui.training.settings):
        monkeypatch.setattr(module, "models", list)
    page.run()
    assert not page.exception
    assert not page.button(key="training_start").disabled
    assert "Shown after its first training." in shown(page)


def test_a_model_that_is_gone_is_begun_with_no_more(page, monkeypatch):
    mine = replace(card("mine"), architecture="digit-net")
    monkeypatch.setattr(ui.training.draft, "models", lambda: [mine])
    page.run()
    page.selectbox(key="train_start").set_value("mine").run()
    assert "--start mine" in page.code[0].value
    page.switch_page("pages/models.py").run()
    monkeypatch.setattr(ui.training.draft, "models", list)
    page.switch_page("pages/training.py").run()
    assert not page.exception
    assert page.selectbox(key="train_start").value == ""
    assert "--start" not in page.code[0].value


def test_settings_that_do_not_go_together_are_reported(page):
    page.selectbox(key="train_loss").set_value("sparse_categorical_crossentropy").run()
    expected = "Label smoothing works with the loss categorical cross-entropy alone: "
    expected += "choose that, or set label smoothing to 0."
    assert f"**Loss, Label smoothing**: {expected}" in errors(page)
    assert shown(page).count(expected) == 2  # at both widgets


def test_a_method_with_a_loss_of_its_own_is_reported(page):
    expected = "uses its own loss instead of this one"
    assert expected not in captions(page)
    page.selectbox(key="train_rebalancing").set_value("focal-loss").run()
    assert f"“Focal loss” {expected}" in captions(page)


def test_draw_again_shows_other_variations(page):
    before = shown(page)
    press(page, "training_again")
    assert shown(page) != before
    assert AUGMENTATIONS["handwriting"].summary in captions(page)
    page.segmented_control(key="train_augmentation").set_value("none")
    page.pills(key="train_corruption_families").set_value([]).run()
    assert not page.exception
    pairs = re.findall(r'src="([^"]+)"></?.*?src="([^"]+)"', shown(page))
    assert len(pairs) == 12
    assert all(above == below for above, below in pairs)


def test_the_preview_is_what_training_does(digits):
    values = {"augmentation": "affine", "corruption_families": ["noise"], "corrupted_share": 1.0}
    seen = changed(digits, values, 1)
    assert seen.shape == digits.shape
    assert not np.array_equal(seen, digits)
    np.testing.assert_array_equal(seen, changed(digits, values, 1))
    assert not np.array_equal(seen, changed(digits, values, 2))


def test_every_choice_is_explained():
    for setting, choices in {
        "optimiser": OPTIMISERS,
        "schedule": SCHEDULES,
        "loss": LOSSES,
        "precision": PRECISIONS,
    }.items():
        assert set(CHOICES[setting]) == set(choices)


def test_every_setting_has_a_widget_a_label_and_an_explanation(page):
    page.selectbox(key="train_profile").set_value("step")
    page.selectbox(key="train_rebalancing").set_value("class-weights").run()  # it has a strength
    assert not page.exception
    kinds = ["text_input", "number_input", "selectbox", "slider", "toggle"]
    kinds += ["pills", "segmented_control"]
    labels = {widget.key: widget.label for kind in kinds for widget in getattr(page, kind)}
    keys = {setting: f"train_{setting}" for setting in SETTINGS}
    keys |= {"imbalance": "train_profile", "own_digits": "train_own"}
    assert {name for name in SETTINGS if keys[name] not in labels} == set(COMMAND_LINE_ONLY)
    assert all(reason.endswith(".") for reason in COMMAND_LINE_ONLY.values())
    by_choice = {"architecture", "imbalance", *CHOICES, *TITLES}  # the chosen one is explained
    for name in set(SETTINGS) - set(COMMAND_LINE_ONLY):
        assert labels[keys[name]] == label_of(name), name
        assert name in by_choice or EXPLANATIONS[name].endswith("."), name


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_the_layers_of_every_shipped_model_are_known(name):
    stored = serving.load_card(name)
    layers = blocks(stored.layers)
    assert sum(layer["parameters"] for layer in layers) == stored.parameters
    assert {layer["kind"] for layer in layers} <= set(KINDS)
    assert len(layers) <= 12
    assert not {layer["kind"] for layer in layers} & set(LEFT_OUT)


def test_blocks_of_pixels_are_a_layer_of_their_own():
    first = blocks(serving.load_card(DEFAULT_MODEL).layers)[0]
    assert (first["kind"], first["output"]) == (BLOCKS, [14, 14, 4])
    assert first["detail"] == "2 × 2 pixels as 4 channels"


def test_all_recipes_are_right_as_they_are(machine):
    for recipe in RECIPES.values():
        values = {name: getattr(recipe, name) for name in SETTINGS} | {"name": "mine"}
        assert check(values).complaints == {}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (3, 4, "about 10 seconds"),
        (42, 88, "about 40 to 90 seconds"),
        (58, 130, "about 1 to 2 minutes"),
        (170, 190, "about 3 minutes"),
        (50 * 60, 80 * 60, "about 50 to 80 minutes"),
        (2.6 * 3600, 5 * 3600, "about 3 to 5 hours"),
        (3590, 7300, "about 1 to 2 hours"),
        (80 * 3600, 200 * 3600, "about 3 to 8 days"),
    ],
)
def test_lengths_of_time_are_rounded(low, high, expected):
    assert duration_range(low, high) == expected


def test_numbers_are_written_for_people():
    assert [number(n) for n in (0, 1e6, 2**32 - 1, 1e-7, 0.99999)] == [
        *("0", "1,000,000", "4,294,967,295", "0.0000001", "0.99999"),
    ]
    assert memory(1_234_000_000) == "1.2 GB"


def test_a_preset_fills_in_all_settings_by_a_click_or_a_link(page, machine):
    page.number_input(key="train_synthetic_digits").set_value(7).run()
    press(page, "training_preset_rare")
    assert not page.exception
    assert page.text_input(key="train_name").value == "my-rare-net"
    assert "--imbalance step:0.5:100" in page.code[0].value
    page.query_params["preset"] = "quick"
    page.run()
    assert "preset" not in page.query_params
    assert page.text_input(key="train_name").value == "my-quick-net"
    assert page.selectbox(key="train_profile").value == "none"
    page.query_params["preset"] = "<b>no-such</b>"
    press(page, "training_start_2")  # after two presets
    assert not page.exception
    (config,) = machine.started
    assert config == replace(RECIPES["dense-five"], name="my-quick-net", epochs=8)


def test_a_browser_that_still_shows_the_settings_before_a_preset_does_not_bring_them_back(
    page, machine
):
    page.query_params["preset"] = "quick"
    page.run()

    def report_those_before():
        page.selectbox(key="train_architecture").set_value("digit-net")
        page.text_input(key="train_name").set_value("my-digit-net")
        page.number_input(key="train_epochs").set_value(3)

    report_those_before()  # as the page asks for news of trainings
    page.run()
    assert page.text_input(key="train_name").value == "my-quick-net"
    report_those_before()
    press(page, "training_start_1")
    assert not page.exception
    (config,) = machine.started
    assert config == replace(RECIPES["dense-five"], name="my-quick-net", epochs=8)


def test_the_quick_demo_starts_at_once_where_it_can(page, machine):
    press(page, "training_preset_quick")
    assert not page.exception
    (config,) = machine.started
    assert config == replace(RECIPES["dense-five"], name="my-quick-net", epochs=8)
    assert page.session_state["training_tab"] == "Live"
    set_up(page)
    page.run()
    assert len(machine.started) == 1


def test_the_quick_demo_does_not_start_where_training_is_switched_off(page, machine, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_TRAINING", "off")
    press(page, "training_preset_quick")
    assert not page.exception
    assert not machine.started
    monkeypatch.delenv("DIGIT_LAB_TRAINING")
    page.run()
    assert not machine.started, "what could not start then does not start later"


def test_after_a_preset_every_setting_can_be_changed_back(page):
    page.query_params["preset"] = "quick"
    page.run()
    page.number_input(key="train_epochs").set_value(3).run()
    page.text_input(key="train_name").set_value("my-digit-net").run()
    page.selectbox(key="train_architecture").set_value("digit-net").run()
    assert page.selectbox(key="train_architecture").value == "digit-net"
    assert page.text_input(key="train_name").value == "my-digit-net"
    assert page.number_input(key="train_epochs").value == 3


def test_taught_digits_join_a_training_that_starts_from_a_model(page, machine, monkeypatch):
    known = replace(card("digit-net"), architecture="digit-net")
    monkeypatch.setattr(ui.training.draft, "models", lambda: [known])
    assert page.toggle(key="train_own").disabled
    assert page.button(key="training_preset_own").disabled
    assert "You have taught none" in captions(page)
    with pytest.raises(KeyError):
        page.toggle(key="train_given")
    images = np.arange(2 * 784, dtype=np.uint8).reshape(2, 28, 28)
    page.session_state["taught"] = [TaughtDigit(images[0], 7, "a"), TaughtDigit(images[1], 1, "b")]
    press(page.run(), "training_preset_own")
    assert not page.exception
    assert page.selectbox(key="train_start").value == "digit-net"
    assert "shows each of them 33 times, so that they count beside the 10,005 others" in captions(
        page
    )
    assert "--start digit-net" in page.code[0].value
    assert "--own-digits my-digits.npz" in page.code[0].value
    press(page, "training_start_1")
    (config,) = machine.started
    assert (config.start, config.own_digits) == ("digit-net", 2)
    assert np.array_equal(machine.handwriting["own"].images, images)
    assert machine.handwriting["own"].labels.tolist() == [7, 1]
    assert "given" not in machine.handwriting
    page.session_state["taught"] = []
    set_up(page)
    assert "--own-digits" not in page.code[0].value


def test_digits_that_people_gave_are_offered_with_their_number(page, machine, monkeypatch):
    given = data.Split(np.zeros((1234, 28, 28), np.uint8), np.ones(1234, np.uint8))
    monkeypatch.setattr(fine_tuning, "count_given", lambda: 1234)
    monkeypatch.setattr(fine_tuning, "given_digits", lambda: given)
    page.run()
    assert "gave 1,234 digits" in captions(page)
    assert "--collection" not in page.code[0].value
    page.toggle(key="train_given").set_value(True).run()
    assert "--collection" in page.code[0].value
    press(page, "training_start")
    assert machine.handwriting == {"given": given}


def test_a_collection_that_does_not_answer_starts_no_training(page, machine, monkeypatch):
    monkeypatch.setattr(fine_tuning, "count_given", lambda: 5)

    def dead():
        raise DataError("The collection of handwriting does not answer.")

    monkeypatch.setattr(fine_tuning, "given_digits", dead)
    page.run().toggle(key="train_given").set_value(True).run()
    press(page, "training_start")
    assert not page.exception
    assert not machine.started
    assert "does not answer" in errors(page)


def test_every_preset_can_be_trained_and_the_quick_one_takes_less_than_a_minute(machine):
    for name, preset in PRESETS.items():
        draft = {n: v for n, v in preset.values.items() if n in SETTINGS}
        values = {n: getattr(RECIPES[draft["architecture"]], n) for n in SETTINGS}
        assert check(values | draft | {"name": f"my-{name}"}).config, name
    quick = TrainingConfig(name="quick", **PRESETS["quick"].values)
    least, most = runs.budget.estimate(quick, workspace=machine.workspace)
    assert (least + most) / 2 < 60


def test_a_network_reported_again_keeps_the_preset():
    def script():
        import streamlit as st

        from ui.training.draft import change_network, key, read_draft
        from ui.training.presets import apply

        read_draft()
        apply("quick")
        change_network()
        st.text(f"{st.session_state[key('name')]} {st.session_state[key('epochs')]}")
        st.session_state[key("architecture")] = "cnn-three"
        change_network()
        st.text(st.session_state[key("epochs")])

    kept, changed = (text.value for text in AppTest.from_function(script).run().text)
    assert kept == f"my-quick-net {PRESETS['quick'].values['epochs']}"
    assert changed == str(ARCHITECTURES["cnn-three"].trial_epochs)
