"""A run's folder: its files, written whole, and read with distrust: a trainer may have died."""

import contextlib
import json
import os
import stat
import time
from dataclasses import asdict, replace

import filelock

from mnist_core.config import check_name
from mnist_core.errors import RunError
from mnist_core.training.config import TrainingConfig
from mnist_core.workspace import Workspace

# `training` writes the first six, this package the others.
CONFIG, HISTORY, MISTAKES = "config.json", "history.csv", "mistakes.npz"
BEST, LAST, CURED = "best.keras", "last.keras", "cured.keras"
STATUS, STEPS, STOP, EXIT, LOG = "status.json", "steps.csv", "stop", "exit.json", "log.txt"
LOCK, RESERVE = ".lock", ".reserve"
OURS = (CONFIG, HISTORY, MISTAKES, BEST, LAST, CURED, STATUS, STEPS, STOP, EXIT, LOG, RESERVE)
LARGEST = 2**23  # bytes; more is not read


def folder_of(name, workspace: Workspace):
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


def folders(workspace: Workspace):
    """Return the folders of all runs, in no particular order."""
    try:
        found = list(workspace.runs.iterdir())
    except OSError:
        return []
    return [folder for folder in found if _has_name(folder) and _is_run(folder)]


def read_config(folder):
    """Return a run's TrainingConfig, None if it is damaged."""
    try:
        return replace(TrainingConfig.from_json(read(folder / CONFIG).decode()), name=folder.name)
    except (TypeError, ValueError, RecursionError):
        return None


def write_config(folder, config):
    """Write a run's settings, as `training` does."""
    write(folder / CONFIG, json.dumps(asdict(config), indent=1) + "\n")


def read_json(path):
    """Return the dict that a file holds, an empty one if it holds anything else."""
    try:
        found = json.loads(read(path))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write_json(path, content):
    """Write what JSON can hold into a file, whole or not at all."""
    write(path, json.dumps(content) + "\n")


def write(path, text):
    """Write a file that is always whole: the old one or the new one."""
    part = path.with_name(f"part-{path.name}")
    part.write_text(text, "utf-8")
    part.replace(path)


def read(path, limit=LARGEST):
    """Return the first bytes of a plain file; none at all of a link, a pipe or what is missing."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError:
        return b""
    try:
        whole = stat.S_ISREG(os.fstat(descriptor).st_mode)
        return os.read(descriptor, limit) if whole else b""
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def is_held(folder, *, tries=1):
    """Return whether a process holds a run's lock.

    Someone else who looks holds it too, for an instant; several tries tell them apart.
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
            return False
    return True


def _is_run(folder):
    with contextlib.suppress(OSError):
        return not folder.is_symlink() and any((folder / n).exists() for n in (CONFIG, STATUS))
    return False


def _has_name(folder):
    with contextlib.suppress(ValueError):
        return bool(check_name(folder.name))
    return False
