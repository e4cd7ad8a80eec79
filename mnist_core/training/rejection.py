"""Is it a digit at all: a small head on a network's features, trained with synthetic non-digits.

The network itself stays as it is, unless it has learned to reject non-digits along with the digits
(`networks.outputs.with_rejection`). The features that its last layer decides by also distinguish
digits from non-digits: a hidden layer and one number, whose sigmoid is `is_digit`.

Source: training on synthetic outliers after D. Hendrycks, M. Mazeika and T. Dietterich, "Deep
anomaly detection with outlier exposure" (2019); deviation: the network is not trained along.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

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

HIDDEN, DROPOUT = 64, 0.1
EPOCHS, BATCH, RATE = 10, 256, 2e-3
CORRUPTED = 0.5  # share of the digits and of the non-digits that are corrupted
SYNTHETIC = 0.2  # share of synthetic digits
PART = 500  # images at a time
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
    below = keras.Model(model.inputs, last.input)
    rng = np.random.default_rng([config.seed, 2])
    count = max(min(config.non_digits, len(mnist.train)), 1)
    digits = _features(below, _digits(config, mnist, count, rng), rng)
    others = _features(below, non_digits.make(count, rng, kinds=kinds)[0], rng)
    head = _head(digits, others, config.seed)
    return keras.Model(model.inputs, [last.output, head(last.input), last.input])


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
    """Return the features of images as they are, and varied and corrupted; (2n, k)."""
    found = []
    for first in range(0, len(images), PART):
        plain = to_float(images[first : first + PART])
        varied = augmentation.augment(plain, "handwriting", rng)
        varied = augmentation.corrupt_some(varied, tuple(FAMILIES), rng, share=CORRUPTED)
        found += [below.predict_on_batch(part) for part in (plain, varied)]
    return np.concatenate(found)


def _head(digits: np.ndarray, others: np.ndarray, seed: int) -> "keras.Model":
    """Train the head on features of digits (n, k) and of non-digits (m, k)."""
    import keras

    features = np.concatenate([digits, others])
    labels = np.repeat([1.0, 0.0], [len(digits), len(others)])
    middle, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    keras.utils.set_random_seed(seed)
    hidden = keras.layers.Dense(HIDDEN, activation="relu", name="digit_hidden")
    last = keras.layers.Dense(1, name="is_digit")
    head = keras.Sequential(
        [keras.layers.Input(features.shape[1:]), hidden, keras.layers.Dropout(DROPOUT), last]
    )
    head.compile(
        keras.optimizers.AdamW(RATE, weight_decay=1e-3),
        keras.losses.BinaryCrossentropy(from_logits=True),
    )
    head.optimizer.build(head.trainable_variables)  # otherwise its graph is traced twice
    head.fit(
        (features - middle) / spread,
        labels,
        batch_size=BATCH,
        epochs=EPOCHS,
        verbose=0,  # pyright: ignore[reportArgumentType]  # Keras takes int, too
    )
    # The first layer takes over the normalisation, so that the head reads features as they are.
    kernel, bias = hidden.get_weights()
    kernel = kernel / spread[:, None]
    hidden.set_weights([kernel, bias - middle @ kernel])
    return keras.Sequential(
        [keras.layers.Input(features.shape[1:]), hidden, last], name="is_a_digit"
    )
