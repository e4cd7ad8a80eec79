"""MNIST: find it, download it, check it, split it."""

import hashlib
import http.client
import os
import tempfile
import urllib.request
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mnist_core.config import MNIST_URL, VALIDATION_IMAGES
from mnist_core.errors import DataError

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Split:
    """Images and their labels.

    Attributes
    ----------
    images : uint8 (n, 28, 28), white ink on black
    labels : uint8 (n,), 0 to 9
    """

    images: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True)
class Mnist:
    """MNIST in three parts: 50,000 to train on, 10,000 to choose by, 10,000 to test once.

    Attributes
    ----------
    given : how many of the images to train on, the last ones, are digits that people gave
    own : digits of one person's hand, which a training shows more often; None without any
    """

    train: Split
    validation: Split
    test: Split
    given: int = 0
    own: Split | None = None

    def with_given(self, given: Split) -> "Mnist":
        """Return a copy that has these to train on, too."""
        pairs = (self.train.images, given.images), (self.train.labels, given.labels)
        return replace(self, train=Split(*map(np.concatenate, pairs)), given=len(given))


def load_mnist(*, progress: Progress | None = None) -> Mnist:
    """Load MNIST, downloading it when this machine has no copy.

    Tries the file that the environment variable `MNIST_PATH` names, else Keras's own cache, else
    downloads from Keras's address into that cache. A damaged file in the cache is reported by a
    warning and replaced; a damaged `MNIST_PATH` is an error, since it is yours.

    Parameters
    ----------
    progress : called with the bytes that are downloaded and their total, 0 if that is unknown

    Returns
    -------
    MNIST; the validation part is the last 10,000 of the 60,000 training images

    Raises
    ------
    DataError : no valid copy, and none could be downloaded

    Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", 1998.
    """
    named = os.environ.get("MNIST_PATH")
    if named:
        return read_mnist(named)
    cached = cache_path()
    if cached.exists():
        try:
            return read_mnist(cached)
        except DataError as error:
            warnings.warn(f"{error} Downloading it again.", stacklevel=2)
    download(cached, progress=progress)
    return read_mnist(cached)


def read_mnist(path: Path | str) -> Mnist:
    """Read MNIST from a file, and never download it.

    Parameters
    ----------
    path : of an `mnist.npz` as Keras distributes it

    Raises
    ------
    DataError : the file is missing or damaged, or it is not MNIST
    """
    return _split(_read(Path(path)))


def cache_path() -> Path:
    """Return where Keras keeps MNIST: `$KERAS_HOME` or `~/.keras`, then `datasets/mnist.npz`."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "datasets" / "mnist.npz"


def local_copy() -> Path | None:
    """Return the path of this machine's copy of MNIST, None if it would have to be downloaded."""
    named = os.environ.get("MNIST_PATH")
    path = Path(named) if named else cache_path()
    return path if path.exists() else None


def download(target: Path, *, url: str = MNIST_URL, progress: Progress | None = None) -> None:
    """Download MNIST to a file, which appears whole or not at all.

    Parameters
    ----------
    progress : called with the bytes that are downloaded and their total, 0 if that is unknown

    Raises
    ------
    DataError : the address cannot be reached, or its content is not MNIST
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".mnist-") as folder:
            part = Path(folder) / target.name
            _fetch(url, part, progress)
            _read(part)
            part.replace(target)
    except (OSError, http.client.HTTPException, DataError) as error:
        why = error.in_public if isinstance(error, DataError) else _without_folders(error)
        raise DataError(
            f"MNIST could not be downloaded from {url} to {target} "
            f"({type(error).__name__}: {why}) Fetch that file on a machine with internet access "
            f"and put it at {target}, or set MNIST_PATH to its place.",
            path=target,
        ) from error


def _without_folders(error: OSError | http.client.HTTPException) -> str:
    """Return what went wrong; of a file of this computer, without its folders."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.strerror}."
    return str(error)


def _fetch(url: str, path: Path, progress: Progress | None) -> None:
    with path.open("wb") as file, urllib.request.urlopen(url, timeout=30) as response:
        total = int(response.headers.get("Content-Length") or 0)
        while block := response.read(1 << 18):
            file.write(block)
            if progress:
                progress(file.tell(), total)


def _read(path: Path) -> dict[str, np.ndarray]:
    """Return the four arrays of an `mnist.npz`, checked against the published checksums."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in SHA256}
    except FileNotFoundError as error:
        raise DataError(
            f"MNIST is not at {path}. MNIST_PATH should name mnist.npz as Keras distributes it "
            f"({MNIST_URL}); unset it to have it downloaded.",
            path=path,
        ) from error
    except UNREADABLE as error:
        message = f"{path} is not a whole mnist.npz ({type(error).__name__})."
        raise DataError(message, path=path) from error
    for name, array in arrays.items():
        if array.dtype != np.uint8 or array.shape[1:] != ((28, 28) if name[0] == "x" else ()):
            message = f"{path} is not MNIST: its {name} has the shape {array.shape}."
            raise DataError(message, path=path)
        if hashlib.sha256(np.ascontiguousarray(array).data).hexdigest() != SHA256[name]:
            raise DataError(
                f"{path} is damaged or not MNIST: its {name} differs from the published one. "
                f"Get the file from {MNIST_URL}.",
                path=path,
            )
    return arrays


def _split(arrays: dict[str, np.ndarray]) -> Mnist:
    chosen = len(arrays["x_train"]) - VALIDATION_IMAGES
    images, labels = arrays["x_train"], arrays["y_train"]
    return Mnist(
        train=Split(images[:chosen], labels[:chosen]),
        validation=Split(images[chosen:], labels[chosen:]),
        test=Split(arrays["x_test"], arrays["y_test"]),
    )


# How many of each digit, from 0 to 9, the 50,000 images to train on hold.
TRAIN_COUNTS = (4932, 5678, 4968, 5101, 4859, 4506, 4951, 5175, 4842, 4988)

# What numpy.load and reading its arrays raise when a file is not a whole .npz.
UNREADABLE = (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error)

# Of each array's bytes, not of the archive: the archive can be compressed again.
SHA256 = {
    "x_train": "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    "y_train": "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    "x_test": "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161",
    "y_test": "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5",
}
