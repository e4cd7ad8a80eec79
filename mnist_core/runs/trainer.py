"""A training's own side of its folder: it waits for its turn, and reports progress and end."""

import contextlib
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import filelock
import msgspec
import psutil

from mnist_core.errors import RunError
from mnist_core.runs.budget import memory_needed, minutes_at_most, too_little_memory
from mnist_core.runs.failures import describe, is_expected
from mnist_core.runs.listing import read_status
from mnist_core.runs.memory import memory_free
from mnist_core.runs.status import OUTCOMES
from mnist_core.runs.watch import StopWatch
from mnist_core.serving.leftovers import tidy_models
from mnist_core.training import Progress, run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.training.run_folder import Outcome, State, StatusRecord
from mnist_core.workspace import WORKSPACE, Workspace

POLL = 0.5  # seconds between two checks of whose turn it is
EVERY = 1.0  # seconds between two reports of a training
RESERVE_BYTES = 2**16
CLAIM_SECONDS = 15
BEFORE_LEARNING: tuple[State, ...] = ("starting", "waiting", "preparing")
NICENESS = 10


class Trainer:
    """Holds a run's folder while its process lives, and reports its status there.

    An error that leaves the `with` block is reported there. One that was to be expected is raised
    again as a RunError with words for people.

    Parameters
    ----------
    config : `control.prepare` has written it and a first status
    background : whether the run was started from the app: it then leaves the processor to others
        and refuses to begin where memory is short
    keeps_unfinished : whether weights are worth keeping before the first epoch is finished

    Attributes
    ----------
    record : what was reported last
    stop_reason : why it was asked to stop; empty if it was not
    """

    def __init__(
        self,
        config: TrainingConfig,
        *,
        workspace: Workspace = WORKSPACE,
        background: bool = False,
        keeps_unfinished: bool = False,
    ) -> None:
        self.config, self.workspace, self.background = config, workspace, background
        self.folder = workspace.runs / config.name
        self.record = run_folder.read_record(self.folder) or StatusRecord(state="starting")
        self.stop_reason = ""
        self._process = psutil.Process()
        self._deadline = self._reported = self._at = 0.0
        self._locks = contextlib.ExitStack()
        self._keeps_unfinished = keeps_unfinished
        self._reporting = threading.RLock()  # held for good once the process is ended from aside
        self._watch = StopWatch(self.folder, self._end_if_nothing_is_lost)

    def __enter__(self) -> Self:
        lock = filelock.FileLock(self.folder / run_folder.LOCK)
        try:
            lock.acquire(timeout=CLAIM_SECONDS, poll_interval=0.05)
        except filelock.Timeout:
            raise RunError(f"{self.config.name!r} is being trained already.") from None
        self._locks.callback(lock.release)
        if self.background:
            leave_the_processor_to_others()
        try:
            run_folder.remove_parts(self.folder)
            (self.folder / run_folder.RESERVE).write_bytes(bytes(RESERVE_BYTES))
            self._report("waiting")
        except OSError as error:
            self.__exit__(type(error), error, None)
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watch.close()
        try:
            if isinstance(error, KeyboardInterrupt):
                self.end("stopped", reason="It was stopped by Ctrl-C.")
            elif error is not None:
                final = isinstance(error, RunError) and error.final
                self.end("failed", reason=describe(error), final=final)
                if is_expected(error):
                    raise RunError(describe(error)) from error
        finally:
            (self.folder / run_folder.RESERVE).unlink(missing_ok=True)
            self._locks.close()

    def asked_to_stop(self) -> bool:
        """Return whether a person or a limit has asked for the end; `stop_reason` says which."""
        if not self.stop_reason and run_folder.is_stop_requested(self.folder):
            self.stop_reason = "It was stopped by hand"
        if not self.stop_reason and self._deadline and time.monotonic() > self._deadline:
            self.stop_reason = f"It was stopped after {minutes_at_most():g} minutes, the limit here"
        return bool(self.stop_reason)

    def wait_for_turn(self, say: Callable[[str], None]) -> bool:
        """Wait until no other training runs here and none has been waiting for longer.

        Parameters
        ----------
        say : called with a sentence whenever another training comes first

        Returns
        -------
        whether it is our turn; if not, it was asked to stop

        Raises
        ------
        RunError : it is our turn, but there is too little memory
        """
        lock = filelock.FileLock(self.workspace.runs / run_folder.TURN_LOCK)
        first = None
        while not self.asked_to_stop():
            ahead = read_status(self.config.name, workspace=self.workspace).queued_behind
            if not ahead and _taken(lock):
                self._locks.callback(lock.release)
                self._begin()
                return True
            if ahead and ahead[0] != first:
                first = ahead[0]
                say(f"Waiting for the training of {first!r} to end...")
            self._report()
            time.sleep(POLL)
        self.end("stopped", reason=f"{self.stop_reason} before its turn came.")
        return False

    def report(self, progress: Progress) -> None:
        """Report the progress of the training, about once a second and at the end of each epoch."""
        ended = progress.validation is not None
        if not ended and time.monotonic() - self._reported < EVERY:
            return
        at = progress.epoch - 1 + progress.step / progress.steps
        if not self._at:
            run_folder.drop_steps_after(self.folder, progress.epoch - 1)
        if at != self._at:
            self._at = at
            run_folder.append_step(self.folder, at, progress.loss, progress.accuracy)
        names = ("epoch", "step", "steps", "loss", "accuracy", "seconds_left")
        self._report("training", **{name: getattr(progress, name) for name in names})

    def report_finishing(self) -> None:
        """Report that the weights are being turned into a model."""
        self._report("finishing", seconds_left=None)

    def end(
        self,
        state: State,
        *,
        reason: str = "",
        outcome: Outcome = "",
        summary: str = "",
        final: bool = False,
    ) -> None:
        """Report how the training ended; room for that was kept on the disk.

        Parameters
        ----------
        reason : for people, why it ended early; empty if it did not
        summary : for people, what was written
        final : whether to go on would come to the same end
        """
        parts = (reason, OUTCOMES[outcome] if reason else "", summary)
        with contextlib.suppress(OSError):
            run_folder.remove_parts(self.folder)
        (self.folder / run_folder.RESERVE).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._report(
                state,
                reason=reason,
                outcome=outcome,
                message=" ".join(filter(None, parts)),
                seconds_left=None,
                final=final,
            )

    def _begin(self) -> None:
        """Make sure that there is memory, and clear away what an earlier try left."""
        free = memory_free() + self._process.memory_info().rss  # which this process has already
        if self.background and free < memory_needed(self.config):
            raise RunError(too_little_memory(self.config, free))
        tidy_models(self.config.name, workspace=self.workspace)
        if minutes := minutes_at_most():
            self._deadline = time.monotonic() + 60 * minutes
        self._report("preparing")

    def _report(self, state: State | None = None, **changes: object) -> None:
        """Write the status: these changes, and what is known at any moment."""
        with self._reporting:
            self.record = msgspec.structs.replace(
                self.record,
                **{"state": state or self.record.state, "message": ""} | changes,
                updated=time.time(),
                pid=self._process.pid,
                memory=self._process.memory_info().rss,
                memory_free=memory_free(),
            )
            self._reported = time.monotonic()
            run_folder.write_status(self.folder, self.record)

    def _end_if_nothing_is_lost(self) -> bool:
        """Report that it was stopped, if it has learnt nothing worth keeping; see `StopWatch`.

        If so, the main thread can report nothing any more.
        """
        self._reporting.acquire()
        learnt = (self.folder / run_folder.BEST).exists() or self._keeps_unfinished
        if self.record.state in BEFORE_LEARNING or (self.record.state == "training" and not learnt):
            epochs = self.config.epochs
            reason = f"It was stopped by hand after {self._epochs_done()} of {epochs} whole epochs."
            self.end("stopped", reason=reason, outcome="" if learnt else "unfinished")
            return True
        self._reporting.release()
        return False

    def _epochs_done(self) -> int:
        return len(run_folder.read_history(self.folder, strict=False))


def leave_the_processor_to_others() -> None:
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


def _taken(lock: filelock.BaseFileLock) -> bool:
    """Return whether the lock is ours now."""
    try:
        lock.acquire(blocking=False)
    except filelock.Timeout:
        return False
    return True
