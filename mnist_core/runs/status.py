"""How a run stands: read from its folder, by whoever looks."""

import contextlib
import json
import signal
import time
from dataclasses import dataclass, replace

import psutil

from mnist_core import serving
from mnist_core.errors import ModelError
from mnist_core.runs import files
from mnist_core.runs.files import folder_of
from mnist_core.runs.results import read_table
from mnist_core.training.config import TrainingConfig
from mnist_core.workspace import WORKSPACE, Workspace

STATES = {
    "starting": "The training is being started.",
    "waiting": "It waits for its turn: one training runs at a time.",
    "preparing": "The images are being loaded and the network is being built.",
    "training": "The network is learning.",
    "finishing": "The best weights are being turned into a model and measured.",
    "done": "The training has ended.",
    "stopped": "The training was stopped before its end.",
    "failed": "The training could not go on.",
    "interrupted": "The training was interrupted.",
}
BEST_KEPT = "The best weights were kept."  # in messages, before what became of them
QUEUED = ("starting", "waiting")
ALIVE = (*QUEUED, "preparing", "training", "finishing")
STARTING_AT_MOST = 60  # seconds until a trainer has taken hold of its folder
LITTLE_MEMORY = 100 * 2**20


@dataclass(frozen=True, kw_only=True)
class Status:
    """What is known of a run.

    Attributes
    ----------
    name : str, of the folder and of the model to be
    state : a key of STATES
    config : TrainingConfig, None if it is damaged
    created : float, when it was last asked for, in seconds since 1970; decides whose turn comes
    updated : float, when its trainer last said something
    epoch, epochs, step, steps : int, now, counted from 1; 0 before
    loss, accuracy : float on training images, averaged over the epoch so far; None before
    seconds_left : float or None
    message : str, for people: why it failed, what interrupted it, what was written
    ahead : tuple of str, the runs whose turn comes before
    resumable : bool, whether `resume` would go on with it
    published : bool, whether there is a model that this run has written
    stopping : bool, whether it was asked to stop and is still at work
    memory, memory_free : int, bytes that its trainer took and that were left, when last said
    """

    name: str
    state: str
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
    message: str = ""
    ahead: tuple[str, ...] = ()
    resumable: bool = False
    published: bool = False
    stopping: bool = False
    memory: int = 0
    memory_free: int = 0

    @property
    def alive(self):
        """Whether a process works on it, or is about to."""
        return self.state in ALIVE


def read_status(name, *, workspace: Workspace = WORKSPACE):
    """Return the Status of a run.

    Whatever its files hold, they raise nothing.

    Parameters
    ----------
    name : str

    Raises
    ------
    RunError : there is no such run
    """
    status = _read(folder_of(name, workspace), workspace)
    if status.state not in QUEUED:
        return status
    others = [_read(f, workspace) for f in files.folders(workspace) if f.name != name]
    return replace(status, ahead=_ahead(status, others))


def list_runs(*, workspace: Workspace = WORKSPACE):
    """Return the Status of all runs, the newest first.

    Returns
    -------
    list of Status
    """
    found = [_read(folder, workspace) for folder in files.folders(workspace)]
    found = [replace(s, ahead=_ahead(s, found)) if s.state in QUEUED else s for s in found]
    return sorted(found, key=lambda status: (-status.created, status.name))


def is_own_model(config, *, workspace: Workspace = WORKSPACE):
    """Return whether the model of a training's name was made with just its settings."""
    return epochs_of_model(config, workspace=workspace) is not None


def epochs_of_model(config, *, workspace: Workspace = WORKSPACE):
    """Return after how many epochs a training has written its model; None if there is none."""
    try:
        training = serving.load_card(config.name, workspace=workspace).training
        own = TrainingConfig.from_json(json.dumps(training | {"name": config.name})) == config
    except (ModelError, TypeError, ValueError):
        return None
    return _number(training.get("epochs_done"), 0) if own else None


def _read(folder, workspace: Workspace):
    """Return the Status of a run, but for who is ahead of it."""
    config = files.read_config(folder)
    told, lives = _told(folder, config)
    state, message, final, epochs_done = (
        told.pop(name) for name in ("state", "message", "final", "epochs_done")
    )
    if state in ALIVE and not lives:
        state, message = "interrupted", _cause(folder, state, told)
    done = epochs_of_model(config, workspace=workspace) if config else None
    whole = done is not None and min(done, epochs_done) >= config.epochs
    open_end = state in ("stopped", "failed", "interrupted") and not (whole or final)
    return Status(
        name=folder.name,
        state=state,
        config=config,
        epochs=config.epochs if config else 0,
        message=message[:2000],
        resumable=config is not None and open_end and not serving.is_shipped(folder.name),
        published=done is not None,
        stopping=state in ALIVE and (folder / files.STOP).exists(),
        **told,
    )


