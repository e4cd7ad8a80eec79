"""Whether a training may be started or continued."""

from pathlib import Path

import numpy as np

from mnist_core import serving
from mnist_core.config import MAX_WAITING, check_name
from mnist_core.data import TRAIN_COUNTS
from mnist_core.errors import ModelError, RunError
from mnist_core.runs.budget import (
    DISK_NEEDED,
    disk_free,
    memory_for_another,
    memory_needed,
    too_little_memory,
    training_disabled_reason,
)
from mnist_core.runs.listing import is_own_model
from mnist_core.runs.status import Status
from mnist_core.training import dataset, run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.workspace import Workspace


def check_new(config: TrainingConfig, others: list[Status], workspace: Workspace) -> None:
    """Raise RunError unless a new training may be started beside these others."""
    check_free(config.name, workspace)
    check_settings(config, workspace, resumed=False)
    _check_room(config, others, workspace)


def check_resumable(status: Status, others: list[Status], workspace: Workspace) -> TrainingConfig:
    """Return the settings of a run that may be continued beside these others.

    Raises
    ------
    RunError : it may not
    """
    name = status.name
    if status.alive:
        raise RunError(f"{name!r} is being trained already.")
    if status.config is None:
        raise RunError(f"The settings of {name!r} are damaged: delete it and train again.")
    if serving.is_shipped(name):
        raise RunError(f"{name!r} is a model that comes with the app; it stays as it is.")
    if status.state == "failed" and not status.resumable:
        raise RunError(f"{name!r} would fail again: train it again with other settings.")
    if not status.resumable:
        raise RunError(f"{name!r} has done all its {status.epochs} epochs.")
    check_own_model(status.config, workspace)
    check_settings(status.config, workspace, resumed=True)
    _check_room(status.config, others, workspace)
    return status.config


def check_settings(config: TrainingConfig, workspace: Workspace, *, resumed: bool) -> None:
    """Raise RunError unless the images and the models that the settings name are there."""
    _check_images(config)
    _check_teacher(config, workspace)
    _check_start_share(config)
    if needs_start(config, workspace, resumed=resumed):
        _check_start(config, workspace)


def _check_images(config: TrainingConfig) -> None:
    """Raise RunError if a training asks for more images than MNIST has."""
    try:
        dataset.class_counts(config, np.array(TRAIN_COUNTS))
    except ValueError as error:
        raise RunError(str(error)) from error


def check_free(name: str, workspace: Workspace) -> None:
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


def check_own_model(config: TrainingConfig, workspace: Workspace) -> None:
    """Raise RunError if there is a model of a training's name that it has not written."""
    there = (workspace.models / config.name).exists()
    if there and not is_own_model(config, workspace=workspace):
        raise RunError(
            f"There is a model {config.name!r} that this training has not written: rename one of "
            "them."
        )


def needs_start(config: TrainingConfig, workspace: Workspace, *, resumed: bool) -> bool:
    """Return whether a training has yet to take over the weights of another model."""
    last = workspace.runs / config.name / run_folder.LAST
    return bool(config.start) and not (resumed and last.exists())


def _check_start(config: TrainingConfig, workspace: Workspace) -> None:
    """Raise RunError unless the model to begin with is there and whole."""
    try:
        card = serving.load_card(config.start, workspace=workspace)
        serving.read_file(card, "model.keras", workspace=workspace)
    except ModelError as error:
        raise RunError(str(error)) from error


def _check_start_share(config: TrainingConfig) -> None:
    """Raise RunError if weights are to be kept of a model that is not named."""
    if config.start_share and not config.start:
        raise RunError(
            "A share of the weights at the start can be kept where a model is named to start with "
            "alone: add --start NAME, or leave --start-share out."
        )


def _check_teacher(config: TrainingConfig, workspace: Workspace) -> None:
    """Raise RunError unless the model to learn from, if any, is there, whole and a classifier."""
    if not config.teacher:
        return
    try:
        card = serving.load_card(config.teacher, workspace=workspace)
        serving.read_file(card, "model.tflite", workspace=workspace)
    except ModelError as error:
        raise RunError(str(error)) from error
    if card.is_detector:
        raise RunError(f"{config.teacher!r} finds digits on pages: it cannot teach a classifier.")


def _check_room(config: TrainingConfig, others: list[Status], workspace: Workspace) -> None:
    """Raise RunError if the machine, its owner or the queue has no room for a training."""
    if reason := training_disabled_reason():
        raise RunError(reason)
    alive = [run for run in others if run.alive]
    if len(alive) > MAX_WAITING:
        raise RunError(
            f"{len(alive) - 1} trainings are queued already; try again when one has ended."
        )
    free = memory_for_another(alive)
    if free < memory_needed(config):
        raise RunError(too_little_memory(config, free))
    free = disk_free(workspace.runs)
    if free < DISK_NEEDED:
        raise RunError(
            f"A training needs up to {DISK_NEEDED / 1e6:.0f} MB on the disk, and {free / 1e6:.0f} "
            "MB are free. Delete something, for instance old trainings."
        )


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()
