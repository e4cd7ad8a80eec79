"""MNIST: find, download, check and split it; profiles of imbalance."""

from mnist_core.data.mnist import (
    TRAIN_COUNTS,
    UNREADABLE,
    DataError,
    Mnist,
    Split,
    cache_path,
    check_images,
    download,
    load_mnist,
    local_copy,
    read_mnist,
    to_float,
)

__all__ = [
    "TRAIN_COUNTS",
    "UNREADABLE",
    "DataError",
    "Mnist",
    "Split",
    "cache_path",
    "check_images",
    "download",
    "load_mnist",
    "local_copy",
    "read_mnist",
    "to_float",
]
