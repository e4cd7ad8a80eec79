"""How a trainer's process ended, noted by the process that started it."""

import contextlib
import subprocess
from pathlib import Path

import msgspec

from mnist_core.runs.status import QUEUED
from mnist_core.training import run_folder
from mnist_core.training.run_folder import ExitRecord


def note_exit(process: subprocess.Popen, folder: Path, created: float) -> None:
    """Wait for a trainer, and write down how its process ended for all who read the run.

    One that is asked to end before it holds its folder, while Python starts, cannot know that yet.
    """
    while True:
        try:
            code = process.wait(1.0)
            break
        except subprocess.TimeoutExpired:
            asked = run_folder.is_stop_requested(folder) or run_folder.is_discard_requested(folder)
            if asked and not run_folder.is_held(folder, tries=3):
                process.kill()
                code = process.wait()
                _report_stop(folder, created)
                break
    with contextlib.suppress(OSError):
        run_folder.write_exit(folder, ExitRecord(code=code, created=created))


def _report_stop(folder: Path, created: float) -> None:
    """Report of a run whose trainer was ended before it held the folder that it was stopped.

    It may have been resumed since by another trainer, of which this says nothing.
    """
    record = run_folder.read_record(folder)
    if record and record.created == created and record.state in QUEUED:
        reason = "It was stopped by hand before it began."
        stopped = msgspec.structs.replace(record, state="stopped", reason=reason, message=reason)
        with contextlib.suppress(OSError):
            run_folder.write_status(folder, stopped)
