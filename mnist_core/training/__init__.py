"""Training: a configuration and data in, the best model so far on disk, progress along the way."""

from mnist_core.training.loop import MEASURED, finish_rebalancing, train
from mnist_core.training.progress import Progress
from mnist_core.training.run_folder import (
    BEST,
    COLUMNS,
    CONFIG,
    HISTORY,
    LAST,
    MISTAKES,
    REBALANCED,
    SHOWN_MISTAKES,
    open_run,
    read_config,
    read_history,
)
from mnist_core.training.tasks import TaskTraining, task_of

__all__ = [
    "BEST",
    "COLUMNS",
    "CONFIG",
    "HISTORY",
    "LAST",
    "MEASURED",
    "MISTAKES",
    "REBALANCED",
    "SHOWN_MISTAKES",
    "Progress",
    "TaskTraining",
    "finish_rebalancing",
    "open_run",
    "read_config",
    "read_history",
    "task_of",
    "train",
]
