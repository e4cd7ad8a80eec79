"""Constants and paths that the whole project shares."""

import functools
import os
import re
from pathlib import Path

from mnist_core.errors import InvalidValueError

PACKAGE_DIR = Path(__file__).resolve().parent
PROJECT_DIR = PACKAGE_DIR.parent

CLASSES = 10
IMAGE_SIZE = 28
DEFAULT_MODEL = "digit-net"
SHIPPED_MODELS = (  # which come with the project: the default, then by name
    DEFAULT_MODEL,
    "cnn-augmented",
    "cnn-three",
    "dense-five",
    "dense-sigmoid",
    "digit-net-wide",
    "lenet-two",
)
SHIPPED_DETECTORS = ("number-net",)
PRECISIONS = ("float32", "int8")
# What the detector tells apart on a page, by class number; "other" is a mark that is not written.
MARKS = (*"0123456789", ".", ",", "-", "/", "+", "other")
# What it takes and gives: height and width are multiples of STRIDE pixels; for each square of CELL
# pixels it gives OUTPUTS numbers, with logarithms of sides that are 0 for UNIT pixels.
STRIDE, CELL, UNIT, OUTPUTS = 16, 4, 16.0, 1 + len(MARKS) + 4

MODEL_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")

MNIST_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
VALIDATION_IMAGES = 10_000

_CPUINFO = Path("/proc/cpuinfo")

# The most that visitors may bring, and that is kept for them; SECURITY.md lists all of these.
MAX_BYTES = 20_000_000  # of an upload; .streamlit/config.toml and deploy/nginx.conf say so, too
MAX_PIXELS = 50_000_000  # of a picture
MAX_SIDE = (
    65_535  # pixels of a picture's longer side, as JPEG has it; decoders keep a table of rows
)
MAX_DECODING = 300_000_000  # bytes of memory that a decoder may take
MAX_PAGES = 200  # that are read of a document
MAX_ZIP_ENTRIES = 50_000  # whatever they are
MAX_ZIP_BYTES = 300_000_000  # of all pictures of a zip, unpacked
MAX_PICTURES = 200  # of a visit, in zips and apart
MAX_VISIT_BYTES = 1_000_000_000  # of a visit's uploads, where there is as much memory
MAX_READINGS = 3 * MAX_PICTURES  # kept of a visit, by one model or several
MAX_VISIT_DIGITS = 30_000  # in all pictures of a visit
MAX_STROKES = 1000  # of a drawing; no hand draws more
MAX_POINTS = 20_000  # of a drawing
MAX_DRAWING = 2_000_000  # characters of a drawing's JSON; maxWidgetStateSize is one MB more
MAX_LINK = 2000  # characters of a link with a drawing; what follows is often cut off
MAX_TAUGHT = 200  # digits of a visit that the model is taught
MAX_STORED = 20  # taught models that visitors may store, where the deployer lets them
MAX_LABELLED_BYTES = 2_000_000  # of a file of labelled digits, packed and unpacked
MAX_TAUGHT_ZIP_BYTES = 20_000_000  # of the zip of a taught model, in which that file may be
MAX_WAITING = 6  # trainings: one runs without rebalancing; one waits for each of the six methods
MAX_ENDED = 20  # trainings that are kept once they have ended


def cpu_count() -> int:
    """Return how many processor cores this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@functools.cache
def processor_flags() -> frozenset[str]:
    """Return what this processor can do, in Linux's names ("avx512f"); empty where unknown."""
    try:
        text = _CPUINFO.read_text("utf-8", "replace")
    except OSError:
        return frozenset()
    found = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return frozenset(found[1].split() if found else ())


def knows_bfloat16() -> bool:
    """Return whether this processor computes in bfloat16; others emulate it, ten times slower."""
    return not processor_flags().isdisjoint({"avx512_bf16", "amx_bf16"})


def check_name(name: str) -> str:
    """Return a model name unchanged, or refuse it.

    Raises
    ------
    InvalidValueError : the name is not 1 to 41 small letters, digits and hyphens

    Examples
    --------
    >>> check_name("my-model-2")
    'my-model-2'
    >>> check_name("../model")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    mnist_core.errors.InvalidValueError: '../model' cannot be the name of a model: ...
    """
    if not isinstance(name, str) or not MODEL_NAME.fullmatch(name):
        raise InvalidValueError(
            f"{name!r} cannot be the name of a model: use 1 to 41 small letters, digits and "
            "hyphens, beginning with a letter or digit, for instance 'my-model-2'."
        )
    return name
