"""What is known of a run, and the words for its states and outcomes."""

from dataclasses import dataclass

from mnist_core.training.config import TrainingConfig
from mnist_core.training.run_folder import Outcome, State

STATES: dict[State, str] = {
    "starting": "The training is being started.",
    "waiting": "The training is queued: one training runs at a time.",
    "preparing": "The images are being loaded and the network is being built.",
    "training": "The network is learning.",
    "finishing": "The best weights are being turned into a model and measured.",
    "done": "The training has ended.",
    "stopped": "The training was stopped before its end.",
    "failed": "The training could not continue.",
    "interrupted": "The training was interrupted.",
}
OUTCOMES: dict[Outcome, str] = {
    "": "",
    "published": "The best weights were kept.",
    "trained": "The best weights were kept in the run's folder; no model was written.",
    "unfinished": "No epoch was finished, so no model was written.",
}
QUEUED = ("starting", "waiting")
ALIVE = (*QUEUED, "preparing", "training", "finishing")


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is known of a run.

    Attributes
    ----------
    name : of the folder and of the model to be
    config : None if it is damaged
    created : when it was last asked for, in seconds since 1970; decides whose turn comes
    updated : when its trainer last reported something
    epoch, epochs, step, steps : now, counted from 1; 0 before
    loss, accuracy : on training images, averaged over the epoch so far; None before
    reason : for people: why it ended early; empty if it did not, or in runs from before 0.2
    outcome : what became of its weights, a key of OUTCOMES
    message : for people: reason, outcome and what was written, as the command line shows it
    queued_behind : the runs whose turn comes before
    resumable : whether `resume` would continue it
    published : whether there is a model that this run has written
    stopping : whether it was asked to stop and is still at work
    memory, memory_free : bytes that its trainer took and that were left, at its last report
    """

    name: str
    state: State
    config: TrainingConfig | None = None
    created: float = 0.0
    updated: float = 0.0
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    accuracy: float | None = None
    seconds_left: float | None = None
    reason: str = ""
    outcome: Outcome = ""
    message: str = ""
    queued_behind: tuple[str, ...] = ()
    resumable: bool = False
    published: bool = False
    stopping: bool = False
    memory: int = 0
    memory_free: int = 0

    @property
    def alive(self) -> bool:
        """Whether a process works on it, or is about to."""
        return self.state in ALIVE
