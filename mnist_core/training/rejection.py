"""Is it a digit at all: a small head on a network's features, trained with synthetic non-digits.

The network itself stays as it is, unless it has learned to reject non-digits along with the digits
(`networks.outputs.with_rejection`). The features that its last layer decides by also distinguish
digits from non-digits, and so does what its last convolutions have found, on average and anywhere:
a hidden layer and one number, whose sigmoid is `is_digit`.

Source: training on synthetic outliers after D. Hendrycks, M. Mazeika and T. Dietterich, "Deep
anomaly detection with outlier exposure" (2019); deviation: the network is not trained along.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.corruptions import FAMILIES
from mnist_core.data import Mnist
from mnist_core.evaluation import metrics
from mnist_core.networks import outputs
from mnist_core.pixels import to_float
from mnist_core.serving import Prediction
from mnist_core.synthesis import non_digits
from mnist_core.training import augmentation, dataset
from mnist_core.training.config import TrainingConfig

if TYPE_CHECKING:
    import keras

DROPOUT = 0.1
READ = 4  # the last convolutions; of what earlier ones find, digits and non-digits have the same
EPOCHS, BATCH, RATE = 10, 256, 2e-3
CORRUPTED = 0.5  # share of the digits and of the non-digits that are corrupted
SYNTHETIC = 0.2  # share of synthetic digits
PART = 500  # images at a time
LARGEST = 6e4  # feature that float16 holds
ACCEPTED = 0.995  # share of clean digits at which the held-out kinds are measured


def add_head(
    model: "keras.Model",
    config: TrainingConfig,
    mnist: Mnist,
    *,
    kinds: Collection[str] | None = None,
) -> "keras.Model":
    """Train a head that distinguishes digits from non-digits, and join it to a network.

    A network that has learned that itself only gets the features as a further output.

    Parameters
    ----------
    model : trained
    config : `non_digits` says from how many to learn, `seed` from which
    kinds : keys of `non_digits.KINDS` to learn from; all if None

    Returns
    -------
    takes images; gives the network's ten numbers, one number whose sigmoid says how much the image
    looks like a digit, and the features
    """
    import keras

    last = outputs.digits_layer(model)
    if outputs.rejects(model):
        both: Any = model.output
        return keras.Model(model.inputs, [both[outputs.DIGITS], both[outputs.IS_DIGIT], last.input])
    read = _read(model)
    joined = keras.layers.Concatenate(name="read")(read) if len(read) > 1 else read[0]
    below = keras.Model(model.inputs, joined)
    rng = np.random.default_rng([config.seed, 2])
    count = dataset.head_count(config, np.bincount(mnist.train.labels, minlength=CLASSES))
    digits = _digits(config, mnist, count, rng)
    others = non_digits.make(count, rng, kinds=kinds)[0]
    features = _features(below, np.concatenate([digits, others]), rng)
    is_digit = np.arange(len(features)) < 2 * len(digits)
    score = _head(features, is_digit, config.seed, read)
    return keras.Model(model.inputs, [last.output, score, last.input])


def measure(
    predict_full: Callable[[np.ndarray], Prediction], scores: np.ndarray, count: int, *, seed: int
) -> dict[str, float]:
    """Measure how well digits are distinguished from synthetic non-digits that are new to a model.

    Parameters
    ----------
    scores : (n,), `is_digit` of digits
    count : of each kind of non-digit

    Returns
    -------
    the area under the ROC curve of `is_digit`, by kind and their `mean`
    """
    rng = np.random.default_rng([seed, 3])
    found = {
        kind: metrics.auroc(
            scores, predict_full(to_float(non_digits.make(count, rng, kinds=[kind])[0])).is_digit
        )
        for kind in non_digits.KINDS
    }
    return found | {"mean": float(np.mean(list(found.values())))}


def measure_held_out(
    predict_full: Callable[[np.ndarray], Prediction], scores: np.ndarray, count: int, *, seed: int
) -> dict[str, dict[str, float]]:
    """Measure how well digits are distinguished from kinds of non-digits that no training shows.

    Parameters
    ----------
    scores : (n,), `is_digit` of clean digits
    count : of each kind of non-digit

    Returns
    -------
    by kind and their `mean`: `auroc`, and `passed`, the share that is taken for digits where
    ACCEPTED of the clean digits are
    """
    rng = np.random.default_rng([seed, 5])
    threshold = np.quantile(scores, 1 - ACCEPTED)
    found = {}
    for kind in non_digits.HELD_OUT:
        images = to_float(non_digits.make(count, rng, kinds=[kind])[0])
        seen = predict_full(images).is_digit
        passed = float((seen >= threshold).mean())
        found[kind] = {"auroc": metrics.auroc(scores, seen), "passed": passed}
    names = ("auroc", "passed")
    mean = {name: float(np.mean([kind[name] for kind in found.values()])) for name in names}
    return found | {"mean": mean}


def _digits(
    config: TrainingConfig, mnist: Mnist, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return digits of MNIST, synthetic ones, and those of one person's hand, if there are any.

    Returns
    -------
    uint8 (n, 28, 28); the first two kinds are `count` or fewer
    """
    synthetic = round(SYNTHETIC * count)
    images, _ = dataset.training_images(replace(config, synthetic_digits=synthetic), mnist.train)
    of_mnist = rng.permutation(len(images) - synthetic)[: count - synthetic]
    found = np.concatenate([images[of_mnist], images[len(images) - synthetic :]])
    if mnist.own:
        rounds = dataset.own_rounds(len(mnist.own), len(found))
        found = np.concatenate([found, *rounds * [mnist.own.images]])
    return found


