"""Reading on a Ray cluster: any number of files, at any address that PyArrow opens."""

from mnist_core.cluster.addresses import Location, is_uri, open_address
from mnist_core.cluster.job import check_installed, connect, read_files
from mnist_core.cluster.models import Models, load_models
from mnist_core.cluster.output import Done, append, find_done, prepare
from mnist_core.cluster.sources import Source, find_remote, find_root

__all__ = [
    "Done",
    "Location",
    "Models",
    "Source",
    "append",
    "check_installed",
    "connect",
    "find_done",
    "find_remote",
    "find_root",
    "is_uri",
    "load_models",
    "open_address",
    "prepare",
    "read_files",
]
