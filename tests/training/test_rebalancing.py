import numpy as np
import pytest

from mnist_core.config import MAX_WAITING
from mnist_core.training import rebalancing

COUNTS = np.array([400, 200, 100, 80, 60, 50, 40, 30, 20, 20])
LABELS = np.repeat(np.arange(10), COUNTS)


def test_class_weights_are_those_of_scikit_learn():
    # compute_class_weight("balanced"): images / (10 * images of the digit)
    expected = COUNTS.sum() / (10 * COUNTS)
    np.testing.assert_allclose(rebalancing.class_weights(COUNTS, 1), expected)


@pytest.mark.parametrize("strength", [0, 0.5, 1])
def test_class_weights_are_one_on_average(strength):
    weights = rebalancing.class_weights(COUNTS, strength)
    assert weights[LABELS].mean() == pytest.approx(1)
    if not strength:
        np.testing.assert_allclose(weights, 1)


def test_digits_without_images_get_no_infinite_weight():
    counts = np.array([50, 50] + [0] * 8)
    assert np.isfinite(rebalancing.class_weights(counts, 1)).all()
    assert np.isfinite(rebalancing.log_shares(counts)).all()


def test_oversampling_shows_all_digits_equally_often():
    order = rebalancing.oversample(LABELS, 1, np.random.default_rng(0))
    assert len(order) == len(LABELS)
    assert np.bincount(LABELS[order]).tolist() == [100] * 10
    repeats = np.bincount(order[LABELS[order] == 9], minlength=len(LABELS))[LABELS == 9]
    assert set(repeats) == {5}  # 20 nines, each of them five times


def test_oversampling_of_no_strength_shows_everything_once():
    order = rebalancing.oversample(LABELS, 0, np.random.default_rng(0))
    assert sorted(order) == list(range(len(LABELS)))


def test_oversampling_leaves_out_digits_that_have_no_images():
    labels = np.repeat([0, 7], [90, 10])
    order = rebalancing.oversample(labels, 1, np.random.default_rng(0))
    assert np.bincount(labels[order], minlength=10)[[0, 7]].tolist() == [50, 50]


@pytest.mark.parametrize("kind", ["logits", "softmax", "sigmoid"])
def test_balanced_softmax_is_cross_entropy_with_known_shares(kind):
    rng = np.random.default_rng(0)
    logits, digits = rng.normal(size=(20, 10)), rng.integers(10, size=20)
    outputs = {
        "logits": logits,
        "softmax": np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True),
        "sigmoid": 1 / (1 + np.exp(-logits)),
    }[kind]
    loss = rebalancing.balanced_softmax(COUNTS, 1, kind, 0)
    # Ren et al., equation 4: n_y exp(z_y) / sum of n_i exp(z_i)
    weighted = COUNTS * np.exp(logits)
    expected = -np.log(weighted[np.arange(20), digits] / weighted.sum(axis=1)).mean()
    found = loss(np.eye(10)[digits].astype("float32"), outputs.astype("float32"))
    assert float(found) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("kind", ["logits", "softmax"])
def test_focal_loss_of_no_strength_is_cross_entropy(kind):
    probabilities = np.full((1, 10), 0.05, "float32")
    probabilities[0, 3] = 0.55
    outputs = np.log(probabilities) if kind == "logits" else probabilities
    wanted = np.eye(10, dtype="float32")[[3]]
    none = rebalancing.focal(COUNTS, 0, kind, 0)(wanted, outputs)
    usual = rebalancing.focal(COUNTS, 1, kind, 0)(wanted, outputs)
    assert float(none) == pytest.approx(-np.log(0.55), rel=1e-4)
    assert float(usual) == pytest.approx(-np.log(0.55) * 0.45**2, rel=1e-4)  # Lin et al., eq. 4


def test_a_loss_of_ours_can_be_stored_and_loaded():
    loss = rebalancing.balanced_softmax(COUNTS, 0.5, "logits", 0.1)
    again = rebalancing.custom_objects()["BalancedSoftmax"].from_config(loss.get_config())
    assert again.get_config() == loss.get_config()


@pytest.fixture
def network():
    """A network of one layer whose outputs are its three inputs' sums, as ten logits."""
    import keras

    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(10)])
    model.layers[-1].set_weights([np.zeros((3, 10)), np.zeros(10)])
    return model


def test_logit_adjustment_takes_the_shares_off_the_bias(network):
    rebalancing.adjust_logits(network, None, COUNTS, 1)
    _, bias = network.layers[-1].get_weights()
    np.testing.assert_allclose(bias, -np.log(COUNTS / COUNTS.sum()), rtol=1e-5)


def test_classifier_retraining_learns_rare_digits_too(network):
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [4000, 40])
    seen = rng.normal(size=(len(labels), 3)).astype("float32")
    seen += np.where(labels, 2, -2)[:, None]

    def features():
        order = rebalancing.oversample(labels, 1, rng)
        yield from ((seen[part], labels[part]) for part in np.array_split(order, 40))

    rebalancing.retrain_classifier(network, features, np.bincount(labels, minlength=10), 1)
    answers = network.predict(seen, verbose=0)[:, :2].argmax(axis=1)
    assert (answers[labels == 1] == 1).mean() > 0.9
    assert (answers[labels == 0] == 0).mean() > 0.9


def test_every_method_is_described_and_changes_one_thing():
    for name, method in rebalancing.REBALANCING_METHODS.items():
        changes = [method.weights, method.order, method.loss, method.finish]
        assert sum(change is not None for change in changes) == (name != "none")
        assert method.title
        assert method.summary.endswith(".")
        assert method.source or name == "none"


def test_a_training_with_every_method_and_one_without_fit_into_the_queue():
    running, waiting = 1, MAX_WAITING  # SECURITY.md names the same number
    assert running + waiting == len(rebalancing.REBALANCING_METHODS)  # "none" is one of these
