"""Files that are always whole: readers see the old content or the new one, never a part."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

PART = "part-"  # what the name of a file begins with while it is written


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to; at the end that file takes the place of `path`.

    An error leaves `path` as it was. A process that is killed leaves a file whose name begins
    with PART.
    """
    part = path.with_name(f"{PART}{path.name}")
    try:
        yield part
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_bytes(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write a whole file, on request through to the disk (slower, but survives a power cut)."""
    with replacing(path) as part, part.open("wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def write_text(path: Path, text: str) -> None:
    """Write a whole file in UTF-8."""
    write_bytes(path, text.encode())
