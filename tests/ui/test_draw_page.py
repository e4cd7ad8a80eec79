"""The pages' logic, without a browser: what a blank canvas, a drawing or a wrong link shows."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import ui.model_choice
from mnist_core.errors import ModelError
from mnist_core.pictures.strokes import strokes_of
from mnist_core.serving import Card, Prediction
from ui.draw.digit import HINT, REJECTED, SEVERAL, TOO_LITTLE, DrawnDigit
from ui.formats import percent, size
from ui.models.tabs import TAB as MODELS_TAB
from ui.models.tabs import TABS as MODELS_TABS
from ui.pictures import png

PROJECT = Path(__file__).resolve().parents[2]
SEVEN = {
    "objects": [
        {
            "type": "Path",
            "path": [["M", 70, 50], ["L", 200, 55], ["L", 130, 230]],
            "stroke": "#1d2733",
            "strokeWidth": 18,
            "fill": None,
            "left": 61,
            "top": 41,
            "width": 130,
            "height": 180,
            "scaleX": 1,
            "scaleY": 1,
            "angle": 0,
        }
    ]
}


def card(name: str, title: str = "", summary: str = "Reads digits.") -> Card:
    return Card(
        name=name,
        title=title or name,
        summary=summary,
        architecture="some_net",
        source="https://example.org/paper",
        parameters=12345,
        trained_on={"data": "MNIST", "damage": []},
        training={"epochs": 3},
        metrics={"test": {"n": 10000, "accuracy": 0.9912, "interval": [0.9891, 0.9929]}},
        temperature=1.0,
        threshold=0.5,
        precision="float32",
        output="softmax",
        files={file: {"sha256": "0" * 64, "bytes": 590_000} for file in ("model.tflite",)},
        versions={},
        date="2025-01-01",
    )


class Fake:
    """A predictor with fixed answers.

    Parameters
    ----------
    answer : callable, images (n, 28, 28) -> probabilities (n, 10)
    is_digit : float, how much anything looks like a digit; None: as much as its answer is sure
    """

    rejection_threshold = 0.4

    def __init__(self, answer, is_digit=None):
        self.answer, self.is_digit = answer, is_digit

    def __call__(self, images):
        return self.predict_full(images).probabilities

    def predict_full(self, images):
        probabilities = self.answer(images)
        like = probabilities.max(axis=1) if self.is_digit is None else self.is_digit
        features = images.reshape(len(images), -1)
        return Prediction(probabilities, np.broadcast_to(like, len(images)), features)

    def taught(self, _):
        """The same, whatever it is taught."""
        return self


def always(digit: int, confidence: float = 0.995, is_digit=None) -> Fake:
    """A predictor that reads everything as one digit, with the next one as the runner-up."""
    row = np.zeros(10, np.float32)
    row[digit], row[(digit + 1) % 10] = confidence, 1 - confidence
    return Fake(lambda images: np.tile(row, (len(images), 1)), is_digit)


def fake_models(monkeypatch, *, first: int = 7, second: int = 3) -> dict:
    """Put two models in the place of the shipped ones, each of which reads everything as one digit.

    Returns what they answer, by name; a test may replace it by another predictor, by a function
    that gives probabilities, or by an error that loading the model raises.
    """
    answers = {"digit-net": always(first), "cnn-three": always(second)}

    def load(name, _sha256, _folders):
        if isinstance(answers[name], Exception):
            raise answers[name]
        answer = answers[name]
        return answer if isinstance(answer, Fake) else Fake(answer)

    cards = [card("digit-net", "Digit Net"), card("cnn-three")]
    monkeypatch.setattr(ui.model_choice, "all_models", lambda: cards)
    monkeypatch.setattr(ui.model_choice, "_load", load)
    return answers


@pytest.fixture
def predictors(monkeypatch):
    """What the models answer, by name; see `fake_models`."""
    return fake_models(monkeypatch)


@pytest.fixture
def app(predictors):
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)


def shown(app: AppTest) -> str:
    """All of the page's own HTML and text."""
    return "\n".join(element.value for element in (*app.markdown, *app.main.get("html")))


