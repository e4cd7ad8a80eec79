"""Whether people may do with a run what they ask for."""

import contextlib

import numpy as np

from mnist_core import serving
from mnist_core.config import MAX_WAITING, check_name
from mnist_core.data import TRAIN_COUNTS
from mnist_core.errors import ModelError, RunError
from mnist_core.runs import files
from mnist_core.runs.budget import memory_for_another, memory_needed, refusal
from mnist_core.runs.status import is_own_model, list_runs, read_status
from mnist_core.runs.trainer import too_little_memory
from mnist_core.training import dataset
from mnist_core.workspace import Workspace


def check_images(config):
    """Raise RunError if a training asks for more images than MNIST has."""
    try:
        dataset.class_counts(config, np.array(TRAIN_COUNTS))
    except ValueError as error:
        raise RunError(str(error)) from error


def check_model(config, workspace: Workspace):
    """Raise RunError if there is a model of a training's name that it has not written."""
    there = (workspace.models / config.name).exists()
    if there and not is_own_model(config, workspace=workspace):
        raise RunError(
            f"There is a model {config.name!r} that this training has not written: rename one of "
            "them."
        )


def needs_start(config, folder, *, resumed):
    """Return whether a training has yet to take over the weights of another model."""
    return bool(config.start) and not (resumed and (folder / files.LAST).exists())


def check_start(config, workspace: Workspace):
    """Raise RunError unless the model to begin with is there and whole."""
    try:
        card = serving.load_card(config.start, workspace=workspace)
        serving.read_file(card, "model.keras", workspace=workspace)
    except ModelError as error:
        raise RunError(str(error)) from error


def is_alive(name, workspace: Workspace):
    """Return whether somebody trains, or is about to train, a run."""
    try:
        return read_status(name, workspace=workspace).alive
    except RunError:
        return False


def run_or_model(name, workspace: Workspace):
    """Return the Status of a run, None if there is only a model of that name."""
    try:
        return read_status(name, workspace=workspace)
    except RunError:
        with contextlib.suppress(ModelError):
            serving.load_card(name, workspace=workspace)
            return None
        raise


def check_free(name, workspace: Workspace):
    """Raise RunError if a name is not allowed, or a run or a model has it."""
    try:
        check_name(name)
    except ValueError as error:
        raise RunError(str(error)) from error
    if serving.is_shipped(name):
        raise RunError(f"{name!r} is the name of a model that comes with the app: take another.")
    if _is_there(workspace.runs / name):
        raise RunError(f"There is already a training called {name!r}: take another name.")
    if _is_there(workspace.models / name):
        raise RunError(f"There is already a model called {name!r}: take another name.")


def check_room(config, workspace: Workspace):
    """Raise RunError if the machine, its owner or the queue has no room for a training."""
    if reason := refusal():
        raise RunError(reason)
    others = [run for run in list_runs(workspace=workspace) if run.alive]
    if len(others) > MAX_WAITING:
        raise RunError(
            f"{len(others) - 1} trainings wait for their turn already; try again when one has "
            "ended."
        )
    free = memory_for_another(others)
    if free < memory_needed(config):
        raise RunError(too_little_memory(config, free))


def _is_there(path):
    return path.exists() or path.is_symlink()
