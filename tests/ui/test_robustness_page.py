"""The robustness page's logic, without a browser, with synthetic test images and fake models."""

import csv
import io
import time
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui.measured
import ui.mnist
import ui.model_choice
import ui.robustness.choice
from mnist_core import data
from mnist_core.corruptions import ALL_CORRUPTIONS, COMBINATIONS, CORRUPTIONS
from mnist_core.errors import DataError, ModelError
from mnist_core.evaluation import robustness
from mnist_core.evaluation.in_flight import Measured
from mnist_core.evaluation.robustness import SEVERITIES, family
from mnist_core.evaluation.stored import StoredFigures
from mnist_core.pixels import to_float
from mnist_core.workspace import WORKSPACE
from tests.ui.test_draw_page import PROJECT, SEVEN, card, fake_models, shown
from ui.address import plain
from ui.charts import heat_cell, place_on_scale
from ui.confusion import CHART, CLICKED, READ, TRUE, take_cell
from ui.measured import Condition, point_of
from ui.robustness.figures import Figures
from ui.robustness.game import KINDS, ROUNDS, round_of
from ui.robustness.result import in_words
from ui.robustness.table import to_csv, worst_of
from ui.robustness.tabs import TABS
from ui.robustness.worst import find_hardest


@pytest.fixture
def predictors(monkeypatch):
    """What the models answer, by name; see `fake_models`."""
    answers = fake_models(monkeypatch)
    for module in ("robustness.choice", "robustness.curve"):
        monkeypatch.setattr(f"ui.{module}.models", ui.model_choice.models)
    ui.measured.all_measurements.clear()
    yield answers
    ui.measured.all_measurements.clear()  # closes them too: no thread outlives its test


@pytest.fixture
def test_images(monkeypatch, small_mnist, tmp_path):
    """A thousand synthetic images in place of MNIST's test images."""
    images = np.tile(to_float(small_mnist.test.images), (5, 1, 1))
    synthetic = ui.mnist.TestSet(images, np.tile(small_mnist.test.labels, 5))
    monkeypatch.setattr(data, "local_copy", lambda: tmp_path)
    monkeypatch.setattr(ui.mnist, "_load", lambda *_: synthetic)


@pytest.fixture
def page(predictors):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
    app.run()
    app.switch_page("pages/robustness.py")
    return app


def accuracy(page: AppTest) -> str:
    (text,) = (m.value for m in page.markdown if "dl-accuracy" in m.value)
    return text


@pytest.mark.usefixtures("test_images")
def test_the_page_opens_on_a_contrast_whose_severity_is_played(page, predictors):
    predictors["cnn-three"] = lambda images: np.tile(np.eye(10)[3], (len(images), 1))
    page.run()
    assert not page.exception
    assert page.selectbox(key="robustness_corruption").value == "salt_and_pepper"
    assert page.slider(key="robustness_severity").value == 0.7
    assert page.multiselect(key="robustness_models").value == ["cnn-three"]
    (partner,) = (m.value for m in page.markdown if "dl-partner" in m.value)
    assert "cnn-three" in partner
    strip = next(m.value for m in page.markdown if "Test images, original" in m.value)
    assert strip.count('title="correct"') == 3
    assert "severity <b>0.70</b>" in strip


def contrast():
    """A page with nothing but the contrast of two models."""
    from ui import measured, model_choice
    from ui.robustness.contrast import show_contrast

    show_contrast(model_choice.models(), measured.Condition("salt_and_pepper", 0.7))


@pytest.mark.usefixtures("test_images", "predictors")
def test_the_severity_is_played_from_0_to_1_and_back(monkeypatch):
    monkeypatch.setattr("ui.robustness.contrast.STEPS", 4)
    app = AppTest.from_function(contrast, default_timeout=20).run()
    app.button(key="robustness_play").click().run()
    severities = []
    while app.button(key="robustness_play").label == "Stop":
        severities.append(shown(app).partition("severity <b>")[2][:4])
        app.run()
    assert not app.exception
    assert severities == ["0.00", "0.25", "0.50", "0.75", "1.00"]
    assert "severity <b>0.70" in shown(app)
    app.button(key="robustness_play").click().run()
    app.button(key="robustness_play").click().run()  # Stop
    assert app.button(key="robustness_play").label.startswith("Play")


def game():
    """A page with nothing but the game."""
    from ui import model_choice
    from ui.robustness.game import show_game

    show_game(model_choice.models()[0])


