"""What people do with runs: start, resume, stop, rename and delete them."""

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import filelock
import msgspec

from mnist_core import permissions, serving
from mnist_core.config import MAX_ENDED, PROJECT_DIR
from mnist_core.data import Split
from mnist_core.errors import ModelError, RunError
from mnist_core.permissions import LOCAL, Person
from mnist_core.runs.checks import check_free, check_new, check_resumable
from mnist_core.runs.exits import note_exit
from mnist_core.runs.failures import describe
from mnist_core.runs.listing import list_runs, read_status
from mnist_core.runs.status import Status
from mnist_core.serving.leftovers import tidy_models
from mnist_core.training import run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.training.options import arguments
from mnist_core.training.run_folder import StatusRecord
from mnist_core.workspace import WORKSPACE, Workspace

PROGRAM = (sys.executable, "-m", "mnist_core")
DISCARD_SECONDS = 5  # that a trainer has to end
PATIENCE = 15  # seconds to wait for somebody else who is starting a training


def start(
    config: TrainingConfig,
    *,
    workspace: Workspace = WORKSPACE,
    by: Person = LOCAL,
    own: Split | None = None,
    given: Split | None = None,
) -> Status:
    """Start a training in a process of its own.

    Parameters
    ----------
    by : to whom the training and its model will belong
    own : the digits of one person's hand, as many as `config.own_digits`; None for none
    given : digits that people gave, to train on as well

    Raises
    ------
    RunError : the name is taken, the machine or its owner does not allow it, or the settings ask
        for images that there are not
    """
    folder = workspace.runs / config.name
    _check_permission(by)
    with one_at_a_time(workspace):
        tidy_models(config.name, workspace=workspace)
        others = list_runs(workspace=workspace)
        check_new(config, others, workspace)
        _prune(others, workspace)
        try:
            prepare(config, workspace)
            permissions.write_owner(folder, by)
            words = arguments(config, own=str((folder / run_folder.OWN).resolve()))
            for file, digits in ((run_folder.OWN, own), (run_folder.GIVEN, given)):
                if digits:
                    run_folder.write_digits(folder / file, digits)
            _launch(folder, words, workspace)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise RunError(f"The training could not be started: {describe(error)}") from error
    return read_status(config.name, workspace=workspace)


def resume(name: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL) -> Status:
    """Continue a run after its last whole epoch, in a process of its own.

    Raises
    ------
    RunError : there is no such run, it is not this person's, it cannot be continued, or the machine
        or its owner does not allow it
    """
    with one_at_a_time(workspace):
        folder = run_folder.find(name, workspace)
        _check_permission(by, folder)
        status = read_status(name, workspace=workspace)
        config = check_resumable(status, list_runs(workspace=workspace), workspace)
        before = run_folder.read_record(folder)
        try:
            prepare(config, workspace, resumed=True)
            _launch(folder, ["train", "--resume", "--name", name], workspace)
        except OSError as error:
            with contextlib.suppress(OSError):
                _restore(folder, before)
            raise RunError(f"The training could not be started: {describe(error)}") from error
    return read_status(name, workspace=workspace)


def stop(name: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL) -> None:
    """Ask a run to stop soon, and to keep its best weights; nothing happens if it has ended.

    Raises
    ------
    RunError : there is no such run, it is not this person's, or the disk is full
    """
    folder = run_folder.find(name, workspace)
    _check_permission(by, folder)
    try:
        run_folder.request_stop(folder)
    except OSError as error:
        raise RunError(f"{name!r} could not be asked to stop: {describe(error)}") from error


def delete(name: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL) -> None:
    """Delete a run's folder; a model that it has written stays.

    Raises
    ------
    RunError : there is no such run, it is not this person's, or it has not ended
    """
    with one_at_a_time(workspace):
        folder = run_folder.find(name, workspace)
        _check_permission(by, folder)
        if read_status(name, workspace=workspace).alive or run_folder.is_held(folder):
            raise RunError(f"{name!r} is being trained: stop it first.")
        try:
            _remove(folder)
        except OSError as error:
            raise RunError(f"{name!r} could not be deleted: {describe(error)}") from error


def discard(name: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL) -> None:
    """End a run at once if it is still at work, and delete its folder; its model, if any, stays.

    Raises
    ------
    RunError : there is no such run, it is not this person's, or its process does not end
    """
    folder = run_folder.find(name, workspace)
    _check_permission(by, folder)
    with contextlib.suppress(OSError):
        run_folder.request_discard(folder)
    deadline = time.monotonic() + DISCARD_SECONDS
    while read_status(name, workspace=workspace).alive or run_folder.is_held(folder):
        if time.monotonic() > deadline:
            raise RunError(f"{name!r} does not end; try again in a moment.")
        time.sleep(0.1)
    delete(name, workspace=workspace, by=by)


