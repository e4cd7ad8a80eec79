"""The models page's logic, without a browser: its table, answers, curves and what it can do."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import ui.model_choice
from mnist_core import networks, serving
from mnist_core.errors import ModelError
from mnist_core.evaluation.metrics import COVERAGES
from mnist_core.serving import Card, Prediction
from mnist_core.training.export import descriptions
from mnist_core.workspace import WORKSPACE, Workspace
from tests.ui.test_draw_page import PROJECT, SEVEN, card, shown
from ui.card_metrics import epochs_in_words, number, rejection, reliability, selective
from ui.models import timing
from ui.models.answers import Answer, agreement, most_common
from ui.models.size import multiplications, sides_of
from ui.models.table import COLUMNS, KEY, REVERSE, SORT, USUAL, in_order, take_head
from ui.models.tabs import DETECTOR, TAB, TABS
from ui.threshold import REJECTION_THRESHOLD

HOSTILE = '"><script>a</script><img src=x onerror=a>'
CONFIDENCE = {
    "n": 10000,
    "ece": 0.0123,
    "reliability": [
        {"confidence": 0.5, "accuracy": 0.45, "n": 20},
        {"confidence": 0.999, "accuracy": 0.998, "n": 9980},
    ],
    "selective": [1 - 0.01 * share for share in COVERAGES],
}


class Fake:
    """A predictor that sees one digit in everything, and one that may refuse to take it for one."""

    rejection_threshold = 0.5

    def __init__(self, digit: int, confidence: float = 0.995, is_digit: float = 0.9):
        self.digit, self.confidence, self.is_digit = digit, confidence, is_digit

    def predict_full(self, images) -> Prediction:
        row = np.zeros(10, np.float32)
        row[self.digit], row[(self.digit + 1) % 10] = self.confidence, 1 - self.confidence
        count = len(images)
        scores = np.full(count, self.is_digit, np.float32)
        return Prediction(np.tile(row, (count, 1)), scores, np.zeros((count, 4), np.float32))

    def __call__(self, images):
        return self.predict_full(images).probabilities


def measured(
    name: str, *, size: int = 590_000, accuracy: float = 0.9912, date="2025-01-01"
) -> Card:
    """A card that has all that is measured nowadays."""
    plain = card(name)
    test = plain.metrics["test"] | {"accuracy": accuracy, "seconds": 0.5, "ece": 0.002}
    metrics = {
        "test": test,
        "damaged": {"n": 10000, "split": "test", "0.5": {"mean": accuracy - 0.1}},
        "rejection": {"scribbles": 0.97, "letters": 0.91, "mean": 0.94},
        "confidence": {"clean": CONFIDENCE, "damaged": CONFIDENCE | {"ece": 0.0456}},
    }
    files = {file: {"sha256": f"{name:0<64}", "bytes": size} for file in serving.FILES}
    return replace(plain, metrics=metrics, files=files, date=date)


@pytest.fixture
def place(monkeypatch):
    """Three models, the last of which is one's own and was hardly measured; and their answers."""
    cards = [
        measured("digit-net", size=500_000, accuracy=0.9961, date="2025-03-01"),
        measured("cnn-three", size=300_000, accuracy=0.99, date="2025-02-01"),
        replace(measured("mine", size=900_000), metrics=card("mine").metrics),
    ]
    answers = {"digit-net": Fake(7), "cnn-three": Fake(7), "mine": Fake(7)}

    def load(name, _sha256, _folders):
        if isinstance(answers[name], Exception):
            raise answers[name]
        return answers[name]

    monkeypatch.setattr(ui.model_choice, "all_models", lambda: cards)
    monkeypatch.setattr(ui.model_choice, "all_models", lambda: cards)
    monkeypatch.setattr(ui.model_choice, "_load", load)
    return cards, answers


