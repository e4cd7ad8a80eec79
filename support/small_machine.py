"""A machine as small as Streamlit Community Cloud promises, by a control group where one can be."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

MEMORY = 690_000_000  # bytes
# Of control groups, versions 1 and 2: their folder, and the files of the limit and of the peak.
GROUPS = {
    Path("/sys/fs/cgroup/memory"): ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
    Path("/sys/fs/cgroup"): ("memory.max", "memory.peak"),
}


@contextlib.contextmanager
def within(pid: int, memory: int = MEMORY) -> Iterator[Path | None]:
    """Keep a process and its children to so many bytes.

    Yields
    ------
    the file that has the most bytes that they took together; None if the system lets nobody do so
    """
    for root, (limit, peak) in GROUPS.items():
        group = root / f"digit-lab-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            with contextlib.suppress(OSError):  # version 1 alone: what it has already counts, too
                (group / "memory.move_charge_at_immigrate").write_text("3")
            (group / limit).write_text(str(memory))
            (group / "cgroup.procs").write_text(str(pid))
        except OSError:
            group.rmdir()
            continue
        try:
            yield group / peak
        finally:
            for process in (group / "cgroup.procs").read_text().split():
                (root / "cgroup.procs").write_text(process)
            group.rmdir()
        return
    yield None