@pytest.mark.usefixtures("test_images", "predictors")
def test_the_game_counts_ten_guesses_of_both():
    app = AppTest.from_function(game, default_timeout=20).run()
    seed = app.session_state["robustness_game"].seed
    labels = [round_of(seed, number).label for number in range(ROUNDS)]
    for number, label in enumerate(labels):
        guess = label if number < 4 else (label + 1) % 10
        app.button(key=f"robustness_guess_{guess}").click().run()
        assert f"It is a <b>{label}</b>" in shown(app)
        app.button(key="robustness_next").click().run()
    assert not app.exception
    assert f"You 4 of {ROUNDS}, digit-net {labels.count(7)}." in shown(app)
    app.button(key="robustness_again").click().run()
    assert f"Round 1 of {ROUNDS}" in shown(app)


def test_the_games_corruptions_make_digit_net_misread(mnist):
    stored = StoredFigures(WORKSPACE, mnist.test.labels)
    (digit_net,) = (one for one in ui.model_choice.list_models() if one.name == "digit-net")
    for name, severity in KINDS.items():
        measured = stored.find(point_of(digit_net, Condition(name, severity)))
        assert measured, "its figures are stored"
        assert measured.report["accuracy"] <= 0.94, name


@pytest.mark.usefixtures("test_images")
def test_accuracy_and_strip_of_what_was_chosen(page):
    page.query_params.update({"models": "digit-net", "severity": "0.5"})
    page.run()
    assert not page.exception
    assert "<strong>10.00%</strong>" in accuracy(page)
    assert "8.29% to 12.02%" in accuracy(page)
    assert "severity 0.5<" in accuracy(page)
    strip = next(m.value for m in page.markdown if "Test images, original" in m.value)
    assert strip.count("<img") == 20
    assert strip.count('title="correct"') == 2
    assert strip.count('title="wrong"') == 18


@pytest.mark.usefixtures("test_images")
def test_a_link_is_restored_and_kept_up_to_date(page):
    page.query_params.update(
        {"corruption": "fog", "severity": "0.4", "models": "cnn-three,digit-net", "seed": "1"}
    )
    page.run()
    assert page.selectbox(key="robustness_corruption").value == "fog"
    assert page.slider(key="robustness_severity").value == 0.4
    assert page.number_input(key="robustness_seed").value == 1
    assert page.selectbox(key="model_choice").value == "cnn-three"
    assert page.multiselect(key="robustness_models").value == ["digit-net"]
    page.slider(key="robustness_severity").set_value(0.75)
    page.selectbox(key="robustness_corruption").set_value("rotate").run()
    assert not page.exception
    assert page.query_params["severity"] == "0.75"
    assert page.query_params["corruption"] == "rotate"
    assert page.query_params["models"] == "cnn-three,digit-net"


@pytest.mark.usefixtures("test_images")
def test_of_the_tabs_the_open_one_alone_is_measured(page, monkeypatch):
    monkeypatch.setattr("ui.background.measurements", lambda: pytest.fail("it was measured"))
    page.query_params["tab"] = "game"
    page.run()
    assert not page.exception
    assert page.button(key="robustness_guess_7")
    assert page.query_params["tab"] == "game"
    monkeypatch.undo()


@pytest.mark.usefixtures("test_images")
def test_an_unknown_tab_in_a_link_opens_the_first(page):
    page.query_params["tab"] = "<b>"
    page.run()
    assert not page.exception
    assert page.session_state["robustness_tab"] == next(iter(TABS.values()))
    assert "tab" not in page.query_params


@pytest.mark.usefixtures("test_images")
def test_what_hurts_most_is_one_click_away(page, monkeypatch):
    page.run()
    page.button(key="robustness_measure_all").click().run()
    assert page.session_state["robustness_tab"] == TABS["all"]
    assert page.query_params["tab"] == "all"
    hardest = [("elastic", 0.6), ("fog", 0.7), ("rotate", 0.8), ("shear", 0.9)]
    combined = [("old_fax", 0.5), ("hasty_scan", 0.8)]
    monkeypatch.setattr(
        "ui.robustness.worst.find_hardest",
        lambda _card, _seed, corruptions: combined if corruptions is COMBINATIONS else hardest,
    )
    page.run()
    worst = [b.label for b in page.button if (b.key or "").startswith("robustness_worst_")]
    assert worst == ["Elastic 60.0%", "Fog 70.0%", "Rotate 80.0%", "Old fax 50.0%"]
    assert "most of all single corruptions, with its accuracy at severity 1:" in shown(page)
    page.button(key="robustness_worst_fog").click().run()
    assert not page.exception
    assert page.query_params["corruption"] == "fog"
    assert page.query_params["severity"] == "1"