def answer(app: AppTest) -> str:
    (status,) = (m.value for m in app.markdown if "dl-digit" in m.value)
    return status.removesuffix("</div>").rpartition(">")[2]


def test_a_blank_canvas_shows_what_to_do(app):
    app.run()
    assert not app.exception
    assert answer(app) == ""
    assert HINT in shown(app)
    assert "Confidence" not in shown(app)


@pytest.mark.parametrize("drawing", [{}, {"objects": []}, {"objects": [], "background": "#fff"}])
def test_an_emptied_canvas_is_blank(app, drawing):
    app.session_state["drawing"] = drawing
    app.run()
    assert answer(app) == ""


def test_a_stored_drawing_gets_an_answer(app):
    app.session_state["drawing"] = SEVEN
    app.run()
    assert not app.exception
    assert answer(app) == "7"
    assert "Almost certain" in shown(app)
    assert "Confidence 99.5%" in shown(app)
    assert 'aria-label="Probability of each digit: 7 99.5%, 8 0.5%' in shown(app)
    assert "data:image/png;base64," in shown(app)
    assert HINT not in shown(app)


def test_an_unsure_answer_names_the_two_likeliest(app, predictors):
    predictors["digit-net"] = always(4, 0.55)
    app.session_state["drawing"] = SEVEN
    app.run()
    assert answer(app) == "4"
    assert "Not sure: 4 or 5" in shown(app)


def test_what_does_not_look_like_a_digit_gets_no_answer(app, predictors):
    predictors["digit-net"] = always(8, 0.9, is_digit=0.1)
    app.session_state["drawing"] = SEVEN
    app.run()
    assert answer(app) == ""
    assert REJECTED in shown(app)
    assert "If it is a digit, it is most likely an 8." in shown(app)
    assert "Confidence" not in shown(app)
    (bars,) = (m.value for m in app.markdown if "dl-bars" in m.value)
    assert 'class="dl-bars dl-dim"' in bars
    assert "dl-best" not in bars
    assert "8 90.0%, 9 10.0%" in bars


def test_the_rejection_threshold_decides_and_is_kept_on_other_pages(app, predictors):
    predictors["digit-net"] = always(8, 0.9, is_digit=0.1)
    app.session_state["drawing"] = SEVEN
    app.run()
    slider = app.select_slider(key="strictness")
    assert slider.value == 0
    slider.set_value(-1).run()
    assert answer(app) == "8"
    assert "Confidence 90.0%" in shown(app)
    app.switch_page("pages/models.py").run()
    app.switch_page("pages/draw.py").run()
    assert app.select_slider(key="strictness").value == -1
    assert answer(app) == "8"
    predictors["digit-net"] = always(8, 0.9, is_digit=0.8)
    app.select_slider(key="strictness").set_value(2).run()
    assert answer(app) == ""


def test_clear_forgets_the_drawing(app):
    app.session_state["drawing"] = SEVEN
    app.run()
    app.button(key="draw_clear").click().run()
    assert answer(app) == ""
    assert HINT in shown(app)


def test_the_drawing_and_the_model_survive_another_page(app):
    app.session_state["drawing"] = SEVEN
    app.run()
    app.selectbox(key="model_choice").set_value("cnn-three").run()
    app.switch_page("pages/models.py").run()
    assert not app.exception
    app.switch_page("pages/draw.py").run()
    assert app.selectbox(key="model_choice").value == "cnn-three"
    assert answer(app) == "3"


def test_another_model_reads_the_same_drawing(app):
    app.session_state["drawing"] = SEVEN
    app.run()
    app.selectbox(key="model_choice").set_value("cnn-three").run()
    assert answer(app) == "3"
    assert app.query_params["model"] == "cnn-three"
    app.selectbox(key="model_choice").set_value("digit-net").run()
    assert answer(app) == "7"
    assert "model" not in app.query_params


