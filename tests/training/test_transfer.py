import numpy as np
import pytest

from mnist_core import networks
from mnist_core.training import transfer

IMAGES = np.random.default_rng(0).random((40, 12, 12), np.float32)
NARROWER = {"digit-net-wide": "digit-net"}  # architectures that differ in their widths alone
WIDER = [(3, 4, 5), (4, 4, 5), (3, 9, 5), (3, 4, 6), (6, 8, 10), (7, 5, 11)]


def chain(*widths, kernel=3, classes=10, flat=True, seed=0):
    """Build a small network with every kind of layer that ours use, and invented weights."""
    from keras import Sequential, layers

    model = Sequential(
        [
            layers.Input((12, 12)),
            layers.Reshape((12, 12, 1)),
            layers.Conv2D(widths[0], kernel, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(widths[1], 3, activation="relu"),
            layers.Flatten() if flat else layers.GlobalAveragePooling2D(),
            layers.Dense(widths[2], activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(classes),
        ]
    )
    rng = np.random.default_rng(seed)
    shapes = [weights.shape for weights in model.get_weights()]
    # Kernels have both signs, the variances of batch normalisation are above 0.
    draw = {True: rng.normal, False: lambda size: rng.random(size) + 0.1}
    model.set_weights([draw[len(shape) > 1](size=shape) for shape in shapes])
    return model


def answers(model, images=IMAGES):
    return model.predict_on_batch(images)


@pytest.fixture(scope="module")
def source():
    return chain(3, 4, 5)


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize("widths", WIDER)
def test_without_noise_a_wider_network_computes_the_same(widths, flat, monkeypatch):
    monkeypatch.setattr(transfer, "NOISE", 0)
    narrow, wide = chain(3, 4, 5, flat=flat), chain(*widths, flat=flat, seed=1)
    assert np.abs(answers(narrow) - answers(wide)).max() > 1
    transfer.transfer(narrow, wide, np.random.default_rng(0))
    assert answers(wide) == pytest.approx(answers(narrow), rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("widths", WIDER)
def test_with_noise_it_computes_nearly_the_same(source, widths):
    wide = chain(*widths, seed=1)
    transfer.transfer(source, wide, np.random.default_rng(0))
    expected = answers(source)
    assert np.abs(answers(wide) - expected).max() < 0.5 * expected.std()
    assert np.corrcoef(answers(wide).ravel(), expected.ravel())[0, 1] > 0.99


def test_new_channels_are_not_quite_copies(source):
    wide = chain(6, 4, 5, seed=1)
    transfer.transfer(source, wide, np.random.default_rng(0))
    kernels = wide.get_weights()[0].reshape(9, 6).T
    gaps = np.abs(kernels[:, None] - kernels).max(axis=2)
    assert gaps[~np.eye(6, dtype=bool)].min() > 1e-3


def test_the_old_channels_come_first_and_unchanged(source):
    wide = chain(6, 8, 10, seed=1)
    transfer.transfer(source, wide, np.random.default_rng(0))
    assert np.array_equal(wide.get_weights()[0][..., :3], source.get_weights()[0])


def test_a_network_as_wide_gets_the_same_weights(source):
    other = chain(3, 4, 5, seed=1)
    transfer.transfer(source, other, np.random.default_rng(0))
    for mine, theirs in zip(other.get_weights(), source.get_weights(), strict=True):
        assert np.array_equal(mine, theirs)


def test_the_source_keeps_its_weights(source):
    before = source.get_weights()
    transfer.transfer(source, chain(6, 8, 10, seed=1), np.random.default_rng(0))
    for mine, theirs in zip(source.get_weights(), before, strict=True):
        assert np.array_equal(mine, theirs)


def test_the_same_seed_gives_the_same_weights(source):
    def widened(seed):
        wide = chain(6, 8, 10, seed=1)
        transfer.transfer(source, wide, np.random.default_rng(seed))
        return np.concatenate([weights.ravel() for weights in wide.get_weights()])

    assert np.array_equal(widened(3), widened(3))
    assert not np.array_equal(widened(3), widened(4))


@pytest.mark.parametrize(
    ("widths", "changes", "sentence"),
    [
        ((2, 4, 5), {}, "has 3 channels, too many to begin a layer of 2"),
        ((3, 3, 5), {}, "has 4 channels, too many to begin a layer of 3"),
        ((3, 4, 4), {}, "has 5 channels, too many to begin a layer of 4"),
        ((3, 4, 5), {"classes": 12}, "has 10 channels, too many"),
        ((3, 4, 5), {"kernel": 5}, "differ in more than their widths"),
    ],
)
def test_networks_that_do_not_fit_are_refused(source, widths, changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        transfer.transfer(source, chain(*widths, **changes), np.random.default_rng(0))


@pytest.mark.parametrize(("name", "narrower"), NARROWER.items())
def test_a_wide_architecture_can_begin_with_a_narrow_one(name, narrower, monkeypatch):
    monkeypatch.setattr(transfer, "NOISE", 0)
    images = np.random.default_rng(0).random((20, 28, 28), np.float32)
    old, new = networks.build(narrower, seed=1), networks.build(name, seed=2)
    transfer.transfer(old, new, np.random.default_rng(0))
    assert answers(new, images) == pytest.approx(answers(old, images), abs=1e-4)


@pytest.mark.parametrize("name", networks.architectures_for("classification"))
def test_each_architecture_can_begin_with_its_like(name):
    images = np.random.default_rng(0).random((20, 28, 28), np.float32)
    old, new = networks.build(name, seed=1), networks.build(name, seed=2)
    transfer.transfer(old, new, np.random.default_rng(0))
    assert answers(new, images) == pytest.approx(answers(old, images), abs=1e-6)
    others = set(networks.architectures_for("classification")) - {name, NARROWER.get(name)}
    for other in others:
        with pytest.raises(ValueError, match=r"differ in more|too many"):
            transfer.transfer(networks.build(other), new, np.random.default_rng(0))