def _told(folder, config):
    """Return what a run's trainer said last, and whether it is still at work."""
    while True:
        stored = files.read_json(folder / files.STATUS)
        told = _checked(stored, folder, config)
        lives = told["state"] in ALIVE and _lives(folder, told["state"], told)
        # A trainer says how it ended before it lets go of its folder: perhaps only just now.
        if lives or files.read_json(folder / files.STATUS) == stored:
            return told, lives


def _checked(stored, folder, config):
    """Return what a status file holds; the usual for what is missing or damaged."""
    epochs_done, changed = len(read_table(folder / files.HISTORY)), _changed(folder)
    state, message = stored.get("state"), stored.get("message")
    if not isinstance(state, str) or state not in STATES:
        whole = config is not None and epochs_done >= config.epochs
        state = "done" if whole else "interrupted"
    numbers = {
        name: _number(stored.get(name), usual)
        for name, usual in (
            *(("created", changed), ("updated", changed), ("epoch", epochs_done)),
            *((name, 0) for name in ("step", "steps", "memory", "memory_free")),
            *((name, None) for name in ("loss", "accuracy", "seconds_left")),
        )
    }
    for name in ("epoch", "step", "steps", "memory", "memory_free"):
        numbers[name] = max(int(numbers[name]), 0)
    message = message if isinstance(message, str) else ""
    rest = {"final": stored.get("final") is True, "epochs_done": epochs_done}
    return {"state": state, "message": message} | rest | numbers


def _ahead(status, others):
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


def _lives(folder, state, numbers):
    """Return whether a run that says so is really being worked on."""
    age = time.time() - numbers["updated"]
    if files.is_held(folder, tries=1 if 0 <= age < 5 else 4):
        return True
    ended = _exit_code(folder, numbers) is not None
    return state == "starting" and 0 <= age < STARTING_AT_MOST and not ended


def _exit_code(folder, numbers):
    """Return the exit code of a trainer's process, None if nobody was there to take it."""
    stored = files.read_json(folder / files.EXIT)
    code = stored.get("code")
    return code if isinstance(code, int) and stored.get("created") == numbers["created"] else None


def _cause(folder, state, numbers):
    """Say why a run ended that did not say so itself."""
    code, free = _exit_code(folder, numbers), numbers["memory_free"]
    little = 0 < free < LITTLE_MEMORY
    memory = f" Memory had nearly run out: {free / 1e6:.0f} MB were left." if little else ""
    if code is not None and code < 0:
        if code == -signal.SIGKILL and not little:
            memory = " The system does that when memory runs out."
        return f"It was killed by signal {-code}{_signal(-code)}.{memory}"
    if code:
        words = _last_words(folder)
        return f"It ended with exit code {code}{f': {words}' if words else '.'}{memory}"
    if state == "starting" and code is None:
        return "Its process never began to work."
    if memory:
        return f"It ended without a word.{memory}"
    if _machine_started() > numbers["updated"]:
        return "It ended without a word, and the machine was restarted since."
    return "It ended without a word: it was killed, or the machine was switched off."


def _last_words(folder):
    """Return the last line of a run's log."""
    lines = files.read(folder / files.LOG).decode(errors="replace").split("\n")
    return next((line.strip()[-300:] for line in reversed(lines) if line.strip()), "")


def _signal(number):
    with contextlib.suppress(ValueError):
        return f" ({signal.Signals(number).name})"
    return ""


def _machine_started():
    """Return when the machine, or the container that we are in, was started."""
    started = psutil.boot_time()
    with contextlib.suppress(psutil.Error):
        started = max(started, psutil.Process(1).create_time())
    return started


def _changed(folder):
    """Return when a run's settings were written, or else its folder."""
    for path in (folder / files.CONFIG, folder):
        with contextlib.suppress(OSError):
            return path.lstat().st_mtime
    return 0.0


def _number(value, usual):
    """Return a finite number as it is, `usual` for anything else."""
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
    return value if good else usual