def test_a_link_carries_the_model(app):
    app.query_params["model"] = "cnn-three"
    app.run()
    assert app.selectbox(key="model_choice").value == "cnn-three"
    assert not app.warning


def test_an_unknown_model_in_a_link_is_reported(app):
    app.query_params["model"] = "no-such![x](http://example.org/x.png)"
    app.run()
    (warning,) = app.warning
    assert "no model called “no-suchx" in warning.value
    assert "`digit-net` reads your digits instead" in warning.value
    assert not {"!", "[", "(", "/"} & set(warning.value)
    assert app.selectbox(key="model_choice").value == "digit-net"
    app.selectbox(key="model_choice").set_value("cnn-three").run()
    assert not app.warning


@pytest.mark.parametrize("drawing", [None, SEVEN])
def test_a_model_that_cannot_be_loaded_is_reported_once(app, monkeypatch, drawing):
    def fail(name, _sha256, _folders):
        raise ModelError(f"The model {name} is damaged.")

    monkeypatch.setattr(ui.model_choice, "_load", fail)
    app.session_state["drawing"] = drawing
    app.run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The model digit-net is damaged."]
    assert app.button(key="draw_clear")


@pytest.mark.parametrize("page", ["pages/draw.py", "pages/robustness.py", "pages/models.py"])
def test_without_any_model_the_pages_say_so(app, monkeypatch, page):
    app.run()
    monkeypatch.setattr(ui.model_choice, "all_models", lambda: [])
    app.switch_page(page).run()
    assert not app.exception
    (error,) = app.error
    assert "no model" in error.value


def test_the_models_page_shows_every_model_and_the_chosen_card(app):
    app.query_params["model"] = "cnn-three"
    app.run()
    app.session_state[MODELS_TAB] = MODELS_TABS["card"]
    app.switch_page("pages/models.py").run()
    assert not app.exception
    (table,) = app.main.get("bidi_component")
    rows = json.loads(json.loads(table.proto.json)["view"])["rows"]
    assert [row["chosen"] for row in rows] == [False, True]
    for text in ("digit-net", "12,345", "590 kB", "99.12%", "98.91% to 99.29%"):
        assert text in json.dumps(rows)
    assert "example.org" in shown(app)
    assert app.header[0].value == "cnn-three"


def test_a_card_reports_corruptions_where_they_were_measured(app, monkeypatch):
    tried = card("digit-net")
    tried.metrics["damaged"] = {
        "0.5": {"mean": 0.987, "worst": 0.95, "worst_corruption": "glass_blur", "recipes": 0.9}
    }
    study = {"trained without": 0.91, "trained with": 0.98, "no damage": 0.8}
    tried.metrics["unforeseen"] = {"epochs": 2, "severity": 0.5, "families": {"noise": study}}
    monkeypatch.setattr(ui.model_choice, "all_models", lambda: [tried, card("cnn-three")])
    app.run()
    app.session_state[MODELS_TAB] = MODELS_TABS["card"]
    app.switch_page("pages/models.py").run()
    assert "98.70% on average over all corruptions at severity 0.5" in shown(app)
    assert "lowest with glass blur: 95.00%" in shown(app)
    assert "noise 91.0% (98.0% when trained with it)" in shown(app)
    app.selectbox(key="model_choice").set_value("cnn-three").run()
    assert "Corrupted accuracy" not in shown(app)


def test_the_text_of_a_card_is_never_taken_for_html(app, monkeypatch):
    cards = [card("digit-net", "<script>a</script>", summary="<img src=x onerror=a>")]
    monkeypatch.setattr(ui.model_choice, "all_models", lambda: cards)
    app.run()
    app.session_state[MODELS_TAB] = MODELS_TABS["card"]
    app.switch_page("pages/models.py").run()
    assert "<script" not in shown(app)
    assert "<img" not in shown(app)


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (1.0, "Almost certain"),
        (0.99, "Almost certain"),
        (0.95, "Quite sure"),
        (0.8, "Probably right"),
        (0.6, "Not sure: 2 or 3"),
    ],
)
def test_the_words_fit_the_confidence(confidence, words):
    row = [0.0] * 10
    row[2], row[3] = confidence, 1 - confidence
    assert DrawnDigit(tuple(row), np.zeros((28, 28), np.float32)).words == words


