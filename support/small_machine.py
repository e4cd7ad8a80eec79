"""A machine as small as Streamlit Community Cloud promises, by a control group where one can be."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from support.app import Server, serve_app

MEMORY = 690_000_000  # bytes
# Of control groups, versions 1 and 2: their folder, and the files of the limit and of the peak.
GROUPS = {
    Path("/sys/fs/cgroup/memory"): ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
    Path("/sys/fs/cgroup"): ("memory.max", "memory.peak"),
}


@contextlib.contextmanager
def serve_small_app(memory: int = MEMORY) -> Iterator[tuple[Server, Path | None]]:
    """Run the app with so many bytes for it and the processes that it starts.

    Yields
    ------
    the app, and the file that has the most bytes that they took together; None if the system lets
    nobody set a limit
    """
    with contextlib.ExitStack() as stack:
        group, peak = stack.enter_context(_group(memory))
        # What a process takes counts where it was when it took it: so it has to start there.
        with _inside(group) if group else contextlib.nullcontext():
            server = stack.enter_context(serve_app())
        yield server, peak


@contextlib.contextmanager
def _group(memory: int) -> Iterator[tuple[Path, Path] | tuple[None, None]]:
    """Make a control group; yields its folder and the file of the peak, or nothing."""
    for root, (limit, peak) in GROUPS.items():
        group = root / f"digit-lab-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(memory))
            with _inside(group):
                pass
        except OSError:
            group.rmdir()
            continue
        try:
            yield group, group / peak
        finally:
            for process in (group / "cgroup.procs").read_text().split():
                (root / "cgroup.procs").write_text(process)
            group.rmdir()
        return
    yield None, None


@contextlib.contextmanager
def _inside(group: Path) -> Iterator[None]:
    """Put this process into a control group for a while; what it starts stays there."""
    (group / "cgroup.procs").write_text(str(os.getpid()))
    try:
        yield
    finally:
        (group.parent / "cgroup.procs").write_text(str(os.getpid()))
