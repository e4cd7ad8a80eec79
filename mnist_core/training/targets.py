"""What a network should answer to each image of a batch, and how much each answer counts."""

from collections.abc import Callable

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.networks.outputs import DIGITS, IS_DIGIT
from mnist_core.training import rebalancing
from mnist_core.training.config import TrainingConfig

NON_DIGIT = CLASSES  # the label of what is no digit
# An array, or one for each output of a network that rejects non-digits.
Answers = np.ndarray | dict[str, np.ndarray]


def encoder(config: TrainingConfig) -> Callable[[np.ndarray, np.ndarray | None], Answers]:
    """Return the function that says what to answer, in the form that the loss needs.

    It takes labels, int (n,), and what a teacher says: float32 (n, 10), or None if there is none.
    The teacher counts where it is right: it knows less of some images than their labels do.
    """
    own_loss = rebalancing.REBALANCING_METHODS[config.rebalancing].loss
    sparse = config.loss == "sparse_categorical_crossentropy" and not own_loss
    # A non-digit has any label: it counts nothing for the digits.
    rows = np.eye(CLASSES + 1, CLASSES, dtype=np.float32)

    def encode(labels: np.ndarray, taught: np.ndarray | None = None) -> Answers:
        digits = np.minimum(labels, CLASSES - 1) if sparse else rows[labels]
        if taught is not None:
            counts = config.distillation * (taught.argmax(axis=1) == labels)
            digits = digits + counts[:, None].astype(np.float32) * (taught - digits)
        if not config.non_digit_share:
            return digits
        return {DIGITS: digits, IS_DIGIT: (labels != NON_DIGIT).astype(np.float32)[:, None]}

    return encode


def weigher(config: TrainingConfig, labels: np.ndarray) -> Callable[[np.ndarray], Answers | None]:
    """Return a function from a batch's labels to the weight of each answer; None for 1.

    Parameters
    ----------
    labels : int (n,), of all digits to learn from
    """
    method = rebalancing.REBALANCING_METHODS[config.rebalancing]
    weights = np.ones(CLASSES, np.float32)
    if method.weights:
        counts = np.bincount(labels, minlength=CLASSES)
        weights = method.weights(counts, config.strength).astype(np.float32)
    elif not config.non_digit_share:
        return lambda _: None
    if not config.non_digit_share:
        return weights.__getitem__
    with_non_digits = np.append(weights, np.float32(0))
    return lambda batch: {
        DIGITS: with_non_digits[batch],
        IS_DIGIT: np.ones(len(batch), np.float32),
    }


def part_of(values: Answers, part: slice, scale: np.float32 | None = None) -> Answers:
    """Return a part of the images' answers or weights; weights may be scaled."""
    if isinstance(values, dict):
        return {name: value[part] * (scale or 1) for name, value in values.items()}
    return values[part] if scale is None else values[part] * scale
