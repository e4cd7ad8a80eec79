"""What a run has found so far: its epochs, points within them, images that it reads wrong."""

import csv
import io
import math
import struct
import zipfile

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.data import UNREADABLE
from mnist_core.runs import files
from mnist_core.runs.files import folder_of
from mnist_core.workspace import WORKSPACE, Workspace

LARGEST_MISTAKES = 2**18  # bytes


def history(name, *, workspace: Workspace = WORKSPACE):
    """Return the epochs that a run has finished.

    Parameters
    ----------
    name : str

    Returns
    -------
    list of dict of float : the columns of `training.COLUMNS`; lines that are damaged are left out

    Raises
    ------
    RunError : there is no such run
    """
    rows = read_table(folder_of(name, workspace) / files.HISTORY)
    return [row | {"epoch": int(row["epoch"])} for row in rows if "epoch" in row]


def steps(name, *, workspace: Workspace = WORKSPACE):
    """Return points within a run's epochs, about one a second.

    Parameters
    ----------
    name : str

    Returns
    -------
    list of dict : `at` (float, epochs done), `loss` and `accuracy` on training images, averaged
        since the epoch began

    Raises
    ------
    RunError : there is no such run
    """
    rows = read_table(folder_of(name, workspace) / files.STEPS)
    return [row for row in rows if row.keys() == {"at", "loss", "accuracy"}]


def mistakes(name, *, workspace: Workspace = WORKSPACE):
    """Return validation images that a run read wrong at the end of its last epoch.

    Parameters
    ----------
    name : str

    Returns
    -------
    dict : `images` uint8 (n, 28, 28), `labels` and `digits`, what was read, int (n,); None if
        there are none yet, or the file is damaged

    Raises
    ------
    RunError : there is no such run
    """
    content = files.read(folder_of(name, workspace) / files.MISTAKES)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_MISTAKES:
                return None
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            found = {part: archive[part] for part in ("images", "labels", "digits")}
    except (*UNREADABLE, MemoryError, OverflowError, RuntimeError, struct.error):
        return None
    n = len(found["images"]) if found["images"].ndim else 0
    shapes = {"images": (n, 28, 28), "labels": (n,), "digits": (n,)}
    good = found["images"].dtype == np.uint8 and all(
        array.shape == shapes[part]
        and array.dtype.kind in "iu"
        and (part == "images" or np.isin(array, range(CLASSES)).all())
        for part, array in found.items()
    )
    return found if good else None


def read_table(path):
    """Return a CSV file's rows as dicts of numbers, without those that are anything else."""
    try:
        reader = csv.DictReader(io.StringIO(files.read(path).decode("utf-8", "replace")))
        rows = [_numbers(row) for row in reader]
    except csv.Error:
        return []
    return [row for row in rows if row]


def _numbers(row):
    try:
        numbers = {name: float(value) for name, value in row.items()}
    except (TypeError, ValueError):
        return {}
    return numbers if all(map(math.isfinite, numbers.values())) else {}
