"""Begin a training with what a wider network computes, on as many channels as there are."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.networks.outputs import Layer, Outputs
from mnist_core.training.transfer import layers_with_weights

if TYPE_CHECKING:
    import keras

PART = 256  # images at a time
RIDGE = 1e-4  # of the mean square of the inputs: keeps the fit from copying chance
SAMPLES = 50_000  # places by which channels are chosen


def narrow(source: "keras.Model", target: "keras.Model", images: np.ndarray) -> None:
    """Give a network the function of a wider one, as nearly as its fewer channels allow.

    Or of one as wide whose layers see other windows: then all channels stay.

    Of every layer those channels are kept from which the others can be told best, weighed by how
    much the next layer makes of them. Then, from the first layer to the last, each new layer is
    fitted to what the old one gives for these images, from the features that there now are: so a
    layer makes up for what is missing before it.

    Source: Y. He, X. Zhang and J. Sun, "Channel pruning for accelerating very deep neural networks"
    (2017), for the fit; deviation: channels are chosen by QR decomposition with column pivoting,
    after P. Businger and G. Golub, "Linear least squares solutions by Householder transformations"
    (1965), instead of by the lasso.

    Parameters
    ----------
    source, target : chains of convolutional, dense and batch normalisation layers that give
        features of the same size, the target's with as many channels or fewer; its weights change
    images : float32 (n, 28, 28) in [0, 1], as training shows them

    Raises
    ------
    ValueError : the layers differ in kind, in the size of their features, or are wider
    """
    kept = np.arange(1)
    for old, new, following in _layers(source, target):
        if not hasattr(new, "kernel"):  # batch normalisation
            new.set_weights([values[kept] for values in old.get_weights()])
            continue
        kept = np.arange(old.kernel.shape[-1])
        if new.kernel.shape[-1] < len(kept):
            kept = _chosen(source, following, images, new.kernel.shape[-1])
        _fit(source, target, old, new, kept, images)


def _layers(source: "keras.Model", target: "keras.Model") -> Iterator[tuple[Layer, Layer, Layer]]:
    """Yield each layer with weights, old and new, and the old layer that reads its features."""
    old, new = layers_with_weights(source), layers_with_weights(target)
    kinds = [[type(layer) for layer in layers] for layers in (old, new)]
    if kinds[0] != kinds[1]:
        raise ValueError("The layers of the two models differ in more than their widths.")
    for index, layer in enumerate(old):
        there, wanted = layer.output.shape, new[index].output.shape
        following = next((x for x in old[index + 1 :] if hasattr(x, "kernel")), None)
        if there[1:-1] != wanted[1:-1] or (following is None and there != wanted):
            raise ValueError("The features of the two models differ in more than their channels.")
        if wanted[-1] > there[-1]:
            raise ValueError(
                f"Layer {layer.name!r} has {there[-1]} channels, too few to begin a layer of "
                f"{wanted[-1]} with, while other layers become narrower."
            )
        if following is not None and following.kernel.shape[-2] != there[-1]:
            raise ValueError("Layers that flatten features cannot become narrower.")
        yield layer, new[index], following


def _chosen(source: "keras.Model", following: Layer, images: np.ndarray, count: int) -> np.ndarray:
    """Return which channels to keep of those that a layer reads, in their order."""
    features = np.concatenate(list(_at(source, following.input, images)))
    columns = features.reshape(-1, features.shape[-1])
    step = max(len(columns) // SAMPLES, 1)
    columns = columns[::step] - columns.mean(axis=0)
    weights = np.asarray(following.kernel).astype(np.float64)
    columns = columns * np.sqrt((weights**2).sum(axis=(*range(weights.ndim - 2), -1)))
    inner = columns.T.astype(np.float64) @ columns
    chosen: list[int] = []
    for _ in range(count):  # what the chosen ones cannot tell of the others, the largest first
        left = inner.diagonal().copy()
        left[chosen] = -1
        best = int(left.argmax())
        chosen.append(best)
        row = inner[best] / np.sqrt(max(inner[best, best], 1e-12))
        inner = inner - np.outer(row, row)
    return np.sort(chosen)


def _fit(
    source: "keras.Model",
    target: "keras.Model",
    old: Layer,
    new: Layer,
    kept: np.ndarray,
    images: np.ndarray,
) -> None:
    """Fit a layer to what the old one gives on the kept channels; by ridge regression."""
    given = _at(target, new.input, images)
    wanted = _at(source, old.output, images)
    products: Outputs = 0
    for features, answers in zip(given, wanted, strict=True):
        patches = _patches(features, new)
        if new.use_bias:
            patches = np.concatenate([patches, np.ones((len(patches), 1), np.float32)], axis=1)
        right = answers.reshape(-1, answers.shape[-1])[:, kept]
        both = np.concatenate([patches, right], axis=1)
        products = products + (patches.T @ both).astype(np.float64)
    size = len(products)
    inner, outer = products[:, :size], products[:, size:]
    inner = inner + RIDGE * inner.trace() / size * np.eye(size)
    found = np.linalg.solve(inner, outer)
    bias = [found[-1]] if new.use_bias else []
    kernel = found[:-1] if new.use_bias else found
    new.set_weights([kernel.reshape(new.kernel.shape), *bias])


def _patches(features: np.ndarray, layer: Layer) -> np.ndarray:
    """Return what the weights of a layer see: (n, k), a row for each place."""
    import keras

    if features.ndim == 2:
        return features
    found: Outputs = keras.ops.image.extract_patches(
        features, layer.kernel_size, layer.strides, padding=layer.padding
    )
    return np.asarray(found).reshape(-1, found.shape[-1])


def _at(model: "keras.Model", tensor: Outputs, images: np.ndarray) -> Iterator[np.ndarray]:
    """Yield what the network computes at one of its tensors, some images at a time."""
    import keras

    below = keras.Model(model.inputs[0], tensor)
    for first in range(0, len(images), PART):
        yield np.asarray(below.predict_on_batch(images[first : first + PART]), np.float32)
