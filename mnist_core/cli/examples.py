"""Labelled digits of a person's hand: from an `.npz`, or a folder of pictures and a table."""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from mnist_core import reading, serving
from mnist_core.cli.common import read_digits, say
from mnist_core.data import Split, last_of_each
from mnist_core.errors import DataError, PictureError
from mnist_core.pictures import imaging
from mnist_core.pixels import are_blank, to_float, to_uint8
from mnist_core.workspace import Workspace

LABELS = "labels.csv"
EXAMPLES = (
    "an .npz file with x (n, 28, 28) and y, or a folder of pictures of one digit each with "
    f"{LABELS} (file,label)"
)


def read_examples(path: Path, *, model: str, workspace: Workspace) -> Split:
    """Read labelled digits from a file or a folder; an image that comes twice counts once.

    Parameters
    ----------
    model : that looks at the pictures of a folder

    Raises
    ------
    DataError : they cannot be read, some of the pictures cannot, or some images are blank
    ModelError : the model is missing or damaged
    """
    found = _read_folder(path, model, workspace) if path.is_dir() else read_digits(path)
    (blank,) = np.nonzero(are_blank(to_float(found.images)))
    if len(blank):
        raise DataError(
            f"{len(blank):,} of {len(found):,} images in {path} are blank, the first of them is "
            f"number {blank[0] + 1:,}, so nothing was taught. Take them out.",
            path=path,
        )
    kept = last_of_each(found)
    if len(kept) < len(found):
        say(
            f"{len(found) - len(kept):,} of {len(found):,} images in {path} are repeated later in "
            "it: each counts once, with its last label."
        )
    return kept


def _read_folder(folder: Path, model: str, workspace: Workspace) -> Split:
    """Return the labelled digits of a folder of pictures.

    Raises
    ------
    DataError : there is no table of labels, or some pictures could not be read
    """
    predictor = serving.load_predictor(model, workspace=workspace)
    detector = serving.find_detector(workspace=workspace)
    images, labels = [], []
    rows = list(_read_labels(folder))
    for path, label in rows:
        try:
            found = reading.read(
                imaging.open_picture(path), predictor, single=True, detector=detector
            )
            if not found.digits:
                raise PictureError("no digit was found in it.")
        except PictureError as error:
            say(f"{path.name}: {error}")
            continue
        images.append(found.digits[0].image)
        labels.append(label)
    if len(images) < len(rows):
        raise DataError(
            f"{len(rows) - len(images):,} of {len(rows):,} pictures in {folder / LABELS} could not "
            "be read, so nothing was taught. Mend them, or take them out of the table.",
            path=folder / LABELS,
        )
    return Split(to_uint8(np.stack(images)), np.array(labels, np.uint8))


def _read_labels(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the pictures of a folder with their labels.

    Raises
    ------
    DataError : there is no table of labels, or it says something else
    """
    path = folder / LABELS
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path} cannot be read ({error}).", path=path) from error
    if not rows or not {"file", "label"} <= set(rows[0]):
        raise DataError(
            f"{path} needs the columns file,label and a row for each picture.", path=path
        )
    for number, row in enumerate(rows, 2):
        label = (row["label"] or "").strip()
        if label not in set("0123456789") or not row["file"]:
            raise DataError(
                f"{path}, line {number}: expected a file and a label from 0 to 9, received "
                f"{row['file']!r} and {row['label']!r}.",
                path=path,
            )
        yield folder / row["file"], int(label)
