"""Why a digit: the map, the sentences, and that nothing is computed before a person asks."""

from concurrent.futures import Future

import numpy as np
import pytest

import ui.mnist
import ui.model_choice
import ui.why
from mnist_core import reading, serving
from mnist_core.errors import DataError
from tests.ui import test_draw_page
from tests.ui.test_draw_page import SEVEN, Fake, always, shown
from ui import threshold
from ui.explained import map_in_words, neighbours_in_words
from ui.mnist import Digits

app, predictors = test_draw_page.app, test_draw_page.predictors


@pytest.fixture
def learned(monkeypatch, small_mnist):
    """A few synthetic digits in place of the training digits."""
    digits = Digits(small_mnist.train.images, small_mnist.train.labels, "synthetic")
    monkeypatch.setattr(ui.why, "learned", lambda: digits)
    monkeypatch.setattr(ui.why, "_maker", AtOnce())
    ui.why._reference.clear()
    yield digits
    ui.why._reference.clear()


class AtOnce:
    """Does work at once that is otherwise done in the background."""

    def submit(self, work, *given):
        done = Future()
        done.set_result(work(*given))
        return done


def opened(app):
    """The draw page with a seven on it, and the reasons asked for."""
    app.session_state["drawing"] = SEVEN
    app.session_state["why"] = True
    app.run()
    assert not app.exception
    return app


def half(images):
    """Probabilities of a 7 or a 1: the more ink in the upper half, the more a 7."""
    upper = images[:, :14].sum(axis=(1, 2))
    probabilities = np.full((len(images), 10), 1e-4, np.float32)
    probabilities[:, 7] = 0.3 + 0.6 * upper / (upper.max() + 1e-6)
    probabilities[:, 1] = 0.992 - probabilities[:, 7]
    return probabilities


def test_nothing_is_computed_before_a_person_asks(app, monkeypatch):
    def never(*_, **__):
        raise AssertionError("this was not asked for")

    for name in ("occlusion", "neighbours", "reference"):
        monkeypatch.setattr(ui.why.explain, name, never)
    monkeypatch.setattr(ui.why, "learned", never)
    app.session_state["drawing"] = SEVEN
    app.run()
    assert not app.exception
    assert test_draw_page.answer(app) == "7"
    assert "dl-why" not in shown(app)


def test_an_answer_is_explained_against_the_runner_up(app, predictors, learned):
    predictors["digit-net"] = Fake(half)
    page = opened(app)
    other = page.selectbox(key="why_against")
    assert (other.label, other.value) == ("Why 7 rather than", 1)
    assert len(other.options) == 10
    assert "1 (9.2%)" in other.options
    text = shown(page)
    assert 'class="dl-why"' in text
    for words in ("Blue: evidence for 7", "Orange: evidence for 1", "Grey: little influence"):
        assert words in text.replace("</i>", "")
    assert "With the bluest spot covered, a 7 would be" in text
    assert "compared with a 1" in text
    assert f"The most similar of {len(learned.labels)} training digits" in text
    assert text.count('alt="A training digit, ') == 5
    assert "most similar training digits" in text


def test_the_other_digit_that_was_chosen_stays_while_the_answer_does(app, predictors, learned):
    page = opened(app)
    assert page.selectbox(key="why_against").value == ui.why.ANY
    page.selectbox(key="why_against").set_value(2).run()
    assert page.selectbox(key="why_against").value == 2
    page.run()
    assert page.selectbox(key="why_against").value == 2
    assert "Orange: evidence for 2" in shown(page).replace("</i>", "")
    predictors["digit-net"] = always(4)
    page.run()
    assert page.selectbox(key="why_against").label == "Why 4 rather than"
    assert page.selectbox(key="why_against").value == ui.why.ANY


def test_an_answer_that_is_sure_is_explained_against_all_others(app, predictors, learned):
    predictors["digit-net"] = always(4, 0.995)
    page = opened(app)
    other = page.selectbox(key="why_against")
    assert (other.value, other.options[0]) == (ui.why.ANY, "any other digit")
    text = shown(page).replace("</i>", "")
    assert "Orange: evidence for another digit" in text
    page.selectbox(key="why_against").set_value(2).run()
    assert "Orange: evidence for 2" in shown(page).replace("</i>", "")


def test_a_blank_canvas_has_nothing_to_explain(app, learned):
    app.session_state["why"] = True
    app.run()
    assert not app.exception
    assert "no answer to explain yet" in shown(app)


def test_a_non_digit_can_be_explained_too(app, predictors, learned):
    predictors["digit-net"] = always(4, 0.9, is_digit=0.0)
    assert opened(app).selectbox(key="why_against").label == "Why 4 rather than"


@pytest.mark.parametrize(
    ("found", "words"), [(None, ui.why.WANTED), (DataError("It is damaged."), "It is damaged.")]
)
def test_without_mnist_the_map_is_shown_and_what_neighbours_need_is_reported(
    app, monkeypatch, found, words
):
    def look():
        if found:
            raise found

    monkeypatch.setattr(ui.why, "learned", look)
    page = opened(app)
    assert 'class="dl-why"' in shown(page)
    assert words in shown(page)


def test_a_reference_is_made_once_a_model(app, predictors, learned, monkeypatch):
    made = []
    make = ui.why.explain.reference
    monkeypatch.setattr(ui.why.explain, "reference", lambda *given: made.append(1) or make(*given))
    page = opened(app)
    page.run()
    assert len(made) == 1
    page.selectbox(key="model_choice").set_value("cnn-three").run()
    assert len(made) == 2
    page.selectbox(key="model_choice").set_value("digit-net").run()
    assert len(made) == 2


