"""What a trainer, and the process that started it, report: `status.json` and `exit.json`."""

from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from mnist_core import atomic
from mnist_core.training.run_folder.layout import EXIT, STATUS, read_file

State = Literal[
    "starting",
    "waiting",
    "preparing",
    "training",
    "finishing",
    "done",
    "stopped",
    "failed",
    "interrupted",
]
Outcome = Literal["", "published", "trained", "unfinished"]
Number = Annotated[float, Meta(ge=-1e15, le=1e15)]
Count = Annotated[int, Meta(ge=0, le=10**15)]
Kind = TypeVar("Kind", bound=msgspec.Struct)


class StatusRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's trainer reported last; `runs.Status` says what the fields mean.

    Attributes
    ----------
    final : whether to go on would come to the same end
    """

    state: State
    created: Number | None = None
    updated: Number | None = None
    epoch: Count | None = None
    step: Count = 0
    steps: Count = 0
    loss: Number | None = None
    accuracy: Number | None = None
    seconds_left: Number | None = None
    message: str = ""
    reason: str = ""
    outcome: Outcome = ""
    final: bool = False
    pid: Count = 0
    memory: Count = 0
    memory_free: Count = 0


class ExitRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How a trainer's process ended.

    Attributes
    ----------
    code : the exit code; negative, the signal that killed it
    created : of the StatusRecord that it was started for
    """

    code: int
    created: Number


def read_record(folder: Path) -> StatusRecord | None:
    """Return what the trainer of a run reported; None if the file is missing or damaged."""
    return _read(folder / STATUS, StatusRecord)


def write_status(folder: Path, record: StatusRecord) -> None:
    """Write what a trainer reports."""
    _write(folder / STATUS, record)


def read_exit(folder: Path) -> ExitRecord | None:
    """Return how the trainer's process ended; None if the file is missing or damaged."""
    return _read(folder / EXIT, ExitRecord)


def write_exit(folder: Path, record: ExitRecord) -> None:
    """Write how the trainer's process ended."""
    _write(folder / EXIT, record)


def _read(path: Path, kind: type[Kind]) -> Kind | None:
    try:
        return msgspec.json.decode(read_file(path), type=kind)
    except (msgspec.DecodeError, RecursionError):
        return None


def _write(path: Path, record: msgspec.Struct) -> None:
    atomic.write_bytes(path, msgspec.json.encode(record) + b"\n")
