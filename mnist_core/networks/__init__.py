"""The networks that can be trained: a record an architecture."""

from mnist_core.networks.record import Architecture, Task
from mnist_core.networks.table import ARCHITECTURES, architectures_for, build

__all__ = ["ARCHITECTURES", "Architecture", "Task", "architectures_for", "build"]
