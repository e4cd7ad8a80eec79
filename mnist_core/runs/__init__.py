"""Training runs in their own process: start, follow, stop, resume. Imports no TensorFlow.

The app starts the same `python -m mnist_core train` that a person would. All that is known of a run
lies in its folder, so that it survives a closed browser and a restarted app. One training runs at
a time; locks say who it is, and the system opens them when a process dies.
"""

from mnist_core.runs.budget import (
    estimate,
    memory_for_another,
    memory_needed,
    minutes_at_most,
    training_disabled_reason,
)
from mnist_core.runs.control import change_refusal, delete, discard, rename, resume, start, stop
from mnist_core.runs.listing import list_runs, read_status
from mnist_core.runs.memory import memory_free
from mnist_core.runs.results import first_layer, history, mistakes, steps
from mnist_core.runs.status import OUTCOMES, QUEUED, STATES, Status

__all__ = [
    "OUTCOMES",
    "QUEUED",
    "STATES",
    "Status",
    "change_refusal",
    "delete",
    "discard",
    "estimate",
    "first_layer",
    "history",
    "list_runs",
    "memory_for_another",
    "memory_free",
    "memory_needed",
    "minutes_at_most",
    "mistakes",
    "read_status",
    "rename",
    "resume",
    "start",
    "steps",
    "stop",
    "training_disabled_reason",
]
