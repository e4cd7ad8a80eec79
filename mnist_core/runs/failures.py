"""Errors that end a training, in words for people."""

import errno
from pathlib import Path

from mnist_core.errors import DigitLabError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_expected(error: BaseException) -> bool:
    """Return whether an error is none of the program's own faults."""
    return isinstance(error, DigitLabError | OSError) or _is_out_of_memory(error)


def describe(error: BaseException) -> str:
    """Return what went wrong and what to do, without the folders of this machine."""
    if isinstance(error, OSError) and error.errno in FULL:
        return (
            f"The disk is full ({error.strerror}). Delete something, for instance old trainings, "
            "then resume this one."
        )
    if _is_out_of_memory(error):
        return "Memory ran out. Train with smaller batches or a smaller network."
    if isinstance(error, OSError) and error.strerror:
        file = f": {Path(error.filename).name!r}" if error.filename else ""
        return f"{error.strerror}{file}"
    if is_expected(error):
        return str(error)
    return f"An unexpected error: {type(error).__name__}: {error}"


def _is_out_of_memory(error: BaseException) -> bool:
    # TensorFlow's own kind; to import it here would cost seconds.
    return isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError"
