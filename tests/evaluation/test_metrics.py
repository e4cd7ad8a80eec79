import numpy as np
import pytest

from mnist_core.evaluation import evaluate, metrics
from mnist_core.serving.probabilities import apply_temperature


def one_hot(digits, share=1.0):
    probabilities = np.full((len(digits), 10), (1 - share) / 9)
    probabilities[np.arange(len(digits)), digits] = share
    return probabilities


def test_wilson_interval_agrees_with_a_published_example():
    # 81 of 263: Wilson 0.2553 to 0.3662 (R. Newcombe, Statistics in Medicine 17, 1998, table I).
    assert metrics.accuracy_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_interval_stays_within_0_and_1():
    assert metrics.accuracy_interval(0, 10)[0] == 0
    assert metrics.accuracy_interval(10, 10)[1] == 1


@pytest.mark.parametrize(("correct", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(correct, n):
    with pytest.raises(ValueError, match="0 <= correct <= n"):
        metrics.accuracy_interval(correct, n)


def test_summary_of_a_known_batch():
    labels = np.array([0, 0, 0, 1, 1, 2])
    digits = np.array([0, 0, 1, 1, 1, 7])
    report = metrics.summarise(one_hot(digits), labels, accepted=[1, 1, 0, 1, 1, 0])
    assert report["n"] == 6
    assert report["errors"] == 2
    assert report["accuracy"] == pytest.approx(4 / 6)
    assert report["recall"][:4] == [pytest.approx(2 / 3), 1, 0, None]
    assert report["balanced_accuracy"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert report["confusion"][0][:2] == [2, 1]
    assert report["confusion"][2][7] == 1
    assert np.sum(report["confusion"]) == 6
    assert report["coverage"] == pytest.approx(4 / 6)
    assert report["selective_accuracy"] == 1
    assert report["ece"] == pytest.approx(2 / 6)


def test_nothing_accepted_has_no_selective_accuracy():
    report = metrics.summarise(one_hot([1]), np.array([1]), accepted=[False])
    assert report["selective_accuracy"] is None


@pytest.mark.parametrize(
    ("probabilities", "labels"),
    [(np.ones((2, 10)), np.array([1])), (np.ones((1, 9)), np.array([1])), (np.ones((0, 10)), [])],
)
def test_shapes_that_do_not_fit_are_refused(probabilities, labels):
    with pytest.raises(ValueError, match="Expected probabilities"):
        metrics.summarise(probabilities, labels)


@pytest.mark.parametrize("labels", [[10], [-1], [0.5]])
def test_labels_that_are_not_digits_are_refused(labels):
    with pytest.raises(ValueError, match="whole numbers from 0 to 9"):
        metrics.summarise(np.ones((1, 10)), np.array(labels))


def test_calibration_error_of_a_known_case():
    confidence, correct = np.array([0.95, 0.95, 0.55, 0.55]), np.array([True, True, True, False])
    # Two bins: off by 0.05 in each.
    assert metrics.expected_calibration_error(confidence, correct) == pytest.approx(0.05)


def test_temperature_divides_the_logits():
    logits = np.array([[2.0, 1, 0, 0, 0, 0, 0, 0, 0, 0]])
    soft = np.exp(logits) / np.exp(logits).sum()
    halved = np.exp(logits / 2) / np.exp(logits / 2).sum()
    assert apply_temperature(soft, 2.0) == pytest.approx(halved, abs=1e-6)


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(true):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (20_000, 10))
    probabilities = apply_temperature(np.exp(logits), true)
    labels = (probabilities.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    softmax = apply_temperature(np.exp(logits), 1.0)
    assert metrics.fit_temperature(softmax, labels) == pytest.approx(true, rel=0.04)


def test_evaluate_takes_any_predict():
    images, labels = np.zeros((3, 28, 28), np.float32), np.array([4, 4, 5])
    report = evaluate(lambda batch: one_hot([4] * len(batch), 0.9), images, labels)
    assert report["accuracy"] == pytest.approx(2 / 3)
    assert report["coverage"] == 1
    assert report["seconds"] >= 0


def test_the_most_confident_answers_are_given():
    probabilities = np.array([one_hot([1], share)[0] for share in (0.5, 0.9, 0.7, 0.9)])
    assert metrics.most_confident(probabilities, 0.5).tolist() == [False, True, False, True]
    assert metrics.most_confident(probabilities, 1).all()
    assert not metrics.most_confident(probabilities, 0.1).any()


def test_auroc_counts_pairs_in_the_right_order():
    assert metrics.auroc([0.9, 0.8], [0.1, 0.2, 0.3]) == 1
    assert metrics.auroc([0.1], [0.2]) == 0
    assert metrics.auroc([0.5, 0.5], [0.5]) == 0.5
    rng = np.random.default_rng(0)
    positive, negative = rng.normal(1, 1, 40), rng.normal(0, 1, 30).round(1)
    pairs = positive[:, None] - negative
    assert metrics.auroc(positive, negative) == pytest.approx(
        ((pairs > 0) + 0.5 * (pairs == 0)).mean()
    )


def test_reliability_of_a_known_case():
    confidence, correct = np.array([0.95, 0.97, 0.55, 1.0]), np.array([True, False, True, True])
    low, high = metrics.reliability(confidence, correct, bins=10)
    assert low == {"confidence": pytest.approx(0.55), "accuracy": 1.0, "n": 1}
    assert high["n"] == 3
    assert high["confidence"] == pytest.approx(0.9733, abs=1e-4)
    assert high["accuracy"] == pytest.approx(2 / 3)
    error = sum(row["n"] * abs(row["confidence"] - row["accuracy"]) for row in (low, high)) / 4
    assert error == pytest.approx(metrics.expected_calibration_error(confidence, correct, bins=10))


def test_accuracy_by_coverage_takes_the_most_confident_first():
    confidence, correct = np.array([0.6, 0.9, 0.8, 0.7]), np.array([False, True, True, True])
    found = metrics.accuracy_by_coverage(confidence, correct, (0.01, 0.5, 0.75, 1.0))
    assert found == [1, 1, 1, 0.75]
