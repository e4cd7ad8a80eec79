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
    TrainingError,
    open_run,
    read_config,
    read_history,
)
from mnist_core.training.loop import (
    MEASURED,
    cure,
    train,
)
from mnist_core.training.progress import (
    DivergedError,
    Progress,
)

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
    "DivergedError",
    "Progress",
    "TrainingError",
    "cure",
    "open_run",
    "read_config",
    "read_history",
    "train",
]