def test_the_shipped_figures_say_what_hurts_most(monkeypatch):
    def outcome(point):
        accuracy = 0.5 if point.corruption == "zigzag" else 0.9
        return Measured(np.zeros(1, np.uint8), {"accuracy": accuracy})

    known = SimpleNamespace(known=outcome)
    monkeypatch.setattr("ui.robustness.worst.measurements", lambda: known)
    (first, *rest) = find_hardest(card("some-net"), 0, CORRUPTIONS)
    assert first == ("zigzag", 0.5)
    assert {name for name, _ in (first, *rest)} == set(CORRUPTIONS)
    assert {name for name, _ in find_hardest(card("some-net"), 0, COMBINATIONS)} == set(
        COMBINATIONS
    )
    known.known = lambda _: None
    assert find_hardest(card("some-net"), 0, CORRUPTIONS) == []


@pytest.mark.parametrize(
    ("errors", "words"), [(0, "none"), (0.004, "fewer than 1"), (0.51, "51"), (0.999, "99")]
)
def test_shares_of_a_hundred(errors, words):
    measured = Measured(np.zeros(1, np.uint8), {"accuracy": 1 - errors})
    figures = Figures("some-net", Condition("fog", 0.5), measured, measured)
    assert in_words([figures]) == (
        f"Of 100 such digits, <b>some-net misreads {words}</b>; uncorrupted, it misreads {words}."
    )


@pytest.mark.parametrize(
    ("clean", "words"), [(0.997, "fewer than 1 each"), (0.94, "fewer than 1 and 6")]
)
def test_equal_shares_of_two_models_are_said_once(clean, words):
    measured = [Measured(np.zeros(1, np.uint8), {"accuracy": a}) for a in (0.998, clean)]
    condition = Condition("fog", 0.5)
    figures = [Figures(name, condition, one, one) for name, one in zip("ab", measured, strict=True)]
    assert in_words(figures).endswith(f"uncorrupted, they misread {words}.")


def test_a_fresh_link_chooses_the_model_too(predictors):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
    app.query_params["models"] = "cnn-three,digit-net"
    app.run()
    assert app.selectbox(key="model_choice").value == "cnn-three"
    assert not app.warning


@pytest.mark.usefixtures("test_images")
def test_back_restores_the_model_and_compares_it_with_nothing(page, monkeypatch):
    page.query_params["models"] = "digit-net"
    page.run()
    page.selectbox(key="model_choice").set_value("cnn-three").run()
    assert page.query_params["models"] == "cnn-three"
    for module in (ui.model_choice, ui.robustness.choice):
        monkeypatch.setattr(module, "went_back_or_forward", lambda: True)
    page.query_params["models"] = "no-such,digit-net"
    page.run()
    assert not page.exception
    assert page.selectbox(key="model_choice").value == "digit-net"
    assert page.multiselect(key="robustness_models").value == []
    assert "model" not in page.query_params
    del page.query_params["models"]
    page.query_params["model"] = "cnn-three"
    page.run()
    assert page.selectbox(key="model_choice").value == "cnn-three"


@pytest.mark.usefixtures("test_images")
def test_a_model_is_never_compared_with_itself(page):
    page.query_params["models"] = "digit-net,cnn-three"
    page.run()
    assert page.multiselect(key="robustness_models").options == ["cnn-three"]
    page.selectbox(key="model_choice").set_value("cnn-three").run()
    assert not page.exception
    assert page.multiselect(key="robustness_models").options == ["digit-net"]
    assert page.multiselect(key="robustness_models").value == []


@pytest.mark.usefixtures("test_images")
@pytest.mark.parametrize(
    ("text", "value", "expected"), [("0.333", 0.333, "0.333"), ("-0.0", 0.0, "0")]
)
def test_any_severity_in_a_link_is_kept(page, text, value, expected):
    page.query_params["severity"] = text
    page.run()
    assert not page.exception
    assert page.slider(key="robustness_severity").value == value
    assert f"at severity {expected}<" in accuracy(page)
    assert page.query_params["severity"] == expected


