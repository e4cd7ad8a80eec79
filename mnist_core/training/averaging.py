"""The network to measure and to keep while another learns: averaged weights, in float32."""

from typing import TYPE_CHECKING

import numpy as np

from mnist_core import networks
from mnist_core.training.config import TrainingConfig

if TYPE_CHECKING:
    import keras


class AveragedCopy:
    """A second network, which takes over the weights of the one that learns when asked to.

    It belongs to this process alone: with several workers, `predict` of the one that learns would
    wait for the others. Keras's graph of it is built once.
    """

    def __init__(self, config: TrainingConfig) -> None:
        self.config = config
        self._copy: keras.Model | None = None

    def of(self, model: "keras.Model") -> "keras.Model":
        """Return the copy, with the averages of the weights where the settings ask for them."""
        if self._copy is None:
            rejecting = self.config.non_digit_share > 0
            self._copy = networks.build(self.config.architecture, rejecting=rejecting)
        weights = raw = _weights(model)
        if self.config.averaging:
            model.optimizer.finalize_variable_values(model.trainable_variables)
            weights = _weights(model)
            model.set_weights(raw)
        self._copy.set_weights(weights)
        return self._copy


def _weights(model: "keras.Model") -> list[np.ndarray]:
    """Return copies: on JAX, arrays may share memory that the next step gives away."""
    return [np.array(values) for values in model.get_weights()]
