from dataclasses import replace

import numpy as np
import pytest

from mnist_core import config, serving
from mnist_core.evaluation import metrics
from mnist_core.pixels import to_float
from mnist_core.synthesis import non_digits
from mnist_core.training import export, rejection
from mnist_core.training.config import RECIPES

CONFIG = replace(RECIPES["dense-five"], non_digits=400)


@pytest.fixture(scope="module")
def trained(small_mnist):
    """A shipped network with a head that has seen a few hundred pictures."""
    model = export.load_model("dense-five")
    return model, rejection.add_head(model, CONFIG, small_mnist)


def predict_full(model, images):
    numbers, score, features = model.predict(images, verbose=0)
    return serving.Prediction(numbers, 1 / (1 + np.exp(-score[:, 0])), features)


def test_the_network_itself_stays_as_it_is(trained, digits):
    model, wide = trained
    numbers, score, features = wide.predict(digits, verbose=0)
    assert numbers == pytest.approx(model.predict(digits, verbose=0), abs=1e-6)
    assert score.shape == (10, 1)
    assert features.shape == (10, 30)


def test_digits_are_distinguished_from_other_pictures(trained, small_mnist):
    _, wide = trained
    images = to_float(small_mnist.test.images)
    others, _ = non_digits.make(300, np.random.default_rng(9))
    found = metrics.auroc(
        predict_full(wide, images).is_digit, predict_full(wide, to_float(others)).is_digit
    )
    assert found > 0.8


def test_the_same_seed_trains_the_same_head(small_mnist, digits):
    model = export.load_model("dense-five")
    small = replace(CONFIG, non_digits=40)
    one, other = (rejection.add_head(model, small, small_mnist) for _ in range(2))
    assert predict_full(one, digits).is_digit == pytest.approx(
        predict_full(other, digits).is_digit, abs=1e-5
    )


def test_the_head_reads_what_convolutions_find_as_well(small_mnist, digits):
    model = export.load_model("lenet-two")
    whole = rejection.add_head(model, replace(CONFIG, non_digits=200), small_mnist)
    numbers, score, features = whole.predict(digits, verbose=0)
    assert numbers == pytest.approx(model.predict(digits, verbose=0), abs=1e-6)
    assert (score.shape, features.shape) == ((10, 1), (10, 500))
    weights = [tuple(layer.kernel.shape) for layer in whole.layers if "hidden" in layer.name]
    assert sorted(weights) == sorted([(500, 64), (20, 64), (20, 64), (50, 64), (50, 64)])
    shifted = predict_full(whole, np.roll(digits, 3, axis=2)).is_digit
    assert not np.allclose(shifted, predict_full(whole, digits).is_digit)
    others, _ = non_digits.make(100, np.random.default_rng(9))
    found = metrics.auroc(
        predict_full(whole, to_float(small_mnist.test.images)).is_digit,
        predict_full(whole, to_float(others)).is_digit,
    )
    assert found > 0.8


def test_each_kind_is_measured(trained, small_mnist):
    _, wide = trained
    scores = predict_full(wide, to_float(small_mnist.test.images)).is_digit
    found = rejection.measure(lambda images: predict_full(wide, images), scores, 5, seed=0)
    assert found.keys() == {*non_digits.KINDS, "mean"}
    assert found["mean"] == pytest.approx(np.mean([found[kind] for kind in non_digits.KINDS]))


def test_what_passes_of_held_out_kinds_is_measured_where_few_digits_are_rejected():
    def predict_full(images):
        return serving.Prediction(np.zeros((len(images), 10)), next(answers), images)

    answers = iter([np.array([0.1, 0.4, 0.6, 0.9]), *[np.zeros(4)] * 9])
    scores = np.linspace(0.5, 1, 1001)  # 99.5% of them lie above 0.5025
    found = rejection.measure_held_out(predict_full, scores, 4, seed=0)
    assert found.keys() == {*non_digits.HELD_OUT, "mean"}
    first, *others = (found[kind] for kind in non_digits.HELD_OUT)
    assert first["passed"] == 0.5
    assert first["auroc"] == pytest.approx((2 + 0.8 + 0.2) / 4, abs=0.01)
    assert all(kind == {"auroc": 1.0, "passed": 0.0} for kind in others)
    assert found["mean"]["passed"] == pytest.approx(0.5 / len(non_digits.HELD_OUT))


@pytest.mark.parametrize("name", config.SHIPPED_MODELS)
def test_shipped_models_distinguish_digits_from_blank_paper(name, mnist):
    predict = serving.load_predictor(name)
    blank = np.zeros((1, 28, 28), np.float32)
    assert not serving.is_accepted(
        predict.predict_full(blank).is_digit, predict.rejection_threshold
    )[0]
    test = to_float(mnist.test.images)
    accepted = serving.is_accepted(predict.predict_full(test).is_digit, predict.rejection_threshold)
    assert accepted.mean() >= 0.995


def test_the_default_model_distinguishes_letters_and_scribbles_from_digits(mnist):
    predict = serving.load_predictor(config.DEFAULT_MODEL)
    digits = predict.predict_full(to_float(mnist.test.images[:2000])).is_digit
    rng = np.random.default_rng(11)
    for kind in ("letter", "scribble", "doodle", "silhouette"):
        others, _ = non_digits.make(200, rng, kinds=[kind])
        assert metrics.auroc(digits, predict.predict_full(to_float(others)).is_digit) > 0.98, kind


def test_what_was_measured_is_on_the_cards():
    for card in serving.list_models(classifiers_only=True):
        assert card.metrics["rejection"].keys() == {*non_digits.KINDS, "mean"}
        assert len(card.metrics["confidence"]["clean"]["selective"]) == len(metrics.COVERAGES)