@pytest.mark.usefixtures("test_images")
def test_a_model_that_is_gone_for_a_moment_leaves_the_curve(page, monkeypatch):
    page.query_params["models"] = "digit-net,cnn-three"
    monkeypatch.setattr("ui.robustness.curve.models", list)
    page.run()
    assert not page.exception
    (curve,) = (m.value for m in page.markdown if "The values as a table" in m.value)
    assert '<th scope="col">digit-net</th></tr>' in curve


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("www.evil.example", "wwwevilexample"),
        ("www.1.example", "www1example"),
        ("-0.5", "-0.5"),
        ("[x](http://example.org/x.png)", "xhttpexampleorgxpng"),
        ("1/.2", "1.2"),
    ],
)
def test_text_of_a_link_becomes_no_link(text, shown):
    assert plain(text) == shown


def test_a_model_that_was_replaced_is_reported():
    (card, *_) = ui.model_choice.list_models()
    with pytest.raises(ModelError, match=f"{card.name} was replaced; reload the page"):
        ui.model_choice.predictor_of(card.name, "0" * 64)


@pytest.mark.usefixtures("test_images")
@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("corruption", "<b>acid</b>", "robustness_corruption", ALL_CORRUPTIONS[0]),
        ("severity", "7", "robustness_severity", 0.5),
        ("severity", "abc", "robustness_severity", 0.5),
        ("severity", "-0.1", "robustness_severity", 0.5),
        ("severity", "nan", "robustness_severity", 0.5),
        ("seed", "-1", "robustness_seed", 0),
        ("seed", "1" * 5000, "robustness_seed", 0),
        ("seed", "٣", "robustness_seed", 0),
        ("models", "[x](http://example.org)", "robustness_models", []),
    ],
)
def test_nonsense_in_a_link_is_reported(page, name, text, key, value):
    page.query_params[name] = text
    page.run()
    assert not page.exception
    (warning,) = page.warning
    assert warning.value.startswith("Part of the link cannot be used.")
    assert not {"<", "[", "(", "/"} & set(warning.value)
    assert page.session_state[key] == value
    page.slider(key="robustness_severity").set_value(0.1).run()
    assert not page.warning


@pytest.mark.usefixtures("test_images")
def test_the_own_digit_and_its_breaking_point(page, predictors):
    page.query_params["tab"] = "own"
    page.run()
    assert page.session_state["robustness_tab"] == TABS["own"]
    assert "Breaking point" not in shown(page)
    page.session_state["drawing"] = SEVEN
    page.selectbox(key="robustness_corruption").set_value("brightness").run()
    assert "Breaking point: none" in shown(page)

    def seven_or_two(images):  # by how bright the corner is
        bright = images[:, 0, 0] > 0.5
        return np.where(bright[:, None], np.eye(10)[2], np.eye(10)[7])

    predictors["cnn-three"] = seven_or_two
    page.selectbox(key="model_choice").set_value("cnn-three").run()
    assert "Breaking point: 0.5" in shown(page)
    assert "changes, to 2" in shown(page)


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty place of Keras's cache, and no MNIST elsewhere."""
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    path = data.cache_path()
    path.parent.mkdir()
    return path


@pytest.fixture
def downloads(monkeypatch):
    """The places that MNIST was to be downloaded to; each download fails."""
    places = []

    def fail(target, *, progress):
        progress(1, 2)
        places.append(target)
        raise DataError("There is no internet.")

    monkeypatch.setattr(data, "download", fail)
    return places


def test_without_mnist_the_page_offers_to_download_it(page, cache, downloads):
    page.session_state["drawing"] = SEVEN
    page.run()
    assert not page.exception
    assert "MNIST is not on this computer yet" in page.info[0].value
    assert not page.error
    assert "Breaking point" in shown(page)
    assert not downloads
    page.button(key="mnist_download").click().run()
    assert not page.exception
    assert [error.value for error in page.error] == ["There is no internet."]
    assert downloads == [cache]


def test_a_damaged_cache_is_reported_and_can_be_downloaded_again(page, cache, downloads):
    cache.write_bytes(b"nothing of the kind")
    page.run()
    assert not page.exception
    (error,) = page.error
    assert "is not a whole mnist.npz" in error.value
    assert not page.info
    page.button(key="mnist_download").click().run()
    assert downloads == [cache]


@pytest.mark.parametrize("content", [None, b"nothing of the kind"])
def test_a_damaged_file_of_ones_own_is_reported_and_never_downloaded(
    page, monkeypatch, tmp_path, content
):
    path = tmp_path / "mnist.npz"
    if content:
        path.write_bytes(content)
    monkeypatch.setenv("MNIST_PATH", str(path))
    page.run()
    assert not page.exception
    (error,) = page.error
    assert "mnist.npz" in error.value
    assert str(tmp_path) not in error.value
    assert not page.info
    assert not [button for button in page.button if button.key == "mnist_download"]


