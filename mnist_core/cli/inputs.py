"""Which pictures the paths on a command line stand for, page by page."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mnist_core.cluster.addresses import is_uri
from mnist_core.pictures import archives, formats
from mnist_core.reading.files import count_pages

PATHS = (
    "A folder stands for all pictures in it and in its subfolders "
    f"({', '.join(formats.extensions())}), sorted by name with numbers by their value (2 before "
    "10). Hidden files and links to other folders are skipped. A file that you name is opened "
    "whatever its name ends in. What you name twice is read twice. A folder without pictures "
    "is reported as a failure. Each page of a TIFF or PDF is read as a picture of its own."
)


ADDRESS = (
    "This is an address, and only files of this computer are read here: add --on ray to read "
    "s3://, gs:// and hdfs:// (docs/cluster.md); download pictures of the web first."
)


@dataclass(frozen=True)
class Given:
    """A page of a file that was named, or the whole of one that is a picture.

    Attributes
    ----------
    error : why there is nothing to read; None if there is
    page : counted from 1
    pages : how many the file has
    """

    file: str
    error: str | None = None
    page: int = 1
    pages: int = 1


def find(path: str) -> list[Given]:
    """Find the files that the path of a file or folder stands for."""
    if is_uri(path) and not os.path.lexists(path):
        return [Given(path, ADDRESS)]
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where it may not look
        return [Given(path)]
    found: list[Given] = []

    def refused(error: OSError) -> None:
        found.append(Given(error.filename, f"This folder cannot be opened ({error.strerror})."))

    for folder, folders, names in os.walk(path, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Given(os.path.join(folder, name))  # noqa: PTH118 - the path as it was given
            for name in names
            if not name.startswith(".") and formats.has_picture_name(name)
        ]
    if not found:
        endings = ", ".join(formats.extensions())
        return [Given(path, f"This folder has no picture whose name ends in {endings}.")]
    return sorted(found, key=lambda given: _natural(given.file))


def split_pages(files: Iterable[Given]) -> Iterator[Given]:
    """Yield the pages of files, when they are wanted; a file that cannot be opened has one."""
    for given in files:
        pages = 1 if given.error else count_pages(Path(given.file))
        for page in range(1, pages + 1):
            yield Given(given.file, given.error, page, pages)


def _natural(name: str) -> tuple[list[Any], str]:
    """Return a key that sorts part by part, numbers by their value."""
    return [archives.natural_order(part)[0] for part in Path(name).parts], name
