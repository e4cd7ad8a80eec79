"""The network to measure and to keep while another learns: averaged weights, in float32."""

from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core import networks
from mnist_core.training.compiling import steps_done
from mnist_core.training.config import TrainingConfig

if TYPE_CHECKING:
    import keras

PART = 256  # images at a time


class AveragedCopy:
    """A second network, which takes over the weights of the one that learns when asked to.

    It belongs to this process alone: with several workers, `predict` of the one that learns would
    wait for the others. Keras's graph of it is built once.

    What batch normalisation has noted belongs to the weights of single steps, and averaged weights
    give other numbers. So the copy measures that again.

    Where a training began with another model, the copy may keep a share of those weights: it then
    does nearly all that the other model did, and nearly all that was learned anew.

    Source: P. Izmailov and others, "Averaging weights leads to wider optima and better
    generalization" (2018), for the first; M. Wortsman and others, "Robust fine-tuning of zero-shot
    models" (2022), for the second.

    Parameters
    ----------
    images : float32 (n, 28, 28), as training shows them, to measure batch normalisation by; None
        takes over what the other network has noted
    begun : the weights that the training began with, of which `start_share` is kept; None for none
    """

    def __init__(
        self,
        config: TrainingConfig,
        images: np.ndarray | None = None,
        begun: list[np.ndarray] | None = None,
    ) -> None:
        self.config, self.images, self.begun = config, images, begun
        self._copy: keras.Model | None = None
        self._exact_at = -1  # the step whose weights it has, batch normalisation measured

    def of(self, model: "keras.Model", *, roughly: bool = False) -> "keras.Model":
        """Return the copy, with averaged weights and a share of the first ones where asked for.

        Parameters
        ----------
        roughly : whether batch normalisation may stay as it is, which is quicker
        """
        if self._copy is None:
            rejecting = self.config.non_digit_share > 0
            self._copy = networks.build(self.config.architecture, rejecting=rejecting)
        if not self.config.averaging and self.begun is None:
            self._copy.set_weights(weights_of(model))
            return self._copy
        step = steps_done(model)
        if step != self._exact_at:
            raw = averaged = weights_of(model)
            if self.config.averaging:
                model.optimizer.finalize_variable_values(model.trainable_variables)
                averaged = weights_of(model)
                model.set_weights(raw)
            self._copy.set_weights(self._mixed(averaged))
            self._exact_at = -1
            if not roughly and self.images is not None:
                measure_norms(self._copy, self.images)
                self._exact_at = step
        return self._copy

    def _mixed(self, weights: list[np.ndarray]) -> list[np.ndarray]:
        if self.begun is None:
            return weights
        share = self.config.start_share
        return [
            (1 - share) * now + share * then for now, then in zip(weights, self.begun, strict=True)
        ]


def measure_norms(model: "keras.Model", images: np.ndarray) -> None:
    """Let batch normalisation note the mean and the variance that these images give."""
    import keras

    norms = [x for x in model.layers if isinstance(x, keras.layers.BatchNormalization)]
    if not norms:
        return
    momenta = [norm.momentum for norm in norms]
    network: Any = model
    for done, first in enumerate(range(0, len(images), PART)):
        for norm in norms:
            norm.momentum = done / (done + 1)  # the mean of all parts so far
        network(images[first : first + PART], training=True)
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def weights_of(model: "keras.Model") -> list[np.ndarray]:
    """Return copies: on JAX, arrays may share memory that the next step gives away."""
    return [np.array(values) for values in model.get_weights()]
