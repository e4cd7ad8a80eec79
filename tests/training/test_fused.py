import numpy as np
import pytest

from mnist_core import networks
from mnist_core.training.fused import fuse_norms

IMAGES = np.random.default_rng(0).random((64, 28, 28), np.float32)
LABELS = np.eye(10, dtype=np.float32)[np.arange(64) % 10]


def learned(*, fused, half_precision=False):
    """Return a network after three steps, and its losses."""
    import keras

    model = networks.build("digit-net", half_precision=half_precision)
    model.get_layer(index=-2).rate = 0.0  # dropout, whose random numbers would differ
    if fused:
        fuse_norms(model)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05), loss)
    return model, [float(model.train_on_batch(IMAGES, LABELS)) for _ in range(3)]


def test_a_network_learns_the_same():
    (plain, expected), (fused, found) = learned(fused=False), learned(fused=True)
    assert found == pytest.approx(expected, rel=1e-3)
    for mine, theirs in zip(fused.get_weights(), plain.get_weights(), strict=True):
        assert mine == pytest.approx(theirs, abs=2e-3)


def test_in_half_precision_it_learns_nearly_the_same():
    (_, expected), (_, found) = (learned(fused=fused, half_precision=True) for fused in (0, 1))
    assert found == pytest.approx(expected, rel=0.05)


def test_predictions_and_files_stay_those_of_keras(tmp_path):
    import keras

    model, _ = learned(fused=True)
    model.save(tmp_path / "a.keras")
    read = keras.saving.load_model(tmp_path / "a.keras")
    found, expected = read.predict_on_batch(IMAGES), model.predict_on_batch(IMAGES)
    assert found == pytest.approx(expected, abs=1e-5)
