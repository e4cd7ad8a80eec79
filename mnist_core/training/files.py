"""A run's folder: settings, the table of its epochs, weights; each file is whole, or not there."""

import csv
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from mnist_core.errors import RunError
from mnist_core.training import rebalancing
from mnist_core.training.config import TrainingConfig

COLUMNS = (
    *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_damaged"),
    *("val_balanced", "val_worst", "seconds"),
)
CONFIG, HISTORY, MISTAKES = "config.json", "history.csv", "mistakes.npz"
BEST, LAST, CURED = "best.keras", "last.keras", "cured.keras"
SHOWN_MISTAKES = 20


def open_run(config, folder, *, resume=False):
    """Make the folder of a run, and empty it of an earlier one unless that is to be resumed.

    Returns
    -------
    list of dict : the epochs to build on, as `read_history` gives them; none in a fresh run

    Raises
    ------
    RunError : there is nothing to resume, or it has other settings
    """
    folder = Path(folder)
    if resume:
        if read_config(folder) != config:
            raise RunError(f"The run in {folder.name} has other settings; resume it with its own.")
        if not (folder / LAST).exists():
            return []
        return read_history(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (HISTORY, MISTAKES, BEST, LAST, CURED):
        (folder / name).unlink(missing_ok=True)
    part = folder / f"part-{CONFIG}"
    part.write_text(json.dumps(asdict(config), indent=1) + "\n", "utf-8")
    part.replace(folder / CONFIG)
    return []


def read_config(folder):
    """Return the TrainingConfig of a run.

    Raises
    ------
    RunError : there is no run in the folder, or its settings are damaged
    """
    path = Path(folder) / CONFIG
    try:
        return TrainingConfig.from_json(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise RunError(f"There is no training to resume in {Path(folder).name}.") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise RunError(f"{path.name} is damaged: {error}") from error


def read_history(folder):
    """Return a run's epochs, one dict of numbers each; empty if none was finished.

    Raises
    ------
    RunError : the table is damaged
    """
    path = Path(folder) / HISTORY
    if not path.exists():
        return []
    try:
        with path.open(newline="") as file:
            rows = [
                {name: float(row[name]) for name in COLUMNS} | {"epoch": int(row["epoch"])}
                for row in csv.DictReader(file)
            ]
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{path.name} is damaged, the training cannot go on: {error}") from error
    return rows


def load(path):
    """Load weights to resume from, with their optimiser.

    Raises
    ------
    RunError : the file is damaged
    """
    import keras

    try:
        return keras.saving.load_model(path, custom_objects=rebalancing.custom_objects())
    except (OSError, KeyError, ValueError) as error:
        raise RunError(f"{path.name} is damaged, the training cannot go on: {error}") from error


def save(model, path):
    """Save a model so that the file is always whole: the old one or the new one."""
    part = path.with_name(f"part-{path.name}")
    model.save(part)
    part.replace(path)


def write_history(path, history):
    """Write the table of a run's epochs."""
    part = path.with_suffix(".part")
    with part.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(history)
    part.replace(path)


def write_mistakes(path, validation, digits):
    """Write some of the validation images that were read wrong, and as what, for people to see."""
    (wrong,) = np.nonzero(digits != validation.labels)
    shown = wrong[:: max(len(wrong) // SHOWN_MISTAKES, 1)][:SHOWN_MISTAKES]
    part = path.with_name(f"part-{path.name}")
    np.savez(
        part, images=validation.images[shown], labels=validation.labels[shown], digits=digits[shown]
    )
    part.replace(path)