@pytest.fixture
def app(place):
    """The models page, ready to run for the first time."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=20)
    app.run()
    return app.switch_page("pages/models.py")


def test_detectors_stand_apart(app, place, monkeypatch):
    test = {"n": 7400, "accuracy": 0.8765, "interval": [0.87, 0.88], "precision": 0.9, "crops": 0.5}
    test["crops_n"] = 480
    detector = replace(card("number-net"), output="marks", metrics={"test": test})
    monkeypatch.setattr(ui.model_choice, "all_models", lambda: [*place[0], detector])
    open_tab(app, "detector")
    assert not app.exception
    assert "number-net" in [header.value for header in app.header]
    assert "87.65% (87.00% to 88.00%) of 7,400 digits on made pages" in shown(app)
    assert "number-net" not in names(app)
    assert "of pages that code makes to be harder than photographs" in shown(app)
    assert "50.00% of 480 pieces, with 15 digits on average" in shown(app)
    assert shown(app).index("<dt>Source</dt>") > shown(app).index("<dt>Trained</dt>")


def table(app) -> dict:
    """What the browser is given to make the table of."""
    views = [json.loads(json.loads(e.proto.json)["view"]) for e in app.main.get("bidi_component")]
    (found,) = (view for view in views if "columns" in view)
    return found


def row(app, place: int) -> list[str]:
    """The texts of a model's row."""
    cells = table(app)["rows"][place]["cells"]
    return [text for cell in cells for text in (cell["text"], cell["more"]) if text]


def names(app) -> list[str]:
    """The models in the table, from top to bottom."""
    return [row["cells"][0]["text"] for row in table(app)["rows"]]


def open_tab(app, name: str) -> AppTest:
    """Open one of the page's tabs."""
    app.session_state[TAB] = (TABS | DETECTOR)[name]
    return app.run()


def answers_shown(app) -> str:
    (found,) = (m.value for m in app.markdown if "dl-answers" in m.value)
    return found


def test_the_table_shows_what_was_measured_and_what_was_not(app):
    app.run()
    assert not app.exception
    first, _, mine = (row(app, place) for place in range(3))
    for text in ("500 kB", "0.050 ms", "99.61%", "89.61%", "0.20%", "corrupted 4.56%", "94.00%"):
        assert text in first
    assert mine.count("not measured") == 4
    assert "99.12%" in mine
    assert [row["chosen"] for row in table(app)["rows"]] == [True, False, False]
    meanings = shown(app)
    assert all(column.meaning in meanings for column in COLUMNS)


def directions(app) -> dict[str, str]:
    """The columns that the models are sorted by, and how."""
    return {c["heading"]: c["sorted"] for c in table(app)["columns"] if c["sorted"]}


@pytest.mark.parametrize("unusual", [None, "2", True, -1, 99])
def test_a_click_on_a_head_sorts_and_a_second_one_reverses(monkeypatch, unusual):
    headings = [column.heading for column in COLUMNS]
    state = {KEY: SimpleNamespace(sorted=headings.index("Size")), SORT: USUAL, REVERSE: False}
    monkeypatch.setattr(st, "session_state", state)
    take_head()
    assert (state[SORT], state[REVERSE]) == ("Size", False)
    take_head()
    assert (state[SORT], state[REVERSE]) == ("Size", True)
    state[KEY] = SimpleNamespace(sorted=unusual)
    take_head()
    assert (state[SORT], state[REVERSE]) == ("Size", True)
    state[KEY] = SimpleNamespace(sorted=0)
    take_head()
    assert (state[SORT], state[REVERSE]) == ("Model", False)


def test_models_are_timed_alike_here(app, place):
    _, answers = place
    timing._timed().clear()
    app.run()
    assert row(app, 1).count("0.050 ms") == 1  # from its card
    answers["mine"] = ModelError("It is damaged.")
    app.button(key="models_time").click().run()
    assert not app.exception
    assert row(app, 1).count("0.050 ms") == 0
    assert "not measured" in row(app, 2)
    assert set(timing._timed()) == {card.version for card in place[0][:2]}
    timing._timed().clear()


def test_models_are_sorted_by_any_column(app):
    app.run()
    assert names(app) == ["digit-net", "cnn-three", "mine"]
    app.selectbox(key="models_sort").set_value("Size").run()
    assert names(app) == ["cnn-three", "digit-net", "mine"]
    assert directions(app) == {"Size": "ascending"}
    assert table(app)["caption"].startswith("All models, the smallest first")
    app.toggle(key="models_reverse").set_value(True).run()
    assert names(app) == ["mine", "digit-net", "cnn-three"]
    assert directions(app) == {"Size": "descending"}
    app.selectbox(key="models_sort").set_value("Rejection").run()
    assert names(app)[-1] == "mine"


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.heading)
def test_models_without_a_value_come_last(place, column, reverse):
    cards, _ = place
    ordered = in_order(cards[::-1], column, reverse=reverse)
    known = [column.value(card) for card in ordered if column.value(card) is not None]
    assert known == sorted(known, reverse=column.descending != reverse)
    unknown = [card.name for card in ordered[len(known) :]]
    assert unknown in ([], ["mine"])


