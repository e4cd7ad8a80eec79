"""Whether a run's trainer still lives, and why it died if it does not."""

import contextlib
import signal
import time
from pathlib import Path

import psutil

from mnist_core.runs.status import Status
from mnist_core.training import run_folder

STARTING_AT_MOST = 60  # seconds until a trainer has taken hold of its folder
LITTLE_MEMORY = 100 * 2**20


def lives(folder: Path, status: Status) -> bool:
    """Return whether a run that was reported to be alive really is."""
    age = time.time() - status.updated
    if run_folder.is_held(folder, tries=1 if 0 <= age < 5 else 4):
        return True
    ended = _exit_code(folder, status) is not None
    return status.state == "starting" and 0 <= age < STARTING_AT_MOST and not ended


def _exit_code(folder: Path, status: Status) -> int | None:
    """Return the exit code of a trainer's process, None if nobody was there to take it."""
    found = run_folder.read_exit(folder)
    return found.code if found and found.created == status.created else None


def cause(folder: Path, status: Status) -> str:
    """Return why a run ended whose trainer did not report it."""
    code, free = _exit_code(folder, status), status.memory_free
    little = 0 < free < LITTLE_MEMORY
    memory = f" Memory had nearly run out: {free / 1e6:.0f} MB were left." if little else ""
    if code is not None and code < 0:
        if code == -signal.SIGKILL and not little:
            memory = " The system does that when memory runs out."
        return f"It was killed by signal {-code}{_signal(-code)}.{memory}"
    if code:
        words = run_folder.last_line(folder)
        return f"It ended with exit code {code}{f': {words}' if words else '.'}{memory}"
    if status.state == "starting" and code is None:
        return "Its process never started to work."
    if memory:
        return f"It ended without a report.{memory}"
    if _machine_started() > status.updated:
        return "It ended without a report, and the machine was restarted since."
    return "It ended without a report: it was killed, or the machine was switched off."


def _signal(number: int) -> str:
    with contextlib.suppress(ValueError):
        return f" ({signal.Signals(number).name})"
    return ""


def _machine_started() -> float:
    """Return when the machine, or the container that we are in, was started."""
    started = psutil.boot_time()
    with contextlib.suppress(psutil.Error):
        started = max(started, psutil.Process(1).create_time())
    return started
