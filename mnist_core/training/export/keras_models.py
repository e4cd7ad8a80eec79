"""Keras models from disk, and what they predict.

Imports TensorFlow.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core import networks, serving
from mnist_core.errors import ModelError
from mnist_core.networks import outputs
from mnist_core.serving import to_probabilities
from mnist_core.workspace import WORKSPACE, Workspace

if TYPE_CHECKING:
    import keras

PART = 500  # images at a time


def output_kind(model: "keras.Model") -> str:
    """Return what a Keras model's ten numbers are: "softmax", "sigmoid" or "logits".

    Raises
    ------
    ValueError : its last layer has another activation
    """
    activation = outputs.digits_layer(model).activation.__name__
    kinds = {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "logits"}
    if activation not in kinds:
        raise ValueError(
            f"The last layer's activation is {activation!r}; expected {', '.join(kinds)}."
        )
    return kinds[activation]


def load_trained(architecture: str, path: Path) -> "keras.Model":
    """Load the weights of a training into a model that computes in float32.

    Parameters
    ----------
    architecture : a key of `networks.ARCHITECTURES`
    path : of a `.keras` file of that architecture, trained in any precision

    Returns
    -------
    uncompiled

    Raises
    ------
    ModelError : an older version, in which the network had other layers, wrote the file
    """
    trained = _load(path)
    model = networks.build(architecture, rejecting=outputs.rejects(trained))
    try:
        model.set_weights(trained.get_weights())
    except ValueError as error:
        raise ModelError(
            f"The network {architecture!r} has other layers than when these weights were trained. "
            "Train it again, or go on with the version of Digit Lab that trained it."
        ) from error
    return model


def load_model(name: str, *, workspace: Workspace = WORKSPACE) -> "keras.Model":
    """Load the Keras model of a folder in the models folder, with what it was taught.

    Returns
    -------
    uncompiled

    Raises
    ------
    ModelError : there is no such model, or its file differs from what its card says
    """
    card = serving.load_card(name, workspace=workspace)
    content = serving.read_file(card, "model.keras", workspace=workspace)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        model = _load(path)
    if serving.HEAD in card.files:
        head = serving.Head.from_bytes(serving.read_file(card, serving.HEAD, workspace=workspace))
        last = outputs.digits_layer(model)
        kernel, bias = last.get_weights()
        # What was taught is added to logits that the temperature has divided.
        taught = kernel + card.temperature * head.kernel, bias + card.temperature * head.bias
        last.set_weights(taught)
    return model


def keras_outputs(model: "keras.Model", images: np.ndarray) -> np.ndarray:
    """Return a Keras model's ten numbers for each image, in bounded memory.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1], white on black; n is at least 1

    Returns
    -------
    float32 (n, 10)
    """
    parts = (images[first : first + PART] for first in range(0, len(images), PART))
    found = (outputs.digits_of(model.predict_on_batch(part)) for part in parts)
    return np.concatenate(list(found))


def keras_is_digit(model: "keras.Model") -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from images to how much each looks like a digit: logits, float32 (n,).

    Parameters
    ----------
    model : rejects non-digits itself
    """

    def score(images: np.ndarray) -> np.ndarray:
        parts = (images[first : first + PART] for first in range(0, len(images), PART))
        found: list[Any] = [model.predict_on_batch(part) for part in parts]
        return np.concatenate([part[outputs.IS_DIGIT][:, 0] for part in found])

    return score


def keras_predict(model: "keras.Model") -> Callable[[np.ndarray], np.ndarray]:
    """Return `predict(images) -> probabilities` for a Keras model; it takes at least one image."""
    kind = output_kind(model)
    return lambda images: to_probabilities(keras_outputs(model, images), kind)


def _load(path: Path) -> "keras.Model":
    import keras

    model = keras.saving.load_model(path, compile=False)
    return model  # pyright: ignore[reportReturnType]  # Keras does not say what it returns
