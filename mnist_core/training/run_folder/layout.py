"""Which files a run's folder holds, which folders are runs, and who holds one."""

import contextlib
import os
import stat
import time
from pathlib import Path

import filelock

from mnist_core.atomic import PART
from mnist_core.config import check_name
from mnist_core.errors import RunError
from mnist_core.workspace import Workspace

CONFIG, HISTORY, MISTAKES = "config.json", "history.csv", "mistakes.npz"
FIRST_LAYER = "first_layer.npz"
BEST, LAST, REBALANCED = "best.keras", "last.keras", "rebalanced.keras"
BEGUN = "begun.keras"
STATUS, STEPS, STOP, EXIT, LOG = "status.json", "steps.csv", "stop", "exit.json", "log.txt"
DISCARD, GIVEN, OWN = "discard", "given.npz", "own.npz"
LOCK, RESERVE = ".lock", ".reserve"
# Beside the folders of runs: who trains, who starts a training, what is being deleted.
TURN_LOCK, START_LOCK, DELETED = ".turn.lock", ".start.lock", ".deleted-"
BEFORE_0_2 = ("cured.keras",)  # what REBALANCED was called
OF_TRAINING = (HISTORY, MISTAKES, FIRST_LAYER, BEST, LAST, BEGUN, REBALANCED, *BEFORE_0_2)
ALL = (CONFIG, GIVEN, OWN, *OF_TRAINING, STATUS, STEPS, STOP, DISCARD, EXIT, LOG, RESERVE)
LARGEST = 2**23  # bytes; more is not read


def find(name: str, workspace: Workspace) -> Path:
    """Return the folder of a run.

    Raises
    ------
    RunError : there is no such run
    """
    try:
        folder = workspace.runs / check_name(name)
    except ValueError as error:
        raise RunError(str(error)) from error
    if not _is_run(folder):
        raise RunError(f"There is no training called {name!r}.")
    return folder


def list_folders(workspace: Workspace) -> list[Path]:
    """Return the folders of all runs, in no particular order."""
    try:
        found = list(workspace.runs.iterdir())
    except OSError:
        return []
    return [folder for folder in found if _has_name(folder) and _is_run(folder)]


def clear(folder: Path, names: tuple[str, ...] = ALL) -> None:
    """Make a run's folder, and remove these of our files from it; other files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).unlink(missing_ok=True)


def request_stop(folder: Path) -> None:
    """Ask a run's trainer to stop soon."""
    (folder / STOP).touch()


def is_stop_requested(folder: Path) -> bool:
    """Return whether somebody has asked a run's trainer to stop."""
    return (folder / STOP).exists()


def request_discard(folder: Path) -> None:
    """Ask a run's trainer to end at once and to keep nothing."""
    (folder / DISCARD).touch()


def is_discard_requested(folder: Path) -> bool:
    """Return whether somebody has asked a run's trainer to end at once."""
    return (folder / DISCARD).exists()


def remove_parts(folder: Path) -> None:
    """Remove what was being written when a training died."""
    for pattern in (f"{PART}*", "*.part", "model.keras"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def read_file(path: Path, limit: int = LARGEST) -> bytes:
    """Return the first bytes of a plain file; none of a link, a pipe or a missing file."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError:
        return b""
    try:
        plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, limit) if plain else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def last_line(folder: Path) -> str:
    """Return the last line of a run's log that holds anything, at most 300 letters of it."""
    lines = read_file(folder / LOG).decode(errors="replace").split("\n")
    return next((line.strip()[-300:] for line in reversed(lines) if line.strip()), "")


def is_held(folder: Path, *, tries: int = 1) -> bool:
    """Return whether a process holds a run's lock.

    Another process that asks the same holds it too, for an instant; several tries tell them apart.
    """
    path = folder / LOCK
    if not path.exists():
        return False
    lock = filelock.FileLock(path)
    for left in reversed(range(tries)):
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            if left:
                time.sleep(0.02)
        except (OSError, NotImplementedError):
            return False
        else:
            lock.release()
            if not _is_run(folder):  # deleted meanwhile: filelock has made a folder again
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
                    folder.rmdir()
            return False
    return True


def _is_run(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        return not folder.is_symlink() and any((folder / n).exists() for n in (CONFIG, STATUS))
    return False


def _has_name(folder: Path) -> bool:
    with contextlib.suppress(ValueError):
        return bool(check_name(folder.name))
    return False
