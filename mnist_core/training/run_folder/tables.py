"""The tables of a run: `history.csv`, a row an epoch, and `steps.csv`, points within them."""

import csv
import io
import math
from collections.abc import Collection, Iterable
from pathlib import Path

from mnist_core import atomic
from mnist_core.errors import RunError
from mnist_core.training.run_folder.layout import HISTORY, STEPS, read_file

COLUMNS = (
    *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_corrupted"),
    *("val_balanced", "val_worst_recall", "seconds"),
)
DETECTION_COLUMNS = (
    *("epoch", "loss", "accuracy", "val_loss", "val_recall", "val_precision", "val_crops"),
    "seconds",
)
OLD_COLUMNS = {"val_damaged": "val_corrupted", "val_worst": "val_worst_recall"}  # before 0.2
POINT = ("at", "loss", "accuracy")


def read_history(
    folder: Path, *, strict: bool = True, columns: Collection[str] = COLUMNS
) -> list[dict[str, float]]:
    """Return a run's epochs: a dict a row, by column; none if no epoch was finished.

    Parameters
    ----------
    strict : whether a damaged row is an error; otherwise it is left out, and columns may lack
    columns : that the kind of training fills

    Raises
    ------
    RunError : the table is damaged, and `strict` is true
    """
    wanted = set(columns) if strict else {"epoch"}
    rows = []
    for row in _read(folder / HISTORY):
        if row is not None and row.keys() >= wanted:
            rows.append(row | {"epoch": int(row["epoch"])})
        elif strict:
            raise RunError(f"{HISTORY} is damaged, so the training cannot continue: train again.")
    return rows


def write_history(
    folder: Path, history: Iterable[dict[str, float]], *, columns: Collection[str] = COLUMNS
) -> None:
    """Write the table of a run's epochs."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=tuple(columns))
    writer.writeheader()
    writer.writerows(history)
    atomic.write_text(folder / HISTORY, text.getvalue())


def read_steps(folder: Path) -> list[dict[str, float]]:
    """Return points within a run's epochs, about one a second; damaged ones are left out.

    Returns
    -------
    `at` (epochs done, with a fraction), `loss` and `accuracy` on training images, averaged since
    the epoch began
    """
    return [row for row in _read(folder / STEPS) if row is not None and row.keys() == set(POINT)]


def append_step(folder: Path, at: float, loss: float, accuracy: float) -> None:
    """Add a point to the table of steps."""
    with (folder / STEPS).open("a", encoding="utf-8") as file:
        file.write(_line(at, loss, accuracy))


def drop_steps_after(folder: Path, epochs: int) -> None:
    """Keep the points of the first epochs: those that follow will be trained again."""
    kept = [_line(**point) for point in read_steps(folder) if point["at"] <= epochs]
    atomic.write_text(folder / STEPS, ",".join(POINT) + "\n" + "".join(kept))


def _read(path: Path) -> list[dict[str, float] | None]:
    """Return a CSV file's rows as numbers by column; None for a row that holds anything else."""
    try:
        reader = csv.DictReader(io.StringIO(read_file(path).decode("utf-8", "replace")))
        return [_numbers(row) for row in reader]
    except csv.Error:
        return [None]


def _numbers(row: dict[str, str]) -> dict[str, float] | None:
    try:
        numbers = {OLD_COLUMNS.get(name, name): float(value) for name, value in row.items()}
    except (TypeError, ValueError):
        return None
    return numbers if all(map(math.isfinite, numbers.values())) else None


def _line(at: float, loss: float, accuracy: float) -> str:
    return f"{at:.5f},{loss:.6g},{accuracy:.6g}\n"