def test_while_a_reference_is_made_the_page_still_works(app, learned, monkeypatch):
    pending = Future()
    monkeypatch.setattr(ui.why._maker, "submit", lambda *_: pending, raising=False)
    page = opened(app)
    assert "Comparing with 600 training digits" in shown(page)
    assert test_draw_page.answer(page) == "7"
    page.button(key="draw_clear").click().run()
    assert test_draw_page.answer(page) == ""
    page.session_state["drawing"] = SEVEN
    pending.set_result(
        ui.why.explain.reference(always(7).predict_full, learned.images, learned.labels)
    )
    page.run()
    assert not page.exception
    assert shown(page).count('alt="A training digit, ') == 5


def test_the_digits_of_a_number_are_explained_one_at_a_time(app, predictors, learned, monkeypatch):
    shares = tuple(np.eye(10)[3] * 0.9 + 0.01)
    image = np.zeros((28, 28), np.float32)
    digits = [
        reading.Digit(value, 0.9, 0.9, True, (0, 0, 9, 9), 0, image, shares) for value in (3, 3)
    ]
    monkeypatch.setattr(
        "ui.draw.number.read_number", lambda *_: reading.Reading(tuple(digits), 700, 300)
    )
    app.session_state["draw_number"] = "A whole number"
    page = opened(app)
    assert page.selectbox(key="why_which").options == ["Digit 1, read as 3", "Digit 2, read as 3"]
    assert "No single part matters" in shown(page)


@pytest.mark.parametrize(
    ("labels", "answer", "disagreement", "words"),
    [
        ([4] * 5, 4, -0.2, "All 5 of the most similar training digits are 4s."),
        ([4, 9, 4, 4, 4], 4, -0.1, "4 of the 5 most similar training digits are 4s, one is a 9."),
        (
            [4, 9, 9, 8, 9],
            4,
            0.1,
            "1 of the 5 most similar training digits is a 4, three are 9s and one is an 8. "
            "They contradict this answer: a reason to doubt it.",
        ),
        (
            [9, 7, 9, 7, 9],
            4,
            0.1,
            "None of the 5 most similar training digits is a 4: three are 9s and two are 7s. "
            "They contradict this answer: a reason to doubt it.",
        ),
    ],
)
def test_neighbours_in_words(labels, answer, disagreement, words):
    assert neighbours_in_words(np.array(labels), answer, disagreement) == words


def test_a_map_in_words():
    heat = np.zeros((28, 28), np.float32)
    assert map_in_words(heat, 4, 9).startswith("No single part matters")
    heat[3, 3] = np.log(12)
    assert map_in_words(heat, 4, 9) == (
        "With the bluest spot covered, a 4 would be 12 times less likely, compared with a 9."
    )
    assert map_in_words(heat, 4, None).endswith("12 times less likely, compared with the others.")
    heat[3, 3], heat[5, 5] = 20, -np.log(2.5)
    assert map_in_words(heat, 8, 9) == (
        "With the bluest spot covered, an 8 would be over 1,000 times less likely, compared "
        "with a 9. With the most orange spot covered, it would be 2.5 times more likely."
    )


def test_a_map_is_blue_for_and_orange_against_on_a_grey_digit():
    heat = np.zeros((28, 28), np.float32)
    image = np.zeros((28, 28), np.float32)
    image[10:18] = 1
    heat[10:12], heat[14:16] = 2, -2
    seen = ui.why.shown(heat, image)
    assert seen.shape == (28, 28, 3)
    assert seen.min() >= 0
    assert seen.max() <= 1
    for row, order in ((10, (2, 1, 0)), (14, (0, 1, 2))):
        strongest, middle, weakest = (seen[row, 5, channel] for channel in order)
        assert strongest > middle > weakest
    assert np.ptp(seen[17, 5]) == 0  # grey
    assert not seen[0].any()


def test_without_any_reason_a_map_is_grey():
    seen = ui.why.shown(np.zeros((28, 28)), np.ones((28, 28)))
    assert np.isfinite(seen).all()
    assert not np.ptp(seen, axis=2).any()


def test_the_digits_learned_from_are_the_first_training_images(monkeypatch, small_mnist, tmp_path):
    path = tmp_path / "mnist.npz"
    path.touch()
    monkeypatch.setenv("MNIST_PATH", str(path))
    monkeypatch.setattr(ui.mnist.data, "read_mnist", lambda _path: small_mnist)
    monkeypatch.setattr(ui.mnist, "LEARNED", 50)
    found = ui.mnist.learned()
    np.testing.assert_array_equal(found.images, small_mnist.train.images[:50])
    np.testing.assert_array_equal(found.labels, small_mnist.train.labels[:50])


def test_without_mnist_there_is_none_to_learn_from(monkeypatch, tmp_path):
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert ui.mnist.learned() is None
    monkeypatch.setenv("MNIST_PATH", str(tmp_path / "none.npz"))
    with pytest.raises(DataError):
        ui.mnist.learned()


def test_a_threshold_moves_in_log_odds():
    assert threshold.shifted(0.05, 0) == 0.05
    moved = [threshold.shifted(0.05, steps) for steps in threshold.STEPS]
    assert moved == sorted(moved)
    assert len(set(moved)) == len(moved)
    assert moved[0] < 0.001
    assert 0.9 < moved[-1] < 1
    assert all(0 < threshold.shifted(end, steps) < 1 for end in (0, 1) for steps in (-3, 3))


@pytest.mark.parametrize("own", [0.05, 0.4, 0.9])
def test_the_same_threshold_is_asked_for_as_the_core_asks(own):
    predictor = object.__new__(serving.Predictor)  # no model is needed for this
    predictor.threshold = own
    assert threshold.threshold_of(predictor) == min(own, 0.4) == predictor.rejection_threshold
