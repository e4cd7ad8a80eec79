"""The loss of the detector, and how much of it is right.

Both take targets (n, h, w, 8) as `make_targets` gives them and outputs (n, h, w, 21) of the
network, and are written in Keras's operations alone.
"""

from typing import Any

from mnist_core.config import MARKS

CLASS_WEIGHT, BOX_WEIGHT = 1.5, 0.7
CLASSES_AT = slice(1, 1 + len(MARKS))
Tensor = Any


def detection_loss(targets: Tensor, outputs: Tensor) -> Tensor:
    """Return focal loss of the centres + 1.5 cross-entropy of the classes + 0.7 L1 of the boxes.

    All are sums over the batch, divided by its number of marks. The focal loss is the one of
    "Objects as points" (X. Zhou and others, 2019).

    Returns
    -------
    a scalar
    """
    import keras

    ops: Any = keras.ops
    outputs = ops.cast(outputs, "float32")
    targets = ops.cast(targets, "float32")
    centre, counted = targets[..., 0], targets[..., 1]
    kind, weight, box = ops.cast(targets[..., 2], "int32"), targets[..., 3], targets[..., 4:]
    marks = ops.maximum(ops.sum(weight), 1.0)

    logit = outputs[..., 0]
    here, log_here, log_not = ops.sigmoid(logit), ops.log_sigmoid(logit), ops.log_sigmoid(-logit)
    is_centre = ops.cast(centre > 1 - 1e-4, "float32")
    focal = -is_centre * (1 - here) ** 2 * log_here
    focal -= (1 - is_centre) * (1 - centre) ** 4 * here**2 * log_not

    classes = ops.log_softmax(outputs[..., CLASSES_AT], axis=-1)
    right = ops.one_hot(kind, len(MARKS), dtype="float32")
    entropy = -ops.sum(classes * right, axis=-1)
    distance = ops.sum(ops.abs(outputs[..., CLASSES_AT.stop :] - box), axis=-1)
    wrong = CLASS_WEIGHT * entropy + BOX_WEIGHT * distance
    return ops.sum(focal * counted + wrong * weight) / marks


def class_accuracy(targets: Tensor, outputs: Tensor) -> Tensor:
    """Return the share of marks whose class is right where they are, a scalar."""
    import keras

    ops: Any = keras.ops
    weight = ops.cast(targets[..., 3], "float32")
    found = ops.argmax(outputs[..., CLASSES_AT], axis=-1)
    right = ops.cast(found == ops.cast(targets[..., 2], found.dtype), "float32")
    return ops.sum(right * weight) / ops.maximum(ops.sum(weight), 1e-6)
