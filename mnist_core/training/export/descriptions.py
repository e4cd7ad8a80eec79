"""What a model's card says of it in words: its layers, its source, what it has learned from."""

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.training import dataset, rebalancing


def data_seen(config, mnist):
    """Say how much of MNIST a training has seen."""
    if config.share == 1:
        return f"MNIST, the first {len(mnist.train):,} training images"
    return f"MNIST, {config.share:.0%} of the first {len(mnist.train):,} training images"


def out_of_balance(config, mnist):
    """Return how many of each digit there were, and the cure, of data out of balance."""
    if config.imbalance == "none":
        return {}
    available = np.bincount(mnist.train.labels, minlength=CLASSES)
    return {
        "images_of_each_digit": dataset.class_counts(config, available).tolist(),
        "cure": rebalancing.REBALANCING_METHODS[config.rebalancing].title,
    }


def describe_layers(model):
    """Return a Keras model's layers in order, as `storage.Card` has them."""
    layers = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        detail = _DETAILS[kind](layer) if kind in _DETAILS else ""
        activation = getattr(layer, "activation", None)
        if kind in ("Conv2D", "Dense") and activation.__name__ != "linear":
            detail += f", {activation.__name__}"
        layers.append(
            {
                "kind": kind,
                "detail": detail,
                "output": list(layer.output.shape[1:]),
                "parameters": layer.count_params(),
            }
        )
    return layers


# What a reader wants to know of a layer, by its kind; the others need no more than their name.
_DETAILS = {
    "Conv2D": lambda layer: (
        f"{layer.filters} filters of {layer.kernel_size[0]} x {layer.kernel_size[1]}"
    ),
    "Dense": lambda layer: f"{layer.units} units",
    "Activation": lambda layer: layer.activation.__name__,
    "Dropout": lambda layer: f"{layer.rate:.0%} left out",
    "MaxPooling2D": lambda layer: f"{layer.pool_size[0]} x {layer.pool_size[1]}",
}
