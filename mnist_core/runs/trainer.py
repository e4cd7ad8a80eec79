"""A training's own side of its folder: it waits for its turn, and tells how it goes and ended."""

import contextlib
import errno
import os
import re
import shutil
import time
from pathlib import Path

import filelock
import psutil

from mnist_core.config import MODEL_NAME
from mnist_core.errors import RunError
from mnist_core.runs import files
from mnist_core.runs.budget import memory_free, memory_needed, minutes_at_most
from mnist_core.runs.results import steps
from mnist_core.runs.status import read_status
from mnist_core.workspace import WORKSPACE, Workspace

TURN = ".turn.lock"
POLL = 0.5  # seconds between two looks at whose turn it is
EVERY = 1.0  # seconds between two words of a training
RESERVE_BYTES = 2**16
CLAIM_SECONDS = 15
NICENESS = 10
OLD = 3600  # seconds
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Trainer:
    """Holds a run's folder while its process lives, and writes its status there.

    An error that leaves the `with` block is written down, and raised anew as a RunError with
    words for people if it was to be expected.

    Parameters
    ----------
    config : TrainingConfig; `control.prepare` has written it and a status
    background : bool, whether the run was started from the app: it then leaves the processor to
        others and refuses to begin where memory is short
    """

    def __init__(self, config, *, workspace: Workspace = WORKSPACE, background=False):
        self.config, self.workspace, self.background = config, workspace, background
        self.folder = workspace.runs / config.name
        self.status = files.read_json(self.folder / files.STATUS)
        self.reason = ""  # why it was asked to stop
        self._process = psutil.Process()
        self._deadline = self._shown = self._at = 0.0
        self._locks = contextlib.ExitStack()

    def __enter__(self):
        lock = filelock.FileLock(self.folder / files.LOCK)
        try:
            lock.acquire(timeout=CLAIM_SECONDS, poll_interval=0.05)
        except filelock.Timeout:
            raise RunError(f"{self.config.name!r} is being trained already.") from None
        self._locks.callback(lock.release)
        if self.background:
            leave_the_processor_to_others()
        try:
            tidy(self.folder)
            (self.folder / files.RESERVE).write_bytes(bytes(RESERVE_BYTES))
            self._say("waiting")
        except OSError as error:
            self.__exit__(type(error), error, None)
        return self

    def __exit__(self, kind, error, trace):
        try:
            if isinstance(error, KeyboardInterrupt):
                self.end("stopped", "It was stopped by Ctrl-C.")
            elif error is not None:
                words, expected = describe(error)
                self.end("failed", words, final=getattr(error, "final", False))
                if expected:
                    raise RunError(words) from error
        finally:
            (self.folder / files.RESERVE).unlink(missing_ok=True)
            self._locks.close()

    def stopping(self):
        """Return whether somebody or something has asked for the end; `reason` then says who."""
        if not self.reason and (self.folder / files.STOP).exists():
            self.reason = "It was stopped by hand"
        if not self.reason and self._deadline and time.monotonic() > self._deadline:
            self.reason = f"It was stopped after {minutes_at_most():g} minutes, the limit here"
        return bool(self.reason)

    def wait(self, say):
        """Wait until no other training runs here and none has been waiting for longer.

        Parameters
        ----------
        say : callable (words), told whenever somebody else comes first

        Returns
        -------
        bool : whether it is our turn; if not, somebody has asked to stop

        Raises
        ------
        RunError : it is our turn, but there is too little memory
        """
        lock = filelock.FileLock(self.workspace.runs / TURN)
        told = None
        while not self.stopping():
            now = read_status(self.config.name, workspace=self.workspace)
            if not now.ahead and _taken(lock):
                self._locks.callback(lock.release)
                self._begin()
                return True
            if now.ahead and now.ahead[0] != told:
                told = now.ahead[0]
                say(f"Waiting for the training of {told!r} to end...")
            self._say()
            time.sleep(POLL)
        self.end("stopped", f"{self.reason} before its turn came.")
        return False

    def show(self, progress):
        """Tell how the training goes, about once a second and at the end of each epoch.

        Parameters
        ----------
        progress : training.Progress
        """
        ended = progress.validation is not None
        if not ended and time.monotonic() - self._shown < EVERY:
            return
        at = progress.epoch - 1 + progress.step / progress.steps
        if not self._at:
            self._forget(progress.epoch - 1)
        if at != self._at:
            self._at = at
            with (self.folder / files.STEPS).open("a") as file:
                file.write(_line(at, progress.loss, progress.accuracy))
        told = ("epoch", "step", "steps", "loss", "accuracy", "seconds_left")
        self._say("training", **{name: getattr(progress, name) for name in told})

    def finish(self):
        """Tell that the weights are being turned into a model."""
        self._say("finishing", seconds_left=None)

    def end(self, state, message, *, final=False):
        """Tell how the training ended; room for that was kept on the disk.

        Parameters
        ----------
        state : a key of STATES
        message : str, for people
        final : bool, whether to go on would come to the same end
        """
        with contextlib.suppress(OSError):
            tidy(self.folder)
        (self.folder / files.RESERVE).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._say(state, message=message, seconds_left=None, final=final)

    def _begin(self):
        """Make sure that there is memory, and clear away what an earlier try left."""
        free = memory_free() + self._process.memory_info().rss  # which this process has already
        if self.background and free < memory_needed(self.config):
            raise RunError(too_little_memory(self.config, free))
        tidy_models(self.config.name, self.workspace)
        if minutes_at_most():
            self._deadline = time.monotonic() + 60 * minutes_at_most()
        self._say("preparing")

    def _forget(self, whole):
        """Forget the points after so many epochs: the ones that follow will be said again."""
        points = steps(self.config.name, workspace=self.workspace)
        kept = [_line(**point) for point in points if point["at"] <= whole]
        files.write(self.folder / files.STEPS, "at,loss,accuracy\n" + "".join(kept))

    def _say(self, state=None, **found):
        self.status |= {"state": state or self.status["state"], "message": ""} | found
        self.status |= {
            "updated": time.time(),
            "pid": self._process.pid,
            "memory": self._process.memory_info().rss,
            "memory_free": memory_free(),
        }
        self._shown = time.monotonic()
        files.write_json(self.folder / files.STATUS, self.status)


