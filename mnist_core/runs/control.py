"""What people do with runs: start, resume, stop, rename and delete them."""

import contextlib
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace

import filelock

from mnist_core import serving
from mnist_core.config import MAX_ENDED, PROJECT_DIR
from mnist_core.errors import ModelError, RunError
from mnist_core.runs import files
from mnist_core.runs.checks import (
    check_free,
    check_images,
    check_model,
    check_room,
    check_start,
    needs_start,
    run_or_model,
)
from mnist_core.runs.files import folder_of
from mnist_core.runs.status import list_runs, read_status
from mnist_core.runs.trainer import describe, tidy_models
from mnist_core.training.options import command
from mnist_core.workspace import WORKSPACE, Workspace

PROGRAM = (sys.executable, "-m", "mnist_core")
START, DELETED = ".start.lock", ".deleted-"
PATIENCE = 15  # seconds to wait for somebody else who is starting a training


def start(config, *, workspace: Workspace = WORKSPACE):
    """Start a training in a process of its own.

    Parameters
    ----------
    config : TrainingConfig

    Returns
    -------
    Status

    Raises
    ------
    RunError : the name is taken, the machine or its owner does not allow it, or the settings ask
        for images that there are not
    """
    with one_at_a_time(workspace):
        check_images(config)
        tidy_models(config.name, workspace)
        check_free(config.name, workspace)
        if config.start:
            check_start(config, workspace)
        check_room(config, workspace)
        _prune(workspace)
        folder = workspace.runs / config.name
        try:
            prepare(folder, config)
            _launch(folder, command(config)[3:], workspace)
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise RunError(f"The training could not be started: {describe(error)[0]}") from error
    return read_status(config.name, workspace=workspace)


def resume(name, *, workspace: Workspace = WORKSPACE):
    """Go on with a run after its last whole epoch, in a process of its own.

    Parameters
    ----------
    name : str

    Returns
    -------
    Status

    Raises
    ------
    RunError : there is no such run, it cannot go on, or the machine or its owner does not allow it
    """
    with one_at_a_time(workspace):
        folder = folder_of(name, workspace)
        status = read_status(name, workspace=workspace)
        if status.alive:
            raise RunError(f"{name!r} is being trained already.")
        if status.config is None:
            raise RunError(f"The settings of {name!r} are damaged: delete it and train again.")
        if serving.is_shipped(name):
            raise RunError(f"{name!r} is a model that comes with the app; it stays as it is.")
        if status.state == "failed" and not status.resumable:
            raise RunError(f"{name!r} would fail again: train anew with other settings.")
        if not status.resumable:
            raise RunError(f"{name!r} has done all its {status.epochs} epochs.")
        check_model(status.config, workspace)
        if needs_start(status.config, folder, resumed=True):
            check_start(status.config, workspace)
        check_room(status.config, workspace)
        before = files.read_json(folder / files.STATUS)
        try:
            prepare(folder, status.config, resumed=True)
            _launch(folder, ["train", "--resume", "--name", name], workspace)
        except OSError as error:
            with contextlib.suppress(OSError):
                files.write_json(folder / files.STATUS, before)
            raise RunError(f"The training could not be started: {describe(error)[0]}") from error
    return read_status(name, workspace=workspace)


def stop(name, *, workspace: Workspace = WORKSPACE):
    """Ask a run to stop soon, and to keep its best weights; nothing happens if it has ended.

    Raises
    ------
    RunError : there is no such run, or the disk is full
    """
    try:
        (folder_of(name, workspace) / files.STOP).touch()
    except OSError as error:
        raise RunError(f"{name!r} could not be asked to stop: {describe(error)[0]}") from error


def delete(name, *, workspace: Workspace = WORKSPACE):
    """Delete a run's folder; a model that it has written stays.

    Parameters
    ----------
    name : str

    Raises
    ------
    RunError : there is no such run, or it has not ended
    """
    with one_at_a_time(workspace):
        folder = folder_of(name, workspace)
        if read_status(name, workspace=workspace).alive or files.is_held(folder):
            raise RunError(f"{name!r} is being trained: stop it first.")
        try:
            _remove(folder)
        except OSError as error:
            raise RunError(f"{name!r} could not be deleted: {describe(error)[0]}") from error