@pytest.mark.usefixtures("test_images")
def test_a_model_that_cannot_be_loaded_is_reported(page, predictors):
    predictors["digit-net"] = ModelError("The model digit-net is damaged.")
    page.run()
    assert not page.exception
    assert [error.value for error in page.error] == ["The model digit-net is damaged."]


@pytest.mark.usefixtures("test_images")
def test_an_error_in_the_background_is_reported(page, predictors):
    predictors["cnn-three"] = ModelError("The model cnn-three is damaged.")
    page.query_params["models"] = "digit-net,cnn-three"
    deadline = time.monotonic() + 20
    while not page.error and time.monotonic() < deadline:
        page.run()
    assert "cnn-three is damaged" in page.error[0].value


@pytest.mark.usefixtures("test_images")
def test_the_images_of_a_cell(page):
    page.query_params["tab"] = "digits"
    page.run()
    page.selectbox(key="confusion_true").set_value(7)
    page.selectbox(key="confusion_read").set_value(7).run()
    assert "<b>100 images</b> of 7 classified as 7, the first 20 of them" in shown(page)
    page.selectbox(key="confusion_read").set_value(1).run()
    assert "<b>0 images</b>" in shown(page)


@pytest.mark.usefixtures("test_images")
def test_the_confusion_matrix_says_of_which_model_it_is(page, predictors):
    predictors["cnn-three"] = lambda images: np.tile(np.eye(10)[3], (len(images), 1))
    page.query_params.update({"tab": "digits", "models": "digit-net,cnn-three"})
    page.run()
    page.selectbox(key="confusion_true").set_value(7)
    page.selectbox(key="confusion_read").set_value(3).run()
    assert "each column an answer of `digit-net`" in shown(page)
    assert "<b>0 images</b> of 7 classified as 3" in shown(page)
    page.segmented_control(key="robustness_confused").set_value("cnn-three").run()
    assert not page.exception
    assert "each column an answer of `cnn-three`" in shown(page)
    assert "<b>100 images</b> of 7 classified as 3" in shown(page)
    page.session_state["robustness_models"] = []
    page.run()
    assert not page.exception
    assert "each column an answer of `digit-net`" in shown(page)


@pytest.mark.parametrize("clicked", [[{"customdata": [4, 9, None]}], []])
def test_a_click_means_the_cell_also_where_the_chart_takes_it_back(monkeypatch, clicked):
    """Plotly reports a second click on a cell as a selection without points."""
    selection = SimpleNamespace(selection=SimpleNamespace(points=clicked))
    state = {CHART: selection, CLICKED: [4, 9], TRUE: 3, READ: 5}
    monkeypatch.setattr(st, "session_state", state)
    take_cell()
    assert (state[TRUE], state[READ]) == (4, 9)


def test_colours_tell_few_errors_apart():
    assert place_on_scale(0.0) == 0
    assert place_on_scale(1.0) == 1
    assert place_on_scale(0.996) - place_on_scale(0.97) > 0.3
    assert place_on_scale(0.97) - place_on_scale(0.94) == pytest.approx(
        place_on_scale(0.94) - place_on_scale(0.88)
    )
    assert "color:#fff" in heat_cell(0.1)
    assert "color:#000" in heat_cell(0.99)


def test_the_table_names_the_corruption_that_hurts_most():
    at_most = {"fog": 0.8, "elastic": 0.6, "speckle": 0.7, "old_fax": 0.5, "hasty_scan": 0.55}
    rows = [
        {"model": "some-net", "corruption": name, "family": family(name), "severity": severity}
        | {"accuracy": accuracy if severity == 1 else 1.2 - accuracy}
        for name, accuracy in at_most.items()
        for severity in SEVERITIES
    ]
    assert "“Elastic”. At severity 1 `some-net` still classifies 60.0% correctly" in worst_of(rows)
    assert "Of the combinations it is “Old fax”, which leaves 50.0%." in worst_of(rows)
    single = [row for row in rows if row["corruption"] in CORRUPTIONS]
    assert worst_of(single).endswith("60.0% correctly.")


def test_the_table_as_csv():
    report = {"n": 10, "accuracy": 0.9, "interval": [0.6, 0.98], "errors": 1}
    rows = [robustness.table_row("some-net", "fog", 0.5, report)]
    (row,) = csv.DictReader(io.StringIO(to_csv(rows)))
    assert tuple(row) == robustness.COLUMNS
    assert row["corruption"] == "fog"
    assert float(row["high"]) == 0.98
