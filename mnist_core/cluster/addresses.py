"""Addresses of files and folders: on this computer, or wherever PyArrow finds them."""

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_core.errors import UsageError

if TYPE_CHECKING:
    import pyarrow.fs

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # of one letter, it is a drive of Windows


@dataclass(frozen=True)
class Location:
    """A file or folder of a file system.

    Attributes
    ----------
    path : as the file system has it, without "s3://"
    """

    filesystem: "pyarrow.fs.FileSystem"
    path: str


def is_uri(address: str) -> bool:
    """Return whether an address names its file system, as "s3://bucket/folder" does."""
    return _SCHEME.match(address) is not None


def open_address(address: str) -> Location:
    """Find the file system of an address.

    Parameters
    ----------
    address : a path of this computer, or a URI that PyArrow opens

    Raises
    ------
    UsageError : PyArrow knows no such file system, or cannot reach it
    """
    import pyarrow as pa
    import pyarrow.fs

    if not is_uri(address):
        path = os.path.abspath(address)  # noqa: PTH100 - links stay as they were given
        return Location(pyarrow.fs.LocalFileSystem(), path)
    try:
        filesystem, path = pyarrow.fs.FileSystem.from_uri(address)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UsageError(
            f"The address {address!r} cannot be opened ({error}). Expected a path, or an address "
            "that PyArrow opens, such as s3://bucket/folder."
        ) from error
    return Location(filesystem, path.rstrip("/") or path)