def rename(old: str, new: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL) -> None:
    """Give a run another name, and the model that it has written; or a model alone.

    Raises
    ------
    RunError : there is neither such a run nor such a model, it is not this person's, the run has
        not ended, or the new name is taken or not allowed
    """
    with one_at_a_time(workspace):
        status = _run_or_model(old, workspace)
        _check_permission(by, *folders_of(old, workspace))
        if serving.is_shipped(old):
            raise RunError(f"{old!r} is a model that comes with the app; it keeps its name.")
        if status and status.alive:
            raise RunError(f"{old!r} is being trained: stop it first.")
        check_free(new, workspace)
        try:
            if status is None or status.published:
                serving.rename_model(old, new, workspace=workspace, by=by)
            if status:
                folder = (workspace.runs / old).rename(workspace.runs / new)
                if status.config:
                    run_folder.write_config(folder, replace(status.config, name=new))
        except (ModelError, OSError) as error:
            raise RunError(f"{old!r} could not be renamed: {describe(error)}") from error


def change_refusal(name: str, *, workspace: Workspace = WORKSPACE, by: Person = LOCAL) -> str:
    """Return why a person may not change the run and the model of a name; empty if allowed."""
    return permissions.refusal(by, folders_of(name, workspace))


def folders_of(name: str, workspace: Workspace) -> tuple[Path, Path]:
    """Return where the run and the model of a name lie, whether or not they are there."""
    return workspace.runs / name, workspace.models / name


def prepare(config: TrainingConfig, workspace: Workspace, *, resumed: bool = False) -> None:
    """Make a run's folder ready for its trainer; an earlier run in it is kept if it is resumed."""
    folder = workspace.runs / config.name
    if resumed:
        run_folder.clear(folder, (run_folder.STOP, run_folder.DISCARD, run_folder.EXIT))
    else:
        run_folder.clear(folder)
        (folder / permissions.OWNER).unlink(missing_ok=True)
    run_folder.write_config(folder, config)
    status = run_folder.read_record(folder) or StatusRecord(state="starting")
    now = time.time()
    new = {"state": "starting", "created": now, "updated": now, "final": False}
    new |= {"message": "", "reason": "", "outcome": "", "memory": 0, "memory_free": 0}
    run_folder.write_status(folder, msgspec.structs.replace(status, **new))


@contextlib.contextmanager
def one_at_a_time(workspace: Workspace) -> Iterator[None]:
    """Let nobody else start, rename or delete a run meanwhile."""
    try:
        workspace.runs.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(workspace.runs / run_folder.START_LOCK).acquire(timeout=PATIENCE)
    except filelock.Timeout as error:
        raise RunError("Somebody else is starting a training; try again in a moment.") from error
    except OSError as error:
        raise RunError(f"The folder of trainings cannot be written: {describe(error)}") from error
    with lock:
        yield


def _check_permission(by: Person, *folders: Path) -> None:
    """Raise RunError unless a person may change what is in these folders."""
    if reason := permissions.refusal(by, folders):
        raise RunError(reason)


def _run_or_model(name: str, workspace: Workspace) -> Status | None:
    """Return the status of a run, None if there is only a model of that name."""
    try:
        return read_status(name, workspace=workspace)
    except RunError:
        with contextlib.suppress(ModelError):
            serving.load_card(name, workspace=workspace)
            return None
        raise


def _restore(folder: Path, record: StatusRecord | None) -> None:
    """Put back what a run's trainer had reported."""
    if record:
        run_folder.write_status(folder, record)
    else:
        (folder / run_folder.STATUS).unlink(missing_ok=True)


def _prune(runs: list[Status], workspace: Workspace) -> None:
    """Delete the oldest of the runs that have ended, if there are too many."""
    ended = [run for run in runs if not run.alive]
    with contextlib.suppress(OSError):
        for status in ended[MAX_ENDED:]:
            folder = workspace.runs / status.name
            if (folder / run_folder.STATUS).exists() and not run_folder.is_held(folder):
                _remove(folder)
        for left in workspace.runs.glob(f"{run_folder.DELETED}*"):
            shutil.rmtree(left)


def _remove(folder: Path) -> None:
    """Delete a run's folder; from the first moment on, nobody takes it for a run any more."""
    hidden = folder.with_name(f"{run_folder.DELETED}{folder.name}-{time.time_ns()}")
    folder.rename(hidden)
    shutil.rmtree(hidden)


def _launch(folder: Path, arguments: list[str], workspace: Workspace) -> None:
    """Start the trainer; it outlives this process."""
    places = ["--models", str(workspace.models.resolve()), "--runs", str(workspace.runs.resolve())]
    record = run_folder.read_record(folder)
    created = record.created if record and record.created else 0.0
    with (folder / run_folder.LOG).open("ab") as log:
        process = subprocess.Popen(
            [*PROGRAM, *arguments, *places, "--claimed"],
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    threading.Thread(target=note_exit, args=(process, folder, created), daemon=True).start()
