"""MNIST: find, download, check and split it; profiles of imbalance; files of labelled digits."""

from mnist_core.data.labelled import beside, from_npz, last_of_each, to_npz, without
from mnist_core.data.mnist import (
    MNIST_URL,
    TRAIN_COUNTS,
    UNREADABLE,
    Mnist,
    Split,
    cache_path,
    download,
    load_mnist,
    local_copy,
    read_mnist,
)

__all__ = [
    "MNIST_URL",
    "TRAIN_COUNTS",
    "UNREADABLE",
    "Mnist",
    "Split",
    "beside",
    "cache_path",
    "download",
    "from_npz",
    "last_of_each",
    "load_mnist",
    "local_copy",
    "read_mnist",
    "to_npz",
    "without",
]
