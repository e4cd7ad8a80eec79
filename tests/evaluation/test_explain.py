import numpy as np
import pytest

from mnist_core import config, networks, serving
from mnist_core.evaluation import explain, metrics
from mnist_core.pixels import to_float
from mnist_core.training import export


def by_corner(images):
    """A predictor that says 7 the more, the brighter the upper left corner is, else 1."""
    share = 0.05 + 0.9 * images[:, :8, :8].mean(axis=(1, 2))
    rows = np.zeros((len(images), 10), np.float32)
    rows[:, 7], rows[:, 1] = share, 1 - share
    return rows


@pytest.fixture(scope="module")
def predict():
    return serving.load_predictor(config.DEFAULT_MODEL)


def test_what_a_predictor_looks_at_is_found():
    found = explain.occlusion(by_corner, np.ones((28, 28), np.float32), 7)
    assert found.shape == (28, 28)
    assert found[:8, :8].min() > 0
    assert np.abs(found[13:, 13:]).max() == 0


def test_the_other_digit_is_explained_the_other_way_round():
    image = np.ones((28, 28), np.float32)
    seven = explain.occlusion(by_corner, image, 7, against=1)
    one = explain.occlusion(by_corner, image, 1, against=7)
    assert seven == pytest.approx(-one, abs=1e-5)
    assert seven[:8, :8].min() > 0


def test_against_all_others_counts_their_sum():
    image = np.ones((28, 28), np.float32)
    calls = []

    def predict(images):  # three digits, whose probabilities do not add up to 1
        calls.append(len(images))
        rows = np.zeros((len(images), 10), np.float32)
        rows[:, 7], rows[:, 1], rows[:, 2] = 1, 1e-6, 2e-6
        rows[1:, 1] = 4e-6  # whatever is covered, a 1 becomes likelier
        return rows

    found = explain.occlusion(predict, image, 7)
    assert found == pytest.approx(np.log(2), rel=1e-3)
    assert len(calls) == 1


def test_what_has_no_ink_matters_not_and_costs_nothing():
    image = np.zeros((28, 28), np.float32)
    image[4:9, 4:9] = 1
    counts = []

    def predict(images):
        counts.append(len(images))
        return by_corner(images)

    found = explain.occlusion(predict, image, 7)
    assert counts == [1 + 16 + 9] or counts[0] < 60
    assert len(counts) == 1
    assert np.abs(found[20:, 20:]).max() == 0


@pytest.mark.parametrize(("digit", "against"), [(10, None), (3, 3), (-1, 2), (3, 10)])
def test_digits_that_are_none_are_refused(digit, against):
    with pytest.raises(ValueError, match="two different digits"):
        explain.occlusion(by_corner, np.ones((28, 28), np.float32), digit, against=against)


def test_deleting_in_its_order_is_worse_than_at_random(predict, mnist):
    images = to_float(mnist.test.images[:60])
    rng = np.random.default_rng(0)
    steps = np.linspace(0, 784, 15).astype(int)

    def area(image, digit, order):
        shown = np.repeat(image.reshape(1, -1), len(steps), axis=0)
        for row, count in zip(shown, steps, strict=True):
            row[order[:count]] = 0
        return predict(shown.reshape(-1, 28, 28))[:, digit].mean()

    by_map, by_chance = [], []
    for image, row in zip(images, predict(images), strict=True):
        digit = int(row.argmax())
        found = explain.occlusion(predict, image, digit)
        by_map.append(area(image, digit, np.argsort(-found.ravel(), kind="stable")))
        by_chance.append(area(image, digit, rng.permutation(784)))
    assert np.mean(by_map) < 0.7 * np.mean(by_chance)


def test_another_network_gives_another_map(predict, digits):
    random = export.keras_predict(networks.build("digit-net", seed=3))
    for digit, image in enumerate(digits[:3]):
        trained, untrained = (explain.occlusion(p, image, digit) for p in (predict, random))
        inked = image > 0
        likeness = np.corrcoef(trained[inked], untrained[inked])[0, 1]
        assert abs(likeness) < 0.7


def test_neighbours_of_a_known_case():
    directions = np.array([[1, 0], [0.6, 0.8], [0, 1], [-1, 0]], np.float32)
    known = explain.Reference(directions, np.zeros((4, 28, 28), np.uint8), np.array([3, 3, 5, 7]))
    found = explain.neighbours([[2.0, 0.0], [0, 5]], [3, 7], known, count=2)
    assert found.places.tolist() == [[0, 1], [2, 1]]
    assert found.similarity == pytest.approx(np.array([[1, 0.6], [1, 0.8]]), abs=1e-6)
    assert found.labels.tolist() == [[3, 3], [5, 3]]
    # Nearest to another digit: 5 at right angles, against the mean of both threes.
    assert found.disagreement == pytest.approx([0 - 0.8, 1 - 0], abs=1e-6)


def test_digits_that_are_missing_in_a_reference_are_never_near():
    known = explain.Reference(
        np.eye(3, dtype=np.float32), np.zeros((3, 28, 28), np.uint8), np.array([1, 1, 1])
    )
    found = explain.neighbours([[1.0, 0, 0]], [1], known, count=3)
    assert found.disagreement[0] == pytest.approx(-1 - 1 / 3)


def test_disagreement_of_neighbours_flags_errors(predict, mnist):
    train = mnist.train
    known = explain.reference(predict.predict_full, train.images[:20_000], train.labels[:20_000])
    seen = predict.predict_full(to_float(mnist.validation.images))
    answers = seen.probabilities.argmax(axis=1)
    wrong = answers != mnist.validation.labels
    right = np.flatnonzero(~wrong)[:2000]
    some = np.concatenate([np.flatnonzero(wrong), right])
    found = explain.neighbours(seen.features[some], answers[some], known).disagreement
    assert metrics.auroc(found[: wrong.sum()], found[wrong.sum() :]) > 0.95
    assert np.abs(np.linalg.norm(known.directions, axis=1) - 1).max() < 1e-3
