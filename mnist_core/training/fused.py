"""Batch normalisation in one operation, where TensorFlow trains.

Keras computes it from its parts, in float32: half of the time that a small convolutional network
takes to learn on a processor. TensorFlow has it as one operation, which the layers compute with
here; they stay Keras's own, and so do the files that they are saved in.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

from mnist_core.networks.outputs import Layer, Outputs
from mnist_core.training import backend

if TYPE_CHECKING:
    import keras

IMAGES = 4  # dimensions of what a convolution gives


def fuse_norms(model: "keras.Model") -> None:
    """Let the batch normalisation of a network's feature maps compute in one operation.

    Before its first step; with another backend than TensorFlow it changes nothing.
    """
    import keras

    if not backend.can_export():
        return
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization) and _fits(layer):
            layer.call = functools.partial(_call, layer, layer.call)


def _fits(layer: Layer) -> bool:
    """Return whether the one operation computes what this layer asks for."""
    usual = layer.scale and layer.center and not (layer.synchronized or layer.renorm)
    return usual and layer.axis in (-1, IMAGES - 1) and len(layer.input.shape) == IMAGES


def _call(
    layer: Layer,
    plain: Callable[..., Outputs],
    inputs: Outputs,
    training: bool | None = None,
    mask: Outputs | None = None,
) -> Outputs:
    """Normalise a batch as Keras's `call` does; `plain` is that."""
    import tensorflow as tf

    if not (training and layer.trainable) or mask is not None:
        return plain(inputs, training=training, mask=mask)
    outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
        inputs, layer.gamma, layer.beta, epsilon=layer.epsilon, is_training=True
    )
    # TensorFlow's variance is that of a sample, Keras notes that of the batch.
    count = tf.cast(tf.size(inputs) / tf.shape(inputs)[-1], variance.dtype)
    variance = variance * (count - 1) / count
    keep = layer.momentum
    layer.moving_mean.assign(layer.moving_mean * keep + mean * (1 - keep))
    layer.moving_variance.assign(layer.moving_variance * keep + variance * (1 - keep))
    return outputs
