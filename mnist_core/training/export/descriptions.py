"""What a model's card says of it: its layers, and the data that it has learned from."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.data import Mnist
from mnist_core.training import dataset
from mnist_core.training.config import TrainingConfig
from mnist_core.training.rebalancing import REBALANCING_METHODS

if TYPE_CHECKING:
    import keras


SHOWN_SIZE = (128, 320)  # height and width of the pictures that a detector's layers are shown for


def data_seen(config: TrainingConfig, mnist: Mnist) -> dict[str, Any]:
    """Return what a training has learned from, as `serving.Card.trained_on` has it.

    The keys are those on cards, where synthetic digits are called made up, and a rebalancing method
    a cure.
    """
    of_mnist = len(mnist.train) - mnist.given
    if config.task == "detection":
        return {"data": f"Pages made by code, with MNIST's first {of_mnist:,} digits"}
    share = "" if config.share == 1 else f"{config.share:.0%} of "
    found = {
        "data": f"MNIST, {share}the first {of_mnist:,} training images",
        "made_up_digits": config.synthetic_digits,
        "augmentation": config.augmentation,
        "corruption_families": list(config.corruption_families),
    }
    if mnist.given:
        found["digits_that_people_gave"] = mnist.given
    if mnist.own:
        found["own_digits"] = len(mnist.own)
    if config.teacher:
        found["teacher"] = config.teacher
    if config.imbalance != "none":
        available = np.bincount(mnist.train.labels, minlength=CLASSES)
        found["images_of_each_digit"] = dataset.class_counts(config, available).tolist()
        found["cure"] = REBALANCING_METHODS[config.rebalancing].title
    return found


def describe_layers(model: "keras.Model") -> list[dict[str, Any]]:
    """Return a Keras model's layers in order, as `serving.Card.layers` has them."""
    import keras

    if None in model.input_shape[1:]:  # it takes any size: describe what it does to crops of one
        model = keras.models.clone_model(model, input_tensors=keras.Input((*SHOWN_SIZE, 1)))
    layers = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        detail = _DETAILS[kind](layer) if kind in _DETAILS else ""
        if kind in ("Conv2D", "Dense") and layer.activation.__name__ != "linear":
            detail += f", {layer.activation.__name__}"
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
    "UpSampling2D": lambda layer: f"{layer.size[0]} x {layer.size[1]}",
    "MaxPooling2D": lambda layer: f"{layer.pool_size[0]} x {layer.pool_size[1]}",
}