def rename(old, new, *, workspace: Workspace = WORKSPACE):
    """Give a run another name, and the model that it has written; or a model alone.

    Parameters
    ----------
    old, new : str

    Raises
    ------
    RunError : there is neither such a run nor such a model, the run has not ended, or the new
        name is taken or not allowed
    """
    with one_at_a_time(workspace):
        status = run_or_model(old, workspace)
        if serving.is_shipped(old):
            raise RunError(f"{old!r} is a model that comes with the app; it keeps its name.")
        if status and status.alive:
            raise RunError(f"{old!r} is being trained: stop it first.")
        check_free(new, workspace)
        try:
            if status is None or status.published:
                serving.rename_model(old, new, workspace=workspace)
            if status:
                folder = (workspace.runs / old).rename(workspace.runs / new)
            if status and status.config:
                files.write_config(folder, replace(status.config, name=new))
        except (ModelError, OSError) as error:
            raise RunError(f"{old!r} could not be renamed: {describe(error)[0]}") from error


def prepare(folder, config, *, resumed=False):
    """Make a run's folder ready for its trainer.

    Parameters
    ----------
    folder : Path
    config : TrainingConfig
    resumed : bool; otherwise an earlier run in the folder is forgotten
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (files.STOP, files.EXIT) if resumed else files.OURS:
        (folder / name).unlink(missing_ok=True)
    files.write_config(folder, config)
    status = files.read_json(folder / files.STATUS) if resumed else {}
    now = {"state": "starting", "created": time.time(), "updated": time.time(), "message": ""}
    now |= {"memory": 0, "memory_free": 0, "final": False}
    files.write_json(folder / files.STATUS, status | now)


@contextlib.contextmanager
def one_at_a_time(workspace: Workspace):
    """Let nobody else start, rename or delete a run meanwhile."""
    try:
        workspace.runs.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(workspace.runs / START).acquire(timeout=PATIENCE)
    except filelock.Timeout as error:
        raise RunError("Somebody else is starting a training; try again in a moment.") from error
    except OSError as error:
        raise RunError(
            f"The folder of trainings cannot be written: {describe(error)[0]}"
        ) from error
    with lock:
        yield


def _prune(workspace: Workspace):
    """Delete the oldest of the runs that have ended, if there are too many."""
    ended = [r for r in list_runs(workspace=workspace) if not r.alive]
    with contextlib.suppress(OSError):
        for status in ended[MAX_ENDED:]:
            folder = workspace.runs / status.name
            if (folder / files.STATUS).exists() and not files.is_held(folder):
                _remove(folder)
        for left in workspace.runs.glob(f"{DELETED}*"):
            shutil.rmtree(left)


def _remove(folder):
    """Delete a run's folder; from the first moment on, nobody takes it for a run any more."""
    hidden = folder.with_name(f"{DELETED}{folder.name}-{time.time_ns()}")
    folder.rename(hidden)
    shutil.rmtree(hidden)


def _launch(folder, arguments, workspace: Workspace):
    """Start the trainer; it outlives this process."""
    places = ["--models", str(workspace.models.resolve()), "--runs", str(workspace.runs.resolve())]
    created = files.read_json(folder / files.STATUS)["created"]
    with (folder / files.LOG).open("ab") as log:
        process = subprocess.Popen(
            [*PROGRAM, *arguments, *places, "--claimed"],
            cwd=PROJECT_DIR,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    threading.Thread(target=_note_exit, args=(process, folder, created), daemon=True).start()


def _note_exit(process, folder, created):
    """Wait for a trainer, and write down how its process ended for all who look at the run."""
    code = process.wait()
    with contextlib.suppress(OSError):
        files.write_json(folder / files.EXIT, {"code": code, "created": created})
