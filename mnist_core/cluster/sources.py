"""The files that a cluster is to read: each once, under the name that its record bears."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnist_core.cluster.addresses import Location, open_address
from mnist_core.errors import PictureError, UsageError
from mnist_core.pictures import archives, formats, imaging
from mnist_core.reading.records import Record

if TYPE_CHECKING:
    import pyarrow.fs


@dataclass
class Source:
    """The files of one file system.

    Attributes
    ----------
    roots : what a path or its beginning stands for in records, see `name_of`
    paths : of the files, as the file system has them; each once
    """

    filesystem: "pyarrow.fs.FileSystem"
    roots: dict[str, str] = field(default_factory=dict)
    paths: dict[str, None] = field(default_factory=dict)

    def name(self, path: str) -> str:
        """Return the name of a file in its record."""
        return name_of(path, self.roots)


def name_of(path: str, roots: Mapping[str, str]) -> str:
    """Return a path as the person gave it: "scans/1.png" for "/home/me/scans/1.png".

    Parameters
    ----------
    path : as its file system has it
    roots : path of each folder or file that was given -> how it was given
    """
    root = path
    while root not in roots:
        parent = posixpath.dirname(root)
        if parent == root:
            return path
        root = parent
    given = roots[root]
    rest = path[len(root) :].lstrip("/")
    if not rest:
        return given
    return given + rest if given.endswith("/") else f"{given}/{rest}"


def find_root(address: str, sources: list[Source]) -> tuple[Source, Location]:
    """Return the source among some that an address belongs to; a new one is added to them.

    Raises
    ------
    UsageError : as `open_address`
    """
    location = open_address(address)
    for source in sources:
        if source.filesystem.equals(location.filesystem):
            break
    else:
        source = Source(location.filesystem)
        sources.append(source)
    return source, location


def find_remote(address: str, sources: list[Source]) -> Iterable[Record]:
    """Add the pictures at an address to the sources, by the rules that folders here have.

    Parameters
    ----------
    address : URI of a file or folder
    sources : get the files

    Yields
    ------
    records of what cannot be read

    Raises
    ------
    UsageError : the address cannot be opened or listed
    """
    from pyarrow.fs import FileSelector, FileType

    source, root = find_root(address, sources)
    scheme = address.partition("://")[0]
    shown = address if scheme == "file" else f"{scheme}://{root.path}"
    source.roots[root.path] = shown.rstrip("/")
    try:
        found = root.filesystem.get_file_info(root.path)
        if found.type == FileType.Directory:
            inside = root.filesystem.get_file_info(FileSelector(root.path, recursive=True))
            files = [info for info in inside if _is_wanted(info.path[len(root.path) :])]
            files = [info for info in files if info.type == FileType.File]
        else:
            files = [found] if found.type == FileType.File else []
    except OSError as error:
        raise UsageError(f"The address {address!r} cannot be listed: {error}") from error
    if not files:
        endings = ", ".join(formats.extensions())
        yield Record(
            address,
            error=f"There is no file at this address, and no picture whose name ends in {endings}.",
        )
    for info in sorted(files, key=lambda info: archives.natural_order(info.path)):
        try:
            imaging.check_length(info.size or 0)
            source.paths[info.path] = None
        except PictureError as error:
            yield Record(source.name(info.path), error=str(error))


def _is_wanted(path: str) -> bool:
    """Return whether a file of a folder is a picture, and not hidden."""
    return formats.has_picture_name(path) and not re.search(r"(^|/)\.", path)