@pytest.mark.parametrize(
    ("training", "words"),
    [
        ({"epochs": 8, "epochs_done": 0}, "0 of 8 epochs"),
        ({"epochs": 8, "epochs_done": 3}, "3 of 8 epochs"),
        ({"epochs": 8, "epochs_done": 8}, "8 epochs"),
        ({"epochs": 1, "epochs_done": 1}, "1 epoch"),
        ({"epochs": 8, "epochs_done": 8, "start": "other"}, "8 more epochs"),
        ({"epochs": 8, "epochs_done": 3, "start": "other"}, "3 of 8 more epochs"),
        ({"epochs": 8, "epochs_done": 8, "start": ""}, "8 epochs"),
        ({"epochs": 8}, "8 epochs"),  # older cards
        ({}, ""),
    ],
)
def test_a_model_shows_the_epochs_that_were_finished(app, place, training, words):
    cards, _ = place
    cards[0] = replace(cards[0], training=training)
    assert epochs_in_words(cards[0]) == words
    app.run()
    assert not app.exception
    assert row(app, 0)[row(app, 0).index(cards[0].date) + 1 :] == ([words] if words else [])
    open_tab(app, "card")
    assert ", ".join(filter(None, (cards[0].date, words))) in shown(app)
    warned = [warning.value for warning in app.warning]
    assert any("No epoch of its training was finished" in text for text in warned) == (
        training.get("epochs_done") == 0
    )


def test_without_a_drawing_there_is_a_link_to_draw(app):
    open_tab(app, "answers")
    assert "Draw a digit to see" in shown(app)


def test_every_model_answers_the_drawing(app):
    app.session_state["drawing"] = SEVEN
    open_tab(app, "answers")
    assert not app.exception
    assert "All 3 models answer <b>7</b>" in shown(app)
    assert "dl-differs" not in shown(app)
    assert answers_shown(app).count("<li") == 3
    assert "data:image/png;base64," in answers_shown(app)


def test_disagreement_is_marked(app, place):
    _, answers = place
    answers["mine"] = Fake(1, 0.6)
    app.session_state["drawing"] = SEVEN
    open_tab(app, "answers")
    assert "2 of 3 models answer <b>7</b>; the other one, marked ≠, differs" in shown(app)
    assert answers_shown(app).count("dl-differs") == 1
    assert "not sure: 1 or 2" in answers_shown(app).partition("dl-differs")[2]


def test_a_non_digit_is_reported(app, place):
    _, answers = place
    answers["cnn-three"] = answers["mine"] = Fake(4, is_digit=0.1)
    app.session_state["drawing"] = SEVEN
    open_tab(app, "answers")
    assert "2 of 3 models reject this as a non-digit" in shown(app)
    assert "rejected as a non-digit; if it is a digit, a 4" in answers_shown(app)


def test_the_rejection_threshold_applies_here_as_on_other_pages(app):
    app.session_state["drawing"] = SEVEN
    app.session_state[REJECTION_THRESHOLD] = 3
    open_tab(app, "answers")
    assert "All 3 models reject this as a non-digit" in shown(app)


def test_a_model_that_cannot_be_loaded_is_reported_in_its_place(app, place):
    _, answers = place
    answers["mine"] = ModelError(f"It is damaged: {HOSTILE}")
    app.session_state["drawing"] = SEVEN
    open_tab(app, "answers")
    assert not app.exception
    assert "All 2 models answer <b>7</b>" in shown(app)
    assert "It is damaged: &quot;" in answers_shown(app)


def test_of_answers_given_equally_often_the_chosen_models_counts():
    answers = {name: Answer((digit, 0), 0.9, True) for name, digit in (("a", 1), ("b", 2))}
    assert most_common(answers, "b") == 2
    assert most_common(answers, "gone") == 1
    assert most_common({}, "a") is None
    assert agreement({}, None) == "No model can be loaded."
    assert agreement({"a": answers["a"]}, 1) == "The only model answers <b>1</b>."
    assert (
        agreement(answers, 1) == "1 of 2 models answer <b>1</b>; the other one, marked ≠, differs."
    )


