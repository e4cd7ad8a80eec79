"""Keras models from disk, and what they answer.

Imports TensorFlow.
"""

import tempfile
from pathlib import Path

import numpy as np

from mnist_core import networks, serving
from mnist_core.serving import to_probabilities
from mnist_core.workspace import WORKSPACE, Workspace


def output_kind(model):
    """Return what a Keras model's ten numbers are: "softmax", "sigmoid" or "logits".

    Raises
    ------
    ValueError : its last layer has another activation
    """
    activation = model.layers[-1].activation.__name__
    kinds = {"softmax": "softmax", "sigmoid": "sigmoid", "linear": "logits"}
    if activation not in kinds:
        raise ValueError(
            f"The last layer's activation is {activation!r}; expected {', '.join(kinds)}."
        )
    return kinds[activation]


def load_trained(architecture, path):
    """Load the weights of a training into a model that computes in float32.

    Parameters
    ----------
    architecture : a key of `networks.ARCHITECTURES`
    path : Path of a `.keras` file of that architecture, trained in any precision

    Returns
    -------
    keras.Model, uncompiled
    """
    import keras

    model = networks.build(architecture)
    model.set_weights(keras.saving.load_model(path, compile=False).get_weights())
    return model


def load_model(name, *, workspace: Workspace = WORKSPACE):
    """Load the Keras model of a folder of ours.

    Parameters
    ----------
    name : str

    Returns
    -------
    keras.Model, uncompiled

    Raises
    ------
    ModelError : there is no such model, or its file differs from what its card says
    """
    import keras

    content = serving.read_file(
        serving.load_card(name, workspace=workspace), "model.keras", workspace=workspace
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        path.write_bytes(content)
        return keras.saving.load_model(path, compile=False)


def keras_outputs(model, images):
    """Return a Keras model's ten numbers for each of at least one image, in bounded memory."""
    return np.concatenate(
        [model.predict_on_batch(images[i : i + 500]) for i in range(0, len(images), 500)]
    )


def keras_predict(model):
    """Return `predict(images) -> probabilities` for a Keras model; it takes at least one image."""
    kind = output_kind(model)
    return lambda images: to_probabilities(keras_outputs(model, images), kind)
