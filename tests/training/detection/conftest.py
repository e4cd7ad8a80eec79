"""A detector so small, and crops so plain, that tests can train it."""

from dataclasses import replace

import pytest

from mnist_core import networks
from mnist_core.training.config import RECIPES
from mnist_core.training.detection import data, validation

EPOCH = 8  # crops


def tiny():
    """Give 21 numbers for each cell, of what is near. Source: written for these tests."""
    from keras import Model, initializers, layers

    inputs = layers.Input((None, None, 1))
    x = layers.Conv2D(16, 8, strides=4, padding="same", activation="relu")(inputs)
    x = layers.Conv2D(32, 5, padding="same", activation="relu")(x)
    bias = initializers.Constant(-1)
    return Model(inputs, layers.Conv2D(21, 3, padding="same", bias_initializer=bias)(x))


@pytest.fixture
def config(monkeypatch):
    """Settings of a training of it; crops of 32 x 64 pixels."""
    record = replace(networks.ARCHITECTURES["number-net"], build=tiny, epoch_images=EPOCH)
    monkeypatch.setitem(networks.ARCHITECTURES, "number-net", record)
    monkeypatch.setattr(data, "SIZES", ((32, 64),))
    monkeypatch.setattr(validation, "SIZES", ((32, 64),))
    monkeypatch.setattr(validation, "CROPS", 4)
    return replace(RECIPES["number-net"], name="mine", epochs=2, batch_size=2, averaging=0.5)
