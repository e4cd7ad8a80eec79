"""Make a network ready to learn: its first weights, optimiser and loss."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from mnist_core import networks
from mnist_core.config import CLASSES
from mnist_core.errors import RunError
from mnist_core.networks import outputs
from mnist_core.training import export, narrowing, rebalancing, transfer
from mnist_core.training.config import TrainingConfig

if TYPE_CHECKING:
    import keras

# However short a training is, running averages look back over at most so much of it: that of the
# weights over a share of all steps, those of batch normalisation over a share of an epoch's, so
# that after an epoch they have all but forgotten what they began with: no image had a part in that.
LOOK_BACK, NORMS_LOOK_BACK = 0.1, 0.1


def new_model(
    config: TrainingConfig,
    steps: int,
    labels: np.ndarray,
    *,
    start: "keras.Model | None" = None,
    shown: Callable[[], np.ndarray] | None = None,
) -> "keras.Model":
    """Build and compile a network.

    Parameters
    ----------
    steps : of an epoch
    labels : int (n,), of all training images
    start : a model whose weights to begin with, None for fresh ones
    shown : gives some images as training shows them, to fit the layers by where `start` is wider

    Raises
    ------
    RunError : the layers of `start` do not fit, or the settings ask for one and it is None
    """
    model = networks.build(
        config.architecture,
        seed=config.seed,
        half_precision=config.half_precision,
        rejecting=config.non_digit_share > 0,
    )
    if config.start and start is None:
        raise RunError(f"The model {config.start!r} to begin with was not given.")
    if start is not None:
        _transfer(start, model, config, shown)
    _compile(model, config, steps, labels)
    return model


def steps_done(model: "keras.Model") -> int:
    """Return how many steps a network has learned from."""
    return int(model.optimizer.iterations.numpy())


def _transfer(
    start: "keras.Model",
    model: "keras.Model",
    config: TrainingConfig,
    shown: Callable[[], np.ndarray] | None,
) -> None:
    try:
        old, new = outputs.classifier_of(start), outputs.classifier_of(model)
        if shown and not transfer.can_copy(old, new):
            narrowing.narrow(old, new, shown())
        else:
            transfer.transfer(old, new, np.random.default_rng(config.seed))
        if outputs.rejects(start) and outputs.rejects(model):
            outputs.copy_rejection(start, model)
    except ValueError as error:
        raise RunError(
            f"A {config.architecture} cannot begin with the weights of {config.start!r}: {error}"
        ) from error


def _compile(model: "keras.Model", config: TrainingConfig, steps: int, labels: np.ndarray) -> None:
    import keras

    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = min(layer.momentum, _momentum(NORMS_LOOK_BACK * steps))
    longest = _momentum(LOOK_BACK * steps * config.epochs)
    rate = float(config.learning_rate)
    if config.schedule == "cosine":
        total = steps * config.epochs
        warm = min(steps, total // 10)
        rate = keras.optimizers.schedules.CosineDecay(
            rate / 20, total - warm, warmup_target=rate, warmup_steps=warm
        )
    kind = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD,
    }[config.optimiser]
    options = {"weight_decay": config.weight_decay} if config.optimiser == "adamw" else {}
    if config.averaging:
        options |= {"use_ema": True, "ema_momentum": min(config.averaging, longest)}
    kind_of_output = export.output_kind(model)
    from_logits = kind_of_output == "logits"
    method = rebalancing.REBALANCING_METHODS[config.rebalancing]
    if method.loss:
        counts = np.bincount(labels, minlength=CLASSES)
        loss = method.loss(counts, config.strength, kind_of_output, config.label_smoothing)
    elif config.loss == "categorical_crossentropy":
        loss = keras.losses.CategoricalCrossentropy(from_logits, config.label_smoothing)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits)
    optimiser = kind(rate, **options)
    if not outputs.rejects(model):
        model.compile(optimizer=optimiser, loss=loss, metrics=["accuracy"])
        return
    model.compile(
        optimizer=optimiser,
        loss={outputs.DIGITS: loss, outputs.IS_DIGIT: keras.losses.BinaryCrossentropy(True)},
        weighted_metrics={outputs.DIGITS: ["accuracy"]},
    )


def _momentum(steps: float) -> float:
    """Return the momentum of a running average that looks back over so many steps."""
    return 1 - 1 / max(steps, 2)