def test_the_curves_of_the_chosen_model_and_of_those_beside_it(app):
    open_tab(app, "calibration")
    for text in ("47% to 53%", "45.0% of 20", "calibration error: 1.23%", "99.5%"):
        assert text in shown(app)
    assert '<th scope="col">cnn-three</th>' not in shown(app)
    app.multiselect(key="models_beside").set_value(["cnn-three", "mine"]).run()
    assert not app.exception
    assert shown(app).count('<th scope="col">cnn-three</th>') == 4
    assert [c.value for c in app.caption if "Not measured" in c.value] == ["Not measured: mine."]


def test_points_of_few_answers_are_faded_and_have_long_intervals(app):
    open_tab(app, "calibration")
    assert not app.exception
    assert "faded points stand for fewer than 30 answers" in shown(app)
    chart, *_ = (json.loads(e.proto.spec) for e in app.main.get("plotly_chart"))
    many, few, _ = chart["data"]
    assert (many["x"], few["x"]) == ([0.999], [0.5])
    assert (many["mode"], few["mode"]) == ("lines+markers", "markers")
    assert few["opacity"] < 1
    # Wilson's interval of 9 correct answers of 20: 25.8% to 65.8%
    assert few["error_y"]["arrayminus"] == pytest.approx([0.45 - 0.258], abs=0.001)
    assert few["error_y"]["array"] == pytest.approx([0.658 - 0.45], abs=0.001)
    assert many["error_y"]["array"][0] < 0.001


def test_a_model_that_was_not_measured_is_marked(app):
    open_tab(app, "calibration")
    app.selectbox(key="model_choice").set_value("mine").run()
    assert not app.exception
    assert [info.value for info in app.info] == ["Not measured: mine."]
    app.multiselect(key="models_beside").set_value(["digit-net"]).run()
    assert not app.info


def test_the_chosen_model_is_not_beside_itself(app):
    open_tab(app, "calibration")
    app.multiselect(key="models_beside").set_value(["cnn-three", "mine"]).run()
    app.selectbox(key="model_choice").set_value("mine").run()
    assert app.multiselect(key="models_beside").value == ["cnn-three"]


def test_accuracy_and_size_of_corrupted_digits(app):
    app.run()
    assert "<td>99.00%</td>" in shown(app)
    app.button_group(key="models_size_of").set_value("Corrupted").run()
    assert not app.exception
    assert "<td>89.00%</td>" in shown(app)
    assert "Not measured on corrupted digits: mine." in [c.value for c in app.caption]


def test_accuracy_against_multiplications(app, place):
    app.run()
    app.button_group(key="models_size_against").set_value("Multiplications").run()
    assert not app.exception
    assert "No card tells multiplications." in [c.value for c in app.caption]
    layers = [{"kind": "Dense", "detail": "", "output": [10], "parameters": 7_850_000}]
    cards, _ = place
    cards[0] = replace(cards[0], layers=layers)
    app.run()
    assert "<td>7.85 million</td><td>99.61%</td>" in shown(app)
    assert "Without multiplications on its card: cnn-three, mine." in [c.value for c in app.caption]


def test_multiplications_are_counted_from_the_layers():
    network = networks.build("cnn-three")
    made = replace(card("mine"), layers=descriptions.describe_layers(network))
    # Each kernel at each of its places, and its biases: 26 x 26, 11 x 11 and 3 x 3 of them.
    places = {"Conv2D": [26 * 26, 11 * 11, 3 * 3], "Dense": [1, 1]}
    expected = 0
    for layer in network.layers:
        if kind := places.get(type(layer).__name__):
            expected += layer.count_params() * kind.pop(0)
    assert multiplications(made) == pytest.approx(expected / 1e6)
    assert multiplications(replace(made, layers=[])) is None


def test_names_of_points_do_not_cover_each_other():
    sides = sides_of(["cnn-augmented", "digit-net", "far"], [0.5, 0.5, 0.9], [0.5, 0.51, 0.1])
    assert sides["cnn-augmented"] != sides["digit-net"]
    assert sides_of(["a-model-at-the-edge"], [0.02], [0.5]) == {
        "a-model-at-the-edge": "middle right"
    }


