"""The folder of Parquet files that a cluster writes: what is in it already, and who made it."""

import hashlib
import json
import posixpath
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mnist_core.cluster.addresses import Location
from mnist_core.cluster.models import Models
from mnist_core.errors import UsageError
from mnist_core.reading import parquet
from mnist_core.reading.records import Record

if TYPE_CHECKING:
    import pyarrow as pa

MADE_BY = "_digit_lab.json"  # programs that read folders of Parquet pass over such names
THREADS = 16  # that look into files at once; most of the time goes into waiting for a network


@dataclass(frozen=True)
class Done:
    """What the output holds.

    Attributes
    ----------
    files : whose records are there
    records, failed : how many, and how many of them are errors
    """

    files: set[str] = field(default_factory=set)
    records: int = 0
    failed: int = 0


def prepare(out: Location, models: Models, *, single: bool) -> None:
    """Make the folder, or check that what it holds was read in the same way.

    Raises
    ------
    UsageError : it is a file, or was made by something else
    OSError : it cannot be made or read
    """
    from pyarrow.fs import FileType

    ours = {
        "model": models.card.name,
        "sha256": [
            hashlib.sha256(content).hexdigest()
            for content in (*models.classifier.values(), models.detector)
            if content is not None
        ],
        "single": single,
    }
    path = posixpath.join(out.path, MADE_BY)
    if out.filesystem.get_file_info(out.path).type == FileType.File:
        raise UsageError(f"{out.path} is a file; on a cluster, --out takes a folder.")
    if out.filesystem.get_file_info(path).type == FileType.File:
        with out.filesystem.open_input_stream(path) as file:
            theirs = json.loads(file.read())
        if theirs != ours:
            raise UsageError(
                f"{out.path} holds what {theirs.get('model')!r} read, with other weights or "
                "options than these: choose another --out, or delete it."
            )
        return
    if any(_parquet_files(out)):
        raise UsageError(f"{out.path} holds Parquet files of something else: choose another --out.")
    out.filesystem.create_dir(out.path, recursive=True)
    with out.filesystem.open_output_stream(path) as file:
        file.write((json.dumps(ours, indent=1) + "\n").encode())


def find_done(out: Location) -> Done:
    """Return what the output holds; files that a stopped run left half written are removed.

    Raises
    ------
    OSError : it cannot be read
    """
    with ThreadPoolExecutor(THREADS) as threads:
        tables = [
            found
            for found in threads.map(lambda path: _read(out, path), _parquet_files(out))
            if found is not None
        ]
    files = {name for table in tables for name in table["file"].to_pylist()}
    records = sum(table.num_rows for table in tables)
    return Done(files, records, records - sum(table["error"].null_count for table in tables))


def append(out: Location, records: Sequence[Record]) -> None:
    """Write records, if there are any, into a file of their own."""
    import pyarrow.parquet as pq

    if not records:
        return
    path = posixpath.join(out.path, f"errors-{uuid.uuid4().hex}.parquet")
    pq.write_table(parquet.to_table(records), path, filesystem=out.filesystem)


def _parquet_files(out: Location) -> Iterator[str]:
    from pyarrow.fs import FileSelector

    for info in out.filesystem.get_file_info(FileSelector(out.path, allow_not_found=True)):
        if info.path.endswith(".parquet"):
            yield info.path


def _read(out: Location, path: str) -> "pa.Table | None":
    """Return the names and errors in a file; None if it was half written, and is gone now."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(path, columns=["file", "error"], filesystem=out.filesystem)
    except pa.ArrowInvalid:
        out.filesystem.delete_file(path)
        return None
