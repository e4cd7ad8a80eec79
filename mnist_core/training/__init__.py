"""Training: a configuration and data in, the best model so far on disk, progress along the way."""

from mnist_core.training.files import (
    BEST,
    COLUMNS,
    CONFIG,
    CURED,
    HISTORY,
    LAST,
    MISTAKES,
    SHOWN_MISTAKES,
    open_run,
    read_config,
    read_history,
)
from mnist_core.training.loop import (
    MEASURED,
    finish_rebalancing,
    train,
)
from mnist_core.training.progress import Progress

__all__ = [
    "BEST",
    "COLUMNS",
    "CONFIG",
    "CURED",
    "HISTORY",
    "LAST",
    "MEASURED",
    "MISTAKES",
    "SHOWN_MISTAKES",
    "Progress",
    "finish_rebalancing",
    "open_run",
    "read_config",
    "read_history",
    "train",
]
