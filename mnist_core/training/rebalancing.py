"""Rebalancing methods, which make up for class imbalance, as a table.

A method may show rare digits more often, weigh their errors more, have a loss of its own, or
correct the network after training. `strength` is 1 for each as its authors propose; at 0, rare and
common digits are treated alike.
"""

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.networks.outputs import digits_layer

if TYPE_CHECKING:
    import keras

Tensor = Any  # Keras has no type for the tensors of all its backends
Features = Callable[[], Iterable[tuple[np.ndarray, np.ndarray]]]

HEAD_EPOCHS = 5
HEAD_RATE = 3e-3
FOCAL_GAMMA = 2.0


@dataclass(frozen=True)
class RebalancingMethod:
    """What a method changes; what it leaves alone is None.

    Attributes
    ----------
    title, summary : for people
    source : empty for the method that does nothing
    weights : (counts (10,), strength) -> float (10,), how much an error on each digit counts
    order : (labels (n,), strength, rng) -> int (n,), the images that an epoch shows
    loss : (counts (10,), strength, kind, smoothing) -> a Keras loss for one-hot labels, of a
        model whose outputs are of this kind; see `export.output_kind`
    finish : (model, features, counts (10,), strength) changes the last layer after training;
        `features()` yields batches (features (m, k), labels (m,)) of the training images as
        `oversample` draws them, augmented again each time
    extra_epochs : how often `finish` goes through all images
    """

    title: str
    summary: str
    source: str = ""
    weights: Callable[[np.ndarray, float], np.ndarray] | None = None
    order: Callable[[np.ndarray, float, np.random.Generator], np.ndarray] | None = None
    loss: Callable[[np.ndarray, float, str, float], "keras.losses.Loss"] | None = None
    finish: Callable[["keras.Model", Features, np.ndarray, float], None] | None = None
    extra_epochs: int = 0


def class_weights(counts: np.ndarray, strength: float) -> np.ndarray:
    """Weigh each digit by its count to the power of -strength; 1 on average over all images."""
    weights = np.maximum(counts, 1.0) ** -strength
    return weights * (counts.sum() / (counts * weights).sum())


