"""Begin a training with the weights of a model that is there, as wide or wider."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import keras

# New channels begin as copies of old ones; without this noise they would stay copies.
NOISE = 0.05


def transfer(source: "keras.Model", target: "keras.Model", rng: np.random.Generator) -> None:
    """Give a network the weights of a trained one of the same layers, as narrow or narrower.

    Where the target has more channels than the source, the new ones are copies of others, and
    what reads them shares the weights out among the copies: but for a little noise, both networks
    compute the same.

    Source: T. Chen, I. Goodfellow and J. Shlens, "Net2Net: accelerating learning via knowledge
    transfer" (2016), the wider network.

    Parameters
    ----------
    source, target : chains of layers that differ in their widths alone; the weights of the target
        change

    Raises
    ------
    ValueError : the layers differ in kind, or the source is wider somewhere
    """
    pairs = _pairs(source, target)
    origin, ends = np.arange(1), len(pairs) - 1
    for index, (old, new) in enumerate(pairs):
        weights = old.get_weights()
        if weights[0].ndim == 1:  # batch normalisation
            new.set_weights([values[origin] for values in weights])
            continue
        wanted, channels = new.get_weights()[0].shape, weights[0].shape[-1]
        if wanted[-1] < channels or (index == ends and wanted[-1] != channels):
            raise ValueError(
                f"Layer {old.name!r} has {channels} channels, too many to begin a layer of "
                f"{wanted[-1]} with."
            )
        inputs = _inputs(origin, weights[0].shape[-2], wanted[-2])
        copies = np.bincount(inputs)[inputs]
        kernel = weights[0].take(inputs, axis=-2) / copies[:, None]
        origin = np.concatenate([np.arange(channels), rng.choice(channels, wanted[-1] - channels)])
        kernel = kernel[..., origin]
        kernel[..., channels:] *= 1 + NOISE * rng.standard_normal(kernel[..., channels:].shape)
        new.set_weights([kernel, *(values[origin] for values in weights[1:])])


def can_copy(source: "keras.Model", target: "keras.Model") -> bool:
    """Return whether `transfer` can: the same windows and pixels, nowhere fewer channels."""
    old, new = layers_with_weights(source), layers_with_weights(target)
    return old[0].input.shape[-1] == new[0].input.shape[-1] and all(
        _window(mine) == _window(theirs) and mine.output.shape[-1] <= theirs.output.shape[-1]
        for mine, theirs in zip(old, new, strict=False)
    )


def layers_with_weights(model: "keras.Model") -> list[Any]:
    """Return the layers that hold what was learned, in order."""
    return [layer for layer in model.layers if layer.weights]


def _pairs(source: "keras.Model", target: "keras.Model") -> list[tuple[Any, Any]]:
    """Return the layers with weights, old and new side by side."""
    old, new = layers_with_weights(source), layers_with_weights(target)
    kinds = [[(type(layer), _window(layer)) for layer in layers] for layers in (old, new)]
    if kinds[0] != kinds[1]:
        raise ValueError("The layers of the two models differ in more than their widths.")
    return list(zip(old, new, strict=True))


def _window(layer: "keras.Layer") -> tuple[int, ...]:
    """Return the size of a convolution's kernel; nothing for other layers."""
    return getattr(layer, "kernel_size", ())


def _inputs(origin: np.ndarray, old: int, wanted: int) -> np.ndarray:
    """Return which input of the old layer each input of the new one stands for.

    A flattened image has every channel once a pixel, the channels of a pixel side by side.
    """
    pixels = wanted // len(origin)
    return (np.arange(pixels)[:, None] * (old // pixels) + origin).ravel()
