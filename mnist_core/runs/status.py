"""How a run stands: read from its folder, by whoever asks."""

import contextlib
import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from mnist_core import serving
from mnist_core.errors import InvalidValueError, ModelError, RunError
from mnist_core.training import run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.training.run_folder import Outcome, State, StatusRecord
from mnist_core.workspace import WORKSPACE, Workspace

STATES: dict[State, str] = {
    "starting": "The training is being started.",
    "waiting": "The training is queued: one training runs at a time.",
    "preparing": "The images are being loaded and the network is being built.",
    "training": "The network is learning.",
    "finishing": "The best weights are being turned into a model and measured.",
    "done": "The training has ended.",
    "stopped": "The training was stopped before its end.",
    "failed": "The training could not continue.",
    "interrupted": "The training was interrupted.",
}
OUTCOMES: dict[Outcome, str] = {
    "": "",
    "published": "The best weights were kept.",
    "unfinished": "No epoch was finished, so no model was written.",
}
QUEUED = ("starting", "waiting")
ALIVE = (*QUEUED, "preparing", "training", "finishing")
STARTING_AT_MOST = 60  # seconds until a trainer has taken hold of its folder
LITTLE_MEMORY = 100 * 2**20


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is known of a run.

    Attributes
    ----------
    name : of the folder and of the model to be
    config : None if it is damaged
    created : when it was last asked for, in seconds since 1970; decides whose turn comes
    updated : when its trainer last reported something
    epoch, epochs, step, steps : now, counted from 1; 0 before
    loss, accuracy : on training images, averaged over the epoch so far; None before
    reason : for people: why it ended early; empty if it did not, or in runs from before 0.2
    outcome : what became of its weights, a key of OUTCOMES
    message : for people: reason, outcome and what was written, as the command line shows it
    ahead : the runs whose turn comes before
    resumable : whether `resume` would continue it
    published : whether there is a model that this run has written
    stopping : whether it was asked to stop and is still at work
    memory, memory_free : bytes that its trainer took and that were left, at its last report
    """

    name: str
    state: State
    config: TrainingConfig | None = None
    created: float = 0.0
    updated: float = 0.0
    epoch: int = 0
    epochs: int = 0
    step: int = 0
    steps: int = 0
    loss: float | None = None
    accuracy: float | None = None
    seconds_left: float | None = None
    reason: str = ""
    outcome: Outcome = ""
    message: str = ""
    ahead: tuple[str, ...] = ()
    resumable: bool = False
    published: bool = False
    stopping: bool = False
    memory: int = 0
    memory_free: int = 0

    @property
    def alive(self) -> bool:
        """Whether a process works on it, or is about to."""
        return self.state in ALIVE


def read_status(name: str, *, workspace: Workspace = WORKSPACE) -> Status:
    """Return the status of a run; whatever its files hold, they raise nothing.

    Raises
    ------
    RunError : there is no such run
    """
    status = _read(run_folder.find(name, workspace), workspace)
    if status.state not in QUEUED:
        return status
    others = [_read(f, workspace) for f in run_folder.list_folders(workspace) if f.name != name]
    return replace(status, ahead=_ahead(status, others))


def list_runs(*, workspace: Workspace = WORKSPACE) -> list[Status]:
    """Return the status of all runs, the newest first."""
    found = [_read(folder, workspace) for folder in run_folder.list_folders(workspace)]
    found = [replace(s, ahead=_ahead(s, found)) if s.state in QUEUED else s for s in found]
    return sorted(found, key=lambda status: (-status.created, status.name))


def is_own_model(config: TrainingConfig, *, workspace: Workspace = WORKSPACE) -> bool:
    """Return whether the model of a training's name was made with just its settings."""
    return epochs_of_model(config, workspace=workspace) is not None


