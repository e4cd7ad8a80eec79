"""Teach a model new handwriting from a few labelled examples: a new last layer, in milliseconds.

The network stays as it is; what is learned is linear in its features and added to its logits. It
minimises the cross-entropy of the examples; that between old and new answers to images like those
of the training, whose features are stored (replay); and the square of the distance to where it
begins, the change that comes of moving the means of the classes, see `moved_means`. The answer to
"is it a digit?" changes likewise, as little as the examples ask for.

Source: the penalty on the distance from the trained weights is L2-SP of X. Li, Y. Grandvalet and
F. Davoine, "Explicit inductive bias for transfer learning with convolutional networks" (2018); the
replay of stored features is that of T. Hayes et al., "REMIND your neural network to prevent
catastrophic forgetting" (2020), with steps of equal width in place of product quantisation; old
answers to both questions are kept as Z. Li and D. Hoiem do, "Learning without forgetting" (2016).
Deviation from all three: the last layer alone. `python -m benchmarks.adaptation` measures it
against the nearest class mean, a plain logistic regression, and full fine-tuning by Keras.
"""

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.errors import ModelError
from mnist_core.serving.adaptation.examples import NON_DIGIT, Examples
from mnist_core.serving.adaptation.head import Head
from mnist_core.serving.adaptation.means import moved_means
from mnist_core.serving.adaptation.solver import minimise
from mnist_core.serving.probabilities import softmax

PENALTY = 0.003  # on the square of what is added, with features of about length 1
REPLAYED = 300.0, 3.0  # how many examples all replayed digits count as: at least, and for each one
MOVED = 0.06  # the weight of the discriminant analysis
DIGIT_PENALTY = 0.01  # likewise of what is added to `is_digit`
DIGIT_REPLAYED = 1000.0  # how many examples the replay counts as there, digits and others
MARGIN = 1.0  # by which the logit of an example's `is_digit` should exceed the threshold's
STEPS = 80
FOLDS = 5


def adapt(examples: Examples, replay: Examples, *, threshold: float) -> Head:
    """Return what a model adds to its answers once it was taught some examples.

    Parameters
    ----------
    examples : of digits, at least one
    replay : of the same model, digits of every class and non-digits
    threshold : in [0, 1], which `is_digit` of the examples should exceed

    Raises
    ------
    ModelError : the replay is that of another model
    """
    if examples.features.shape[1] != replay.features.shape[1]:
        raise ModelError(
            f"The model has {examples.features.shape[1]} features an image, but keeps "
            f"{replay.features.shape[1]} of its training. Compute these again: python -m "
            "mnist_core export --replay."
        )
    digits = replay[replay.labels != NON_DIGIT]
    centre = digits.features.mean(axis=0, dtype=float)
    scale = np.sqrt(digits.features.var(axis=0, dtype=float).sum()) + 1e-9

    def scaled(these: Examples) -> np.ndarray:
        result = np.ones((len(these), len(centre) + 1))  # in place: visits share the memory
        result[:, :-1] = these.features
        result[:, :-1] -= centre
        result[:, :-1] /= scale
        return result

    n = len(examples)
    weights = np.concatenate([np.ones(n), _shares(len(digits), REPLAYED[0] + REPLAYED[1] * n)])
    shown = scaled(examples + digits)
    logits = np.concatenate([examples.logits, digits.logits])
    moved = MOVED * moved_means(shown[:n, :-1], examples.labels, shown[n:, :-1], digits.labels)
    wanted = np.concatenate([np.eye(CLASSES)[examples.labels], np.exp(digits.logits)])
    added = moved + _fit_classes(shown, logits + shown @ moved, wanted, weights)
    asked = np.zeros(len(centre) + 1)
    del shown, digits
    digitness = np.concatenate([examples.digitness, replay.digitness])
    if np.isfinite(digitness).all():
        weights = np.concatenate([np.ones(n), _shares(len(replay), DIGIT_REPLAYED)])
        above = digitness - _logit(threshold) - MARGIN
        wanted = 1 / (1 + np.exp(-above.astype(float)))
        wanted[:n] = 1
        asked = _fit_digitness(scaled(examples + replay), above, wanted, weights)
    kernel, digit_kernel = added[:-1] / scale, asked[:-1] / scale
    return Head(
        kernel=kernel.astype(np.float32),
        bias=(added[-1] - centre @ kernel).astype(np.float32),
        digit_kernel=digit_kernel.astype(np.float32),
        digit_bias=float(asked[-1] - centre @ digit_kernel),
    )


def cross_validate(examples: Examples, replay: Examples, *, folds: int = FOLDS) -> np.ndarray:
    """Return which digits a model sees in the examples, each once it was taught the others alone.

    With at most so many examples of each class as there are folds, one of a class is left out at
    a time.

    Returns
    -------
    float32 (n, 10), the probabilities of the digits
    """
    rank = np.zeros(len(examples), int)
    for label in np.unique(examples.labels):
        (places,) = np.nonzero(examples.labels == label)
        rank[places] = np.arange(len(places))
    found = np.exp(examples.logits)
    for fold in range(min(folds, rank.max() + 1)):
        held_out = rank % folds == fold
        if held_out.all():
            continue  # nothing is left to teach
        head = adapt(examples[~held_out], replay, threshold=0.5)
        left = examples[held_out]
        found[held_out] = head.probabilities(np.exp(left.logits), left.features)
    return found


def _shares(n: int, total: float) -> np.ndarray:
    """Return the weights of n examples that together count as so many."""
    return np.full(n, total / max(n, 1))


def _logit(share: float) -> float:
    """Return the number whose sigmoid is this share."""
    share = min(max(share, 1e-6), 1 - 1e-6)
    return float(np.log(share / (1 - share)))


def _fit_classes(
    features: np.ndarray, logits: np.ndarray, wanted: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return what to add to logits, so that probabilities come to what is wanted; (k, 10)."""
    shape = features.shape[1], CLASSES

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        added = flat.reshape(shape)
        found = softmax(logits + features @ added)
        entropy = -np.sum(wanted * np.log(np.maximum(found, 1e-30)), axis=1)
        gradient = features.T @ (weights[:, None] * (found - wanted)) + PENALTY * added
        return PENALTY / 2 * float(flat @ flat) + float(weights @ entropy), gradient.ravel()

    return minimise(loss, np.zeros(shape[0] * CLASSES), steps=STEPS).reshape(shape)


def _fit_digitness(
    features: np.ndarray, scores: np.ndarray, wanted: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Return what to add to scores, so that their sigmoids come to what is wanted; (k,)."""

    def loss(added: np.ndarray) -> tuple[float, np.ndarray]:
        found = scores + features @ added
        error = 1 / (1 + np.exp(-np.clip(found, -60, 60))) - wanted
        value = weights @ (np.logaddexp(0, found) - wanted * found)
        gradient = features.T @ (weights * error) + DIGIT_PENALTY * added
        return float(value) + DIGIT_PENALTY / 2 * float(added @ added), gradient

    return minimise(loss, np.zeros(features.shape[1]), steps=STEPS)