@pytest.mark.parametrize("broken", [HOSTILE, None, [], [HOSTILE], {"mean": HOSTILE}, {"clean": []}])
def test_invalid_figures_on_a_card_count_as_not_measured(app, place, broken):
    cards, _ = place
    test = cards[0].metrics["test"] | {"seconds": broken, "ece": broken}
    wrong = {
        "damaged": broken,
        "rejection": broken,
        "confidence": broken,
        "validation": broken,
        "unforeseen": broken,
    }
    cards[0] = replace(
        cards[0],
        title=HOSTILE,
        summary=HOSTILE,
        source=HOSTILE,
        date=HOSTILE,
        trained_on={"data": HOSTILE, HOSTILE: [HOSTILE]},
        training={"epochs": broken, HOSTILE: HOSTILE},
        metrics={"test": test, **wrong},
    )
    for tab in TABS:
        open_tab(app, tab)
        assert not app.exception
        assert "<script" not in shown(app)
        assert "<img" not in shown(app)
    assert row(app, 0).count("not measured") == 4


def test_confidence_of_other_numbers_than_expected_was_not_measured():
    rows = [
        {"confidence": 2, "accuracy": 1, "n": 1},
        {"confidence": 0.5, "accuracy": 2, "n": 1},
        {"confidence": 0.5, "accuracy": 1, "n": 0},
        {"confidence": 0.5},
        7,
    ]
    wrong = {"selective": [0.9], "reliability": rows}
    made = replace(card("a"), metrics={"confidence": {"clean": wrong}})
    assert reliability(made, "clean") == []
    assert selective(made, "clean") == selective(made, "damaged") == []
    assert number({"a": True}, "a") is None
    assert number({"a": float("nan")}, "a") is None
    assert rejection(replace(card("a"), metrics={"rejection": {"letters": "x"}})) == {}


def test_the_card_names_the_hardest_kinds_of_non_digits(app):
    open_tab(app, "card")
    assert "The hardest kinds: letters 91.0%, scribbles 97.0%" in shown(app)


def test_both_files_can_be_downloaded(app):
    open_tab(app, "card")
    labels = [button.label for button in app.get("download_button")]
    assert labels == ["Download .keras (500 kB)", "Download .tflite (500 kB)"]


def test_only_ones_own_models_can_be_deleted(app, place, tmp_path):
    cards, _ = place
    contents = dict.fromkeys(serving.FILES, b"file")
    cards[2] = serving.save_model(cards[2], contents, workspace=Workspace(tmp_path))
    app.session_state["workspace"] = Workspace(tmp_path)
    open_tab(app, "card")
    assert not [button for button in app.button if button.label == "Delete permanently"]
    app.selectbox(key="model_choice").set_value("mine").run()
    button = app.button(key="models_delete_mine")
    del cards[2]  # as the page finds it after the deletion
    button.click().run()
    assert not app.exception
    assert not (tmp_path / "mine").exists()
    assert [success.value for success in app.success] == ["mine was deleted."]
    assert app.selectbox(key="model_choice").value == "digit-net"
    app.run()
    assert not app.success


def test_a_model_that_was_trained_again_is_not_deleted(app, place, tmp_path):
    cards, _ = place
    contents = dict.fromkeys(serving.FILES, b"other")
    serving.save_model(cards[2], contents, workspace=Workspace(tmp_path))
    app.session_state["workspace"] = Workspace(tmp_path)
    open_tab(app, "card")
    app.selectbox(key="model_choice").set_value("mine").run()
    app.button(key="models_delete_mine").click().run()
    assert "trained again meanwhile" in app.error[0].value
    assert (tmp_path / "mine").exists()


def test_links_that_lead_in_a_circle_leave_the_other_models(tmp_path):
    def names():
        import streamlit as st

        from ui.model_choice import models

        st.text(" ".join(card.name for card in models()))

    (tmp_path / "circle").mkdir()
    (tmp_path / "circle" / "card.json").symlink_to("card.json")
    shutil.copytree(WORKSPACE.models / "dense-sigmoid", tmp_path / "dense-sigmoid")
    app = AppTest.from_function(names, default_timeout=20)
    app.session_state["workspace"] = Workspace(models=tmp_path)
    assert not app.run().exception
    assert app.text[0].value == "dense-sigmoid"
