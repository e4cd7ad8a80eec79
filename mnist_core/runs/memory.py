"""How much memory this machine, or this container, has left."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil


def memory_free() -> int:
    """Return how many bytes a new process may take, in this container or on this machine."""
    return max(min([psutil.virtual_memory().available, *_left_in_groups()]), 0)


def _left_in_groups() -> Iterator[int]:
    """Yield what is left of each limit of this process's control groups (versions 2 and 1).

    What the kernel keeps of files that were read makes room when it is needed.
    """
    for line in _text(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root = Path("/sys/fs/cgroup/memory" if controllers else "/sys/fs/cgroup")
        limit, used, cache = _FILES[bool(controllers)]
        # Inside a container the path may be that of the host, and its files lie at the root.
        for group in (root, *(root / part for part in _parents(path))):
            most, taken = _text(group / limit).strip(), _text(group / used).strip()
            if most.isdecimal() and taken.isdecimal():
                stats = dict(
                    line.split(" ", 1) for line in _text(group / "memory.stat").splitlines()
                )
                yield int(most) - int(taken) + int(stats.get(cache, 0))


def _parents(path: str) -> list[str]:
    """Return a group's path and those of the groups around it: "a/b" gives "a" and "a/b"."""
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _text(path: Path) -> str:
    """Return what a file of the system says; nothing if it is missing."""
    with contextlib.suppress(OSError, ValueError):
        return path.read_text("utf-8")
    return ""


# Limit, use and cache, by whether the group is of version 1.
_FILES = {
    False: ("memory.max", "memory.current", "inactive_file"),
    True: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}
