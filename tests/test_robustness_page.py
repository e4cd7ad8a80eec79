"""The robustness page's logic, without a browser, with made-up test images and fake models."""

import csv
import io
import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui.mnist
import ui.models
import ui.robustness_result
from mnist_core import data, robustness
from mnist_core.corruptions import DAMAGE
from mnist_core.storage import StorageError
from tests.test_app import PROJECT, SEVEN, always, card, shown
from ui.robustness_table import to_csv


@pytest.fixture
def predictors(monkeypatch):
    """Two models by name: predictors, or errors that loading them raises."""
    answers = {"digit-net": always(7), "cnn-three": always(3)}

    def load(name, _sha256):
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    cards = [card("digit-net", "Digit Net"), card("cnn-three")]
    monkeypatch.setattr(ui.models, "models", lambda: cards)
    for module in ("robustness_choice", "robustness_curve"):
        monkeypatch.setattr(f"ui.{module}.models", lambda: cards)
    monkeypatch.setattr(ui.models, "_load", load)
    ui.robustness_result.measurements.clear()
    return answers


@pytest.fixture
def test_images(monkeypatch, small_mnist, tmp_path):
    """A thousand made-up images in the place of MNIST's test images."""
    images = np.tile(data.to_float(small_mnist.test.images), (5, 1, 1))
    made_up = ui.mnist.TestSet(images, np.tile(small_mnist.test.labels, 5))
    monkeypatch.setattr(data, "local_copy", lambda: tmp_path)
    monkeypatch.setattr(ui.mnist, "_load", lambda *_: made_up)


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
def test_accuracy_and_strip_of_what_was_chosen(page):
    page.run()
    assert not page.exception
    assert "<strong>10.00%</strong>" in accuracy(page)
    assert "8.29% to 12.02%" in accuracy(page)
    assert "severity 0.50" in accuracy(page)
    strip = next(m.value for m in page.markdown if "Test images before" in m.value)
    assert strip.count("<img") == 20
    assert strip.count('title="right"') == 2
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
    assert page.multiselect(key="robustness_models").value == ["cnn-three"]
    page.slider(key="robustness_severity").set_value(0.75)
    page.selectbox(key="robustness_corruption").set_value("rotate").run()
    assert not page.exception
    assert page.query_params["severity"] == "0.75"
    assert page.query_params["corruption"] == "rotate"
    assert page.query_params["models"] == "digit-net,cnn-three"


def test_a_fresh_link_chooses_the_model_too(predictors):
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
    app.query_params["models"] = "cnn-three,digit-net"
    app.run()
    assert app.selectbox(key="model_choice").value == "cnn-three"
    assert not app.warning


@pytest.mark.usefixtures("test_images")
@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("corruption", "<b>acid</b>", "robustness_corruption", DAMAGE[0]),
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
def test_nonsense_in_a_link_is_told(page, name, text, key, value):
    page.query_params[name] = text
    page.run()
    assert not page.exception
    (warning,) = page.warning
    assert warning.value.startswith("The link is not quite right.")
    assert not {"<", "[", "(", "/"} & set(warning.value)
    assert page.session_state[key] == value
    page.slider(key="robustness_severity").set_value(0.1).run()
    assert not page.warning


@pytest.mark.usefixtures("test_images")
def test_the_own_digit_and_its_breaking_point(page, predictors):
    page.run()
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


def test_without_mnist_the_page_says_what_it_needs(page, monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "no.npz"))
    page.session_state["drawing"] = SEVEN
    page.run()
    assert not page.exception
    assert "MNIST is not on this computer yet" in page.info[0].value
    assert "Breaking point" in shown(page)
    page.button(key="mnist_download").click().run()
    assert not page.exception
    assert "MNIST is not at" in page.error[0].value


def test_a_damaged_mnist_is_told(page, monkeypatch, tmp_path):
    broken = tmp_path / "mnist.npz"
    broken.write_bytes(b"nothing of the kind")
    monkeypatch.setenv("MNIST_PATH", str(broken))
    page.run()
    assert not page.exception
    assert "is not a whole mnist.npz" in page.error[0].value


@pytest.mark.usefixtures("test_images")
def test_a_model_that_cannot_be_loaded_is_told(page, predictors):
    predictors["digit-net"] = StorageError("The model digit-net is damaged.")
    page.run()
    assert not page.exception
    assert [error.value for error in page.error] == ["The model digit-net is damaged."]


@pytest.mark.usefixtures("test_images")
def test_an_error_in_the_background_is_told(page, predictors):
    predictors["cnn-three"] = StorageError("The model cnn-three is damaged.")
    page.query_params["models"] = "digit-net,cnn-three"
    deadline = time.monotonic() + 20
    while not page.error and time.monotonic() < deadline:
        page.run()
    assert "cnn-three is damaged" in page.error[0].value


@pytest.mark.usefixtures("test_images")
def test_the_images_of_a_cell(page):
    page.run()
    page.selectbox(key="confusion_true").set_value(7)
    page.selectbox(key="confusion_read").set_value(7).run()
    assert "<b>100 images</b> of a 7 read as 7, the first 20 of them" in shown(page)
    page.selectbox(key="confusion_read").set_value(1).run()
    assert "<b>0 images</b>" in shown(page)


def test_the_table_as_csv():
    report = {"n": 10, "accuracy": 0.9, "interval": [0.6, 0.98], "errors": 1}
    rows = [robustness.row("some-net", "fog", 0.5, report)]
    (row,) = csv.DictReader(io.StringIO(to_csv(rows)))
    assert tuple(row) == robustness.COLUMNS
    assert row["corruption"] == "fog"
    assert float(row["high"]) == 0.98
