"""Where a training stands, and how long it will take."""

import math
import time
from dataclasses import dataclass

from mnist_core.errors import DivergedError

FIRST_STEP = 50  # so many usual steps the first one may take


@dataclass(frozen=True)
class Progress:
    """Where a training stands, after a step.

    Attributes
    ----------
    epoch, epochs, step, steps : int, counted from 1; steps are of this epoch. The last step
        comes a second time, with the validation
    loss, accuracy : float, on training images, averaged over the epoch so far
    seconds_left : float, an estimate for all epochs
    validation : dict at the end of an epoch, None within it: `loss`, `accuracy`, `damaged` (the
        accuracy on validation images damaged as in training; the clean ones if there is no
        damage), `balanced` and `worst` (the mean and the least of the ten digits' recalls)
    best : bool, whether these are the best weights so far; only at the end of an epoch
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    seconds_left: float
    validation: dict | None = None
    best: bool = False


class Clock:
    """Estimates the time left from the steps done since this process began.

    The first step does not count: in it Keras builds the network's graph.
    """

    def __init__(self, steps):
        self.start, self.done, self.steps = time.monotonic(), 0, steps
        self.first = self.start

    def elapsed(self):
        """Return the seconds since this process began to learn."""
        return time.monotonic() - self.start

    def step(self):
        """Note that a step is done; return the seconds that those to come may take."""
        self.done += 1
        if self.done == 1:
            self.first = time.monotonic()
            return self.elapsed() * (self.steps - 1) / FIRST_STEP
        return (time.monotonic() - self.first) / (self.done - 1) * (self.steps - self.done)


def check_loss(loss, config, epoch, step):
    """Raise DivergedError if a loss is no number."""
    if not math.isfinite(loss):
        raise DivergedError(
            f"The loss stopped being a number in epoch {epoch}, step {step}. Lower the learning "
            f"rate (it is {config.learning_rate:g}) and train again."
        )
