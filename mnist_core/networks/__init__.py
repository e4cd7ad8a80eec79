"""The networks that can be trained: a record an architecture."""

from mnist_core.networks.record import Architecture
from mnist_core.networks.table import ARCHITECTURES, build

__all__ = ["ARCHITECTURES", "Architecture", "build"]
