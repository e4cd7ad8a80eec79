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
    "finish_rebalancing",
    "open_run",
    "read_config",
    "read_history",
    "train",
]