def describe(error):
    """Put an error that ended a training into words.

    Returns
    -------
    (str, bool) : the words, and whether such an error is to be expected; if not, it is a fault
        of the program
    """
    if isinstance(error, OSError) and error.errno in FULL:
        return (
            f"The disk is full ({error.strerror}). Delete something, for instance old trainings, "
            "then resume this one.",
            True,
        )
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return (
            "Memory ran out. Train with smaller batches or a smaller network.",
            True,
        )
    if isinstance(error, OSError) and error.strerror:  # where this machine keeps it stays here
        file = f": {Path(error.filename).name!r}" if error.filename else ""
        return f"{error.strerror}{file}", True
    if isinstance(error, OSError) or type(error).__module__.startswith("mnist_core."):
        return str(error), True
    return f"An error that nobody foresaw: {type(error).__name__}: {error}", False


def too_little_memory(config, free):
    """Say that a training does not fit into memory, and what would help."""
    return (
        f"This training needs about {memory_needed(config) / 1e6:.0f} MB of memory, and "
        f"{free / 1e6:.0f} MB are free. Take smaller batches or a smaller network, or train on "
        "another machine."
    )


def tidy(folder):
    """Remove what was being written when a training died."""
    for pattern in ("part-*", "*.part", "model.keras"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def tidy_models(name, workspace: Workspace):
    """Put right what a trainer left that died while it wrote its model.

    A model that was to be replaced is put back, and what was half written is removed. Folders of
    other models may be at work, unless they are old.
    """
    for left in workspace.models.glob(".*"):
        found = _LEFT.fullmatch(left.name)
        with contextlib.suppress(FileNotFoundError):  # somebody else may have ended with it
            # A folder that was renamed keeps the time of its last change, but not this one.
            if not found or (found[1] != name and time.time() - left.stat().st_ctime < OLD):
                continue
            if found[2] and not (left.parent / found[1]).exists():
                left.replace(left.parent / found[1])
            else:
                shutil.rmtree(left, ignore_errors=True)


def leave_the_processor_to_others():
    """Let the app go first, for the processor and for memory."""
    process = psutil.Process()
    with contextlib.suppress(psutil.Error, OSError):
        if os.name == "nt":
            process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            process.nice(max(process.nice(), NICENESS))
    # Linux weighs whole sessions against each other, and kills first who has the higher score.
    for file, value in (("autogroup", NICENESS), ("oom_score_adj", 500)):
        with contextlib.suppress(OSError):
            Path(f"/proc/self/{file}").write_text(str(value), "utf-8")


def _taken(lock):
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        return False
    return True


def _line(at, loss, accuracy):
    return f"{at:.5f},{loss:.6g},{accuracy:.6g}\n"


# How `storage` names a folder while it writes a model, and the one that it replaces.
_LEFT = re.compile(rf"\.({MODEL_NAME.pattern})-[a-z0-9_]{{8}}(-old)?")
