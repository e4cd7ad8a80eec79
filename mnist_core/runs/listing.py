"""Read how runs stand from their folders, whatever their files hold."""

import contextlib
from dataclasses import replace
from pathlib import Path

from mnist_core import serving
from mnist_core.errors import InvalidValueError, ModelError, RunError
from mnist_core.runs import liveness
from mnist_core.runs.status import ALIVE, QUEUED, Status
from mnist_core.training import run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.training.options import PROLONGED
from mnist_core.training.run_folder import StatusRecord
from mnist_core.workspace import WORKSPACE, Workspace


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
    return replace(status, queued_behind=_queued_behind(status, others))


def list_runs(*, workspace: Workspace = WORKSPACE) -> list[Status]:
    """Return the status of all runs, the newest first."""
    found = [_read(folder, workspace) for folder in run_folder.list_folders(workspace)]
    found = [
        replace(s, queued_behind=_queued_behind(s, found)) if s.state in QUEUED else s
        for s in found
    ]
    return sorted(found, key=lambda status: (-status.created, status.name))


def is_own_model(config: TrainingConfig, *, workspace: Workspace = WORKSPACE) -> bool:
    """Return whether the model of a training's name was made with just its settings."""
    return epochs_of_model(config, workspace=workspace) is not None


def epochs_of_model(config: TrainingConfig, *, workspace: Workspace = WORKSPACE) -> int | None:
    """Return after how many epochs a training has written its model; None if there is none."""
    try:
        card = serving.load_card(config.name, workspace=workspace)
        stored = TrainingConfig.from_dict(card.training | {"name": config.name})
        if config.task == "detection":  # it may have been trained on with others
            stored = replace(stored, **{name: getattr(config, name) for name in PROLONGED})
        if stored != config:
            return None
    except (ModelError, InvalidValueError):
        return None
    done = card.training.get("epochs_done", 0)
    return done if isinstance(done, int) else 0


def _read(folder: Path, workspace: Workspace) -> Status:
    """Return the status of a run, but for whom it is queued behind."""
    config = _config_of(folder)
    epochs_done = len(run_folder.read_history(folder, strict=False))
    while True:
        record = run_folder.read_record(folder)
        status = _from_record(record, folder, config, epochs_done)
        lives = status.alive and liveness.lives(folder, status)
        # A trainer reports its end before it lets go of its folder: perhaps only just now.
        if lives or run_folder.read_record(folder) == record:
            break
    if status.alive and not lives:
        cause = liveness.cause(folder, status)
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
        stopping=record.state in ALIVE and run_folder.is_stop_requested(folder),
        memory=record.memory,
        memory_free=record.memory_free,
    )


def _queued_behind(status: Status, others: list[Status]) -> tuple[str, ...]:
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


def _changed(folder: Path) -> float:
    """Return when a run's settings were written, or else its folder."""
    for path in (folder / run_folder.CONFIG, folder):
        with contextlib.suppress(OSError):
            return path.lstat().st_mtime
    return 0.0