def _features(below: "keras.Model", images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the features of each image as it is, and varied and corrupted; float16 (2n, k)."""
    found = np.empty((2 * len(images), below.output_shape[-1]), np.float16)  # half a gigabyte
    for first in range(0, len(images), PART):
        plain = to_float(images[first : first + PART])
        varied = augmentation.augment(plain, "handwriting", rng)
        varied = augmentation.corrupt_some(varied, tuple(FAMILIES), rng, share=CORRUPTED)
        place = found[2 * first : 2 * (first + PART)]
        for turn, part in enumerate((plain, varied)):
            place[turn::2] = np.clip(below.predict_on_batch(part), -LARGEST, LARGEST)
    return found


def _read(model: "keras.Model") -> list[outputs.Outputs]:
    """Return what the head reads: the features, and two numbers for each map of features.

    Returns
    -------
    tensors (n, k)
    """
    from keras import layers

    maps = [
        layer.output
        for layer in model.layers
        if len(layer.output.shape) == 4
        and getattr(getattr(layer, "activation", None), "__name__", "linear") != "linear"
    ]
    read = [outputs.digits_layer(model).input]
    pools = {"average": layers.GlobalAveragePooling2D, "most": layers.GlobalMaxPooling2D}
    for number, one in enumerate(maps[-READ:]):
        for name, pool in pools.items():  # names that no layer of the network has
            read.append(pool(name=f"{name}_{number}")(one))
    return read


def _moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean and the standard deviation of each feature (n, k), a few rows at a time.

    Returns
    -------
    float32 (k,); the deviation is above 0
    """
    middle = features.mean(axis=0, dtype=float).astype(np.float32)
    squares = np.zeros(len(middle))
    for first in range(0, len(features), PART):
        squares += np.square(features[first : first + PART] - middle).sum(axis=0)
    return middle, np.sqrt(squares / len(features)).astype(np.float32) + np.float32(1e-3)


def _head(
    features: np.ndarray, is_digit: np.ndarray, seed: int, read: list[outputs.Outputs]
) -> outputs.Outputs:
    """Train the head on features (n, k) of digits and non-digits; return its output.

    Parameters
    ----------
    is_digit : bool (n,)
    read : tensors that give these features, side by side
    """
    import keras

    middle, spread = _moments(features)
    keras.utils.set_random_seed(seed)
    hidden = keras.layers.Dense(outputs.HIDDEN, activation="relu", name=outputs.REJECTION)
    last = keras.layers.Dense(1, name=outputs.IS_DIGIT)
    head = keras.Sequential(
        [keras.layers.Input(features.shape[1:]), hidden, keras.layers.Dropout(DROPOUT), last]
    )
    steps = -(-len(features) // BATCH)
    # At an even rate a quarter more of the non-digits pass.
    rate = keras.optimizers.schedules.CosineDecay(RATE, EPOCHS * steps)
    head.compile(
        keras.optimizers.AdamW(
            rate,  # pyright: ignore[reportArgumentType]  # Keras takes schedules, too
            weight_decay=1e-3,
        ),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    head.optimizer.build(head.trainable_variables)  # otherwise its graph is traced twice

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng(seed)
        for _ in range(EPOCHS):
            order = rng.permutation(len(features))
            for first in range(0, len(features), BATCH):
                chosen = order[first : first + BATCH]
                shown = (features[chosen] - middle) / spread
                yield shown, is_digit[chosen, None].astype(np.float32)

    head.fit(
        batches(),
        steps_per_epoch=steps,
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,  # pyright: ignore[reportArgumentType]  # Keras takes int, too
    )
    # The first layer takes over the normalisation, so that the head reads features as they are,
    # and becomes one for each tensor: side by side, 8 bits would have to have one scale for all.
    kernel, bias = hidden.get_weights()
    kernel = kernel / spread[:, None]
    bias = bias - middle @ kernel
    ends = np.cumsum([tensor.shape[-1] for tensor in read])[:-1]
    parts = []
    for number, (tensor, weights) in enumerate(zip(read, np.split(kernel, ends), strict=True)):
        part = keras.layers.Dense(
            outputs.HIDDEN, use_bias=not number, name=f"{outputs.REJECTION}_{number}"
        )
        parts.append(part(tensor))
        part.set_weights([weights, *([] if number else [bias])])
    total = keras.layers.Add(name="digit_sum")(parts) if len(parts) > 1 else parts[0]
    return last(keras.layers.Activation("relu", name="digit_found")(total))