def epochs_of_model(config: TrainingConfig, *, workspace: Workspace = WORKSPACE) -> int | None:
    """Return after how many epochs a training has written its model; None if there is none."""
    try:
        card = serving.load_card(config.name, workspace=workspace)
        if TrainingConfig.from_dict(card.training | {"name": config.name}) != config:
            return None
    except (ModelError, InvalidValueError):
        return None
    done = card.training.get("epochs_done", 0)
    return done if isinstance(done, int) else 0


def _read(folder: Path, workspace: Workspace) -> Status:
    """Return the status of a run, but for who is ahead of it."""
    config = _config_of(folder)
    epochs_done = len(run_folder.read_history(folder, strict=False))
    while True:
        record = run_folder.read_status(folder)
        status = _from_record(record, folder, config, epochs_done)
        lives = status.alive and _lives(folder, status)
        # A trainer reports its end before it lets go of its folder: perhaps only just now.
        if lives or run_folder.read_status(folder) == record:
            break
    if status.alive and not lives:
        cause = _cause(folder, status)
        status = replace(
            status,
            state="interrupted",
            reason=cause,
            outcome="",
            message=cause,
            stopping=False,
        )
    if config is None:
        return status
    published = epochs_of_model(config, workspace=workspace)
    whole = published is not None and min(published, epochs_done) >= config.epochs
    final = record is not None and record.final
    ended_early = status.state in ("stopped", "failed", "interrupted") and not (whole or final)
    return replace(
        status,
        resumable=ended_early and not serving.is_shipped(folder.name),
        published=published is not None,
    )


def _config_of(folder: Path) -> TrainingConfig | None:
    """Return a run's settings, None if they are missing or damaged."""
    try:
        return replace(run_folder.read_config(folder), name=folder.name)
    except RunError:
        return None


def _from_record(
    record: StatusRecord | None, folder: Path, config: TrainingConfig | None, epochs_done: int
) -> Status:
    """Return what a trainer reported; what its files show where it reported nothing."""
    if record is None:
        whole = config is not None and epochs_done >= config.epochs
        record = StatusRecord(state="done" if whole else "interrupted")
    changed = _changed(folder)
    return Status(
        name=folder.name,
        state=record.state,
        config=config,
        created=changed if record.created is None else record.created,
        updated=changed if record.updated is None else record.updated,
        epoch=epochs_done if record.epoch is None else record.epoch,
        epochs=config.epochs if config else 0,
        step=record.step,
        steps=record.steps,
        loss=record.loss,
        accuracy=record.accuracy,
        seconds_left=record.seconds_left,
        reason=record.reason[:2000],
        outcome=record.outcome,
        message=record.message[:2000],
        stopping=record.state in ALIVE and (folder / run_folder.STOP).exists(),
        memory=record.memory,
        memory_free=record.memory_free,
    )


def _ahead(status: Status, others: list[Status]) -> tuple[str, ...]:
    """Return the names of the runs whose turn comes before; the one that has it is first."""
    place = (status.created, status.name)
    before = [
        (other.state in QUEUED, other.created, other.name)
        for other in others
        if other.alive
        and other.name != status.name
        and (other.state not in QUEUED or (other.created, other.name) < place)
    ]
    return tuple(name for _, _, name in sorted(before))


def _lives(folder: Path, status: Status) -> bool:
    """Return whether a run that says so is really being worked on."""
    age = time.time() - status.updated
    if run_folder.is_held(folder, tries=1 if 0 <= age < 5 else 4):
        return True
    ended = _exit_code(folder, status) is not None
    return status.state == "starting" and 0 <= age < STARTING_AT_MOST and not ended


def _exit_code(folder: Path, status: Status) -> int | None:
    """Return the exit code of a trainer's process, None if nobody was there to take it."""
    found = run_folder.read_exit(folder)
    return found.code if found and found.created == status.created else None


def _cause(folder: Path, status: Status) -> str:
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


def _changed(folder: Path) -> float:
    """Return when a run's settings were written, or else its folder."""
    for path in (folder / run_folder.CONFIG, folder):
        with contextlib.suppress(OSError):
            return path.lstat().st_mtime
    return 0.0
