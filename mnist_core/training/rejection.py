"""Is it a digit at all: a small head on a network's features, taught with made-up non-digits.

The network itself stays as it is. What its last layer decides by also tells digits from what is
none: a hidden layer and one number, whose sigmoid is `is_digit`.

Source: training on made-up outliers after D. Hendrycks, M. Mazeika and T. Dietterich, "Deep anomaly
detection with outlier exposure" (2019); deviation: the network is not trained along.
"""

from dataclasses import replace

import numpy as np

from mnist_core.corruptions import FAMILIES
from mnist_core.evaluation import metrics
from mnist_core.pixels import to_float
from mnist_core.synthesis import nondigits
from mnist_core.training import augmentation, dataset

HIDDEN, DROPOUT = 64, 0.1
EPOCHS, BATCH, RATE = 10, 256, 2e-3
DAMAGED = 0.5  # share of the digits and of the non-digits that are damaged
MADE_UP = 0.2  # share of made-up digits
PART = 500  # images at a time


def teach(model, config, mnist, *, kinds=None):
    """Teach a network to tell digits from what is none.

    Parameters
    ----------
    model : keras.Model, trained
    config : TrainingConfig; `nondigits` says from how many, `seed` from which
    mnist : data.Mnist
    kinds : keys of `nondigits.KINDS` to learn from; all if None

    Returns
    -------
    keras.Model : takes images; gives the network's ten numbers, one number whose sigmoid tells how
        much the image looks like a digit, and the features
    """
    import keras

    below = keras.Model(model.inputs, model.layers[-1].input)
    rng = np.random.default_rng([config.seed, 2])
    count = max(min(config.non_digits, len(mnist.train)), 1)
    digits = _features(below, _digits(config, mnist, count, rng), rng)
    others = _features(below, nondigits.make(count, rng, kinds=kinds)[0], rng)
    head = _head(digits, others, config.seed)
    features = model.layers[-1].input
    return keras.Model(model.inputs, [model.layers[-1].output, head(features), features])


def measure(look, scores, count, *, seed):
    """Measure how well digits are told from made-up non-digits that were not taught.

    Parameters
    ----------
    look : callable, images -> serving.Prediction
    scores : float array (n,), `is_digit` of digits
    count : int, of each kind of non-digit
    seed : int

    Returns
    -------
    dict : the area under the ROC curve of `is_digit`, by kind and their `mean`
    """
    rng = np.random.default_rng([seed, 3])
    found = {
        kind: metrics.auroc(
            scores, look(to_float(nondigits.make(count, rng, kinds=[kind])[0])).is_digit
        )
        for kind in nondigits.KINDS
    }
    return found | {"mean": float(np.mean(list(found.values())))}


def _digits(config, mnist, count, rng):
    """Return digits of MNIST and made-up ones; uint8 array (count or fewer, 28, 28)."""
    images, _ = dataset.training_images(
        replace(config, synthetic_digits=round(MADE_UP * count)), mnist.train
    )
    made_up = round(MADE_UP * count)
    of_mnist = rng.permutation(len(images) - made_up)[: count - made_up]
    return np.concatenate([images[of_mnist], images[len(images) - made_up :]])


def _features(below, images, rng):
    """Return the features of images as they are, and varied and damaged; (2n, k)."""
    found = []
    for first in range(0, len(images), PART):
        plain = to_float(images[first : first + PART])
        varied = augmentation.augment(plain, "handwriting", rng)
        varied = augmentation.corrupt_some(varied, tuple(FAMILIES), rng, share=DAMAGED)
        found += [below.predict_on_batch(part) for part in (plain, varied)]
    return np.concatenate(found)


def _head(digits, others, seed):
    """Train the head on features of digits and of non-digits; it takes them as they are."""
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
        jit_compile=False,
    )
    head.fit((features - middle) / spread, labels, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    kernel, bias = hidden.get_weights()
    kernel = kernel / spread[:, None]
    hidden.set_weights([kernel, bias - middle @ kernel])
    return keras.Sequential(
        [keras.layers.Input(features.shape[1:]), hidden, last], name="is_a_digit"
    )