def oversample(labels: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Draw as many images as there are, of each digit its count to the power of 1 - strength.

    At strength 1 all digits are equally frequent. No image comes a second time before every
    other one of its digit has come.
    """
    counts = np.bincount(labels, minlength=CLASSES)
    shares = np.where(counts, np.maximum(counts, 1.0) ** (1 - strength), 0)
    wanted = np.diff(np.round(np.cumsum(shares) / shares.sum() * len(labels)), prepend=0)
    drawn = []
    for digit, total in enumerate(wanted.astype(int)):
        images = np.flatnonzero(labels == digit)
        rounds = -(-total // max(len(images), 1))
        turns = [rng.permutation(images) for _ in range(rounds)]
        drawn.append(np.concatenate([*turns, images[:0]])[:total])
    return rng.permutation(np.concatenate(drawn))


def focal(
    counts: np.ndarray,  # noqa: ARG001
    strength: float,
    kind: str,
    smoothing: float,
) -> "keras.losses.Loss":
    """Return Keras's focal loss, with gamma 2 at strength 1: easy images count less."""
    import keras

    return keras.losses.CategoricalFocalCrossentropy(
        alpha=1.0,
        gamma=FOCAL_GAMMA * strength,
        from_logits=kind == "logits",
        label_smoothing=smoothing,
    )


def balanced_softmax(
    counts: np.ndarray, strength: float, kind: str, smoothing: float
) -> "keras.losses.Loss":
    """Return cross-entropy after `strength` times the logarithm of each digit's share was added."""
    shift = strength * log_shares(counts)
    return custom_objects()["BalancedSoftmax"](shift.tolist(), kind, smoothing)


def adjust_logits(
    model: "keras.Model",
    features: Features,  # noqa: ARG001
    counts: np.ndarray,
    strength: float,
) -> None:
    """Subtract `strength` times the logarithm of each digit's share from the last layer's bias."""
    last = digits_layer(model)
    kernel, bias = last.get_weights()
    last.set_weights([kernel, bias - strength * log_shares(counts)])


def retrain_classifier(
    model: "keras.Model",
    features: Features,
    counts: np.ndarray,  # noqa: ARG001
    strength: float,  # noqa: ARG001
) -> None:
    """Train the last layer from scratch on evenly drawn images; all layers before it stay."""
    import keras

    last = digits_layer(model)
    head = keras.Sequential([keras.layers.Input(last.get_weights()[0].shape[:1])])
    head.add(keras.layers.Dense(CLASSES))
    head.compile(
        optimizer=keras.optimizers.Adam(HEAD_RATE),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    for _ in range(HEAD_EPOCHS):
        for seen, labels in features():
            head.train_on_batch(seen, labels)
    last.set_weights(head.layers[-1].get_weights())


def log_shares(counts: np.ndarray) -> np.ndarray:
    """Return the logarithm of each digit's share of the images; of at least one image."""
    counts = np.maximum(np.asarray(counts, float), 1)
    return np.log(counts / counts.sum())


@functools.cache
def custom_objects() -> dict[str, type]:
    """Return our own losses by name, which Keras needs to load a `.keras` file that has one."""
    import keras

    class BalancedSoftmax(keras.losses.Loss):
        """Cross-entropy of logits that were shifted by a number for each digit."""

        def __init__(
            self,
            shift: list[float],
            kind: str,
            smoothing: float,
            name: str = "balanced_softmax",
            **_: object,
        ) -> None:
            super().__init__(name=name)
            self.shift, self.kind, self.smoothing = shift, kind, smoothing

        def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
            logits = _logits(y_pred, self.kind) + keras.ops.array(self.shift, "float32")
            return keras.losses.categorical_crossentropy(
                y_true, logits, from_logits=True, label_smoothing=self.smoothing
            )

        def get_config(self) -> dict[str, Any]:
            return {"shift": self.shift, "kind": self.kind, "smoothing": self.smoothing}

    return {"BalancedSoftmax": BalancedSoftmax}


def _logits(outputs: Tensor, kind: str) -> Tensor:
    """Return logits that would give these outputs, up to a constant; see `output_kind`."""
    from keras import ops

    if kind == "logits":
        return outputs
    outputs = ops.clip(outputs, 1e-7, 1 - 1e-7)
    logarithm: Tensor = ops.log(outputs)
    return logarithm - ops.log(1 - outputs) if kind == "sigmoid" else logarithm


REBALANCING_METHODS = {
    "none": RebalancingMethod(
        "No rebalancing", "Learn from the images as they are; rare digits are often misclassified."
    ),
    "class-weights": RebalancingMethod(
        "Class weights",
        "An error on a rare digit counts as much more as the digit is rarer.",
        "the usual inverse frequency, as scikit-learn's class_weight='balanced'",
        weights=class_weights,
    ),
    "oversampling": RebalancingMethod(
        "Oversampling",
        "Images of rare digits are shown again and again, so that all digits come equally often.",
        'M. Buda, A. Maki and M. Mazurowski, "A systematic study of the class imbalance problem '
        'in convolutional neural networks" (2018)',
        order=oversample,
    ),
    "focal-loss": RebalancingMethod(
        "Focal loss",
        "Images that are easy to classify hardly count, so that training concentrates on the hard "
        "ones, often rare digits.",
        'T.-Y. Lin et al., "Focal loss for dense object detection" (2017)',
        loss=focal,
    ),
    "balanced-softmax": RebalancingMethod(
        "Balanced softmax",
        "During training, the loss accounts for how common each digit is, so that the network does "
        "not learn to prefer the common ones.",
        'J. Ren et al., "Balanced meta-softmax for long-tailed visual recognition" (2020); with '
        'a strength, A. K. Menon et al., "Long-tail learning via logit adjustment" (2021)',
        loss=balanced_softmax,
    ),
    "logit-adjustment": RebalancingMethod(
        "Logit adjustment",
        "After training, the preference for common digits is subtracted from the outputs.",
        'A. K. Menon et al., "Long-tail learning via logit adjustment" (2021)',
        finish=adjust_logits,
    ),
    "classifier-retraining": RebalancingMethod(
        "Classifier retraining",
        "After training, only the last layer is trained again, with all digits equally often.",
        'B. Kang et al., "Decoupling representation and classifier for long-tailed recognition" '
        "(2020)",
        finish=retrain_classifier,
        extra_epochs=HEAD_EPOCHS,
    ),
}