def test_numbers_are_written_for_people():
    shares = {1.0: ">99.9%", 0.99951: ">99.9%", 0.9994: "99.9%", 0.5: "50.0%", 0.0: "0.0%"}
    assert [percent(share) for share in shares] == list(shares.values())
    assert [size(n) for n in (590_000, 3_550_000, 4200)] == ["590 kB", "3.5 MB", "4 kB"]


def test_the_image_is_a_png_of_28_by_28():
    gray = np.arange(784, dtype=np.uint8).reshape(28, 28)
    content = png(np.float32(gray / 255))
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(decoded, gray)


def test_the_app_never_imports_tensorflow_or_pandas():
    script = f"""
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file({str(PROJECT / "app.py")!r}, default_timeout=60)
app.session_state["drawing"] = {SEVEN!r}
app.query_params["model"] = "dense-sigmoid"  # measured fast on the robustness page
app.run()
assert not app.exception, app.exception
app.session_state["inside"] = True
app.run()
assert not app.exception, app.exception
early = {{"mnist_core.reading", "mnist_core.reading.segmentation"}} & set(sys.modules)
assert not early, early
app.button_group(key="draw_number").set_value("A whole number").run()
assert not app.exception, app.exception
for page in ("pages/models.py", "pages/robustness.py", "pages/training.py", "pages/draw.py"):
    app.switch_page(page).run()
    assert not app.exception, app.exception
heavy = {{"tensorflow", "keras", "pandas", "sklearn"}} & set(sys.modules)
assert not heavy, heavy
"""
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr[-2000:]


def test_a_dab_of_the_pen_is_too_little_to_read(app):
    stroke = SEVEN["objects"][0]
    app.session_state["drawing"] = {
        "objects": [{**stroke, "scaleX": 0.15, "scaleY": 0.15, "strokeWidth": 120}]
    }
    app.run()
    assert answer(app) == ""
    assert all(text in shown(app) for text in TOO_LITTLE)
    assert "Probability of each digit: too little to read" in shown(app)
    assert "Confidence" not in shown(app)


def test_two_digits_side_by_side_are_offered_as_a_number(app, predictors):
    left, right = ({**SEVEN["objects"][0], "scaleX": 0.5, "left": x} for x in (30, 160))
    app.session_state["drawing"] = {"objects": [left, right]}
    app.run()
    assert SEVERAL[0] in shown(app)
    assert "As one digit: a 7, 99.5%" in shown(app)
    before = strokes_of(app.session_state["drawing"])
    app.button(key="draw_as_number").click().run()
    assert not app.exception
    assert app.title[0].value == "Draw a number"
    for one, other in zip(before, strokes_of(app.session_state["number_drawing"]), strict=True):
        assert other.points == pytest.approx(one.points + np.float32([210, 10]), abs=1e-3)
    app.button_group(key="draw_number").set_value("One digit").run()
    assert app.button(key="draw_as_number")
    predictors["digit-net"] = Fake(
        lambda images: np.tile(np.eye(10)[7], (len(images), 1)), is_digit=[0.9, 0.9, 0.1]
    )
    app.run()  # now one of the two is no digit
    assert SEVERAL[0] not in shown(app)
    assert answer(app) == "7"


def test_what_is_no_drawing_gets_a_sentence(app, predictors):
    app.session_state["drawing"] = {"objects": [{"type": "path", "path": [["L", "x", 1]]}]}
    app.run()
    assert [error.value for error in app.error] == [
        "This is not a drawing of the canvas: clear it and draw again."
    ]
    assert not app.exception
