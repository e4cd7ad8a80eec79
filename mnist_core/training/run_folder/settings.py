"""The settings of a run, `config.json`."""

import json
from collections.abc import Collection
from pathlib import Path

from mnist_core import atomic
from mnist_core.errors import RunError
from mnist_core.training.config import TrainingConfig
from mnist_core.training.run_folder.layout import CONFIG, LAST, OF_TRAINING, clear, read_file
from mnist_core.training.run_folder.tables import COLUMNS, read_history


def open_run(
    config: TrainingConfig,
    folder: Path,
    *,
    resume: bool = False,
    columns: Collection[str] = COLUMNS,
) -> list[dict[str, float]]:
    """Make the folder of a run, and empty it of an earlier one unless that is to be resumed.

    Parameters
    ----------
    columns : of the history, that this kind of training fills

    Returns
    -------
    the epochs to build on, as `read_history` gives them; none in a fresh run

    Raises
    ------
    RunError : there is nothing to resume, or it has other settings
    """
    if resume:
        if read_config(folder) != config:
            raise RunError(f"The run in {folder.name} has other settings; resume it with its own.")
        return read_history(folder, columns=columns) if (folder / LAST).exists() else []
    clear(folder, OF_TRAINING)
    write_config(folder, config)
    return []


def read_config(folder: Path) -> TrainingConfig:
    """Return the settings of a run.

    Raises
    ------
    RunError : there is no run in the folder, or its settings are damaged
    """
    path = folder / CONFIG
    if not path.exists():
        raise RunError(f"There is no training to resume in {folder.name}.")
    try:
        return TrainingConfig.from_json(read_file(path))
    except (TypeError, ValueError, RecursionError) as error:
        raise RunError(f"{path.name} is damaged: {error}") from error


def write_config(folder: Path, config: TrainingConfig) -> None:
    """Write the settings of a run."""
    atomic.write_text(folder / CONFIG, json.dumps(config.to_dict(), indent=1) + "\n")
