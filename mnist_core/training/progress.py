"""Where a training stands, and how long it will take."""

import math
import time
from dataclasses import dataclass

from mnist_core.errors import DivergedError
from mnist_core.training.config import TrainingConfig

FIRST_STEP = 50  # so many usual steps the first one may take


@dataclass(frozen=True)
class Progress:
    """Where a training stands, after a step.

    Attributes
    ----------
    epoch, epochs, step, steps : counted from 1; steps are of this epoch. The last step comes a
        second time, with the validation
    loss, accuracy : on training images, averaged over the epoch so far
    seconds_left : an estimate for all epochs
    validation : None within an epoch; at its end `loss`, `accuracy`, `corrupted` (the accuracy on
        validation images corrupted as in training; on clean ones if nothing is corrupted),
        `balanced` and `worst_recall` (the mean and the least of the ten digits' recalls)
    best : whether these are the best weights so far; only at the end of an epoch
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    seconds_left: float
    validation: dict[str, float] | None = None
    best: bool = False


class Clock:
    """Estimates the time left from the steps done since this process began.

    The first step does not count: in it Keras builds the network's graph.
    """

    def __init__(self, steps: int) -> None:
        self.start, self.done, self.steps = time.monotonic(), 0, steps
        self.first = self.start

    def elapsed(self) -> float:
        """Return the seconds since this process began to learn."""
        return time.monotonic() - self.start

    def step(self) -> float:
        """Note that a step is done; return the seconds that those to come may take."""
        self.done += 1
        if self.done == 1:
            self.first = time.monotonic()
            return self.elapsed() * (self.steps - 1) / FIRST_STEP
        return (time.monotonic() - self.first) / (self.done - 1) * (self.steps - self.done)


def check_loss(loss: float, config: TrainingConfig, epoch: int, step: int) -> None:
    """Raise DivergedError unless a loss is a finite number."""
    if not math.isfinite(loss):
        raise DivergedError(
            f"The loss stopped being a number in epoch {epoch}, step {step}. Lower the learning "
            f"rate (it is {config.learning_rate:g}) and train again."
        )
