"""Records as Parquet, which PyArrow writes and whatever handles tables reads.

PyArrow is imported when it is needed: only those who write Parquet have to install it.
"""

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_core.errors import UsageError
from mnist_core.reading import records
from mnist_core.reading.records import Record

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 1000  # records that are kept in memory until they are written together


def check_installed() -> None:
    """Check that PyArrow is installed, without importing it.

    Raises
    ------
    UsageError : it is missing
    """
    if importlib.util.find_spec("pyarrow") is None:
        raise UsageError(
            "Parquet files need pyarrow, which is not installed: pip install pyarrow. "
            "--json and --csv work without it."
        )


def schema() -> "pa.Schema":
    """Return the columns of a table of records: those of `records.to_dict`."""
    import pyarrow as pa

    digit = {
        "digit": pa.int32(),
        "confidence": pa.float64(),
        "is_digit": pa.float64(),
        "accepted": pa.bool_(),
        "box": pa.list_(pa.int32()),
        "line": pa.int32(),
    }
    return pa.schema(
        {
            "file": pa.string(),
            "page": pa.int32(),
            "text": pa.string(),
            "written": pa.string(),
            "digits": pa.list_(pa.struct(digit)),
            "turned": pa.int32(),
            "remark": pa.string(),
            "error": pa.string(),
        }
    )


def to_table(found: Iterable[Record]) -> "pa.Table":
    """Return records as a table, one row each.

    Bytes of a file's name that are not UTF-8, which no Parquet file can hold, are written out.
    """
    import pyarrow as pa

    return pa.Table.from_pylist(
        [
            {
                name: storable(value) if isinstance(value, str) else value
                for name, value in records.to_dict(record).items()
            }
            for record in found
        ],
        schema=schema(),
    )


def storable(text: str) -> str:
    """Return a text with what is not UTF-8 in it, as in some files' names, written out."""
    return text.encode("utf-8", "backslashreplace").decode()


@contextlib.contextmanager
def open_parquet(path: Path) -> Iterator[Callable[[Record], None]]:
    """Yield a function that adds a record to a new Parquet file.

    The file takes its place, and that of another one, when it is complete: not at all if something
    stops it.

    Raises
    ------
    OSError : it cannot be written
    """
    import pyarrow.parquet as pq

    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    waiting: list[Record] = []
    try:
        with pq.ParquetWriter(unfinished, schema()) as file:

            def write(record: Record) -> None:
                waiting.append(record)
                if len(waiting) >= ROWS:
                    file.write_table(to_table(waiting))
                    waiting.clear()

            yield write
            if waiting:
                file.write_table(to_table(waiting))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
