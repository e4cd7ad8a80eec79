"""`adapt`: teach a copy of a model new handwriting, in seconds and without TensorFlow."""

import argparse
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from mnist_core import reading, serving
from mnist_core.cli.arguments import add_model
from mnist_core.cli.common import load_mnist, read_npz, say
from mnist_core.config import check_name
from mnist_core.data import Split
from mnist_core.errors import DataError, InvalidValueError, PictureError, UsageError
from mnist_core.pictures import imaging
from mnist_core.pixels import to_uint8
from mnist_core.training.export.teaching import store_taught
from mnist_core.workspace import Workspace

LABELS = "labels.csv"


def add_adapt_options(parser: argparse.ArgumentParser) -> None:
    """Give `adapt` its options."""
    parser.add_argument(
        "examples",
        type=Path,
        metavar="EXAMPLES",
        help="an .npz file with x (n, 28, 28) and y, or a folder of pictures of one digit each "
        f"with {LABELS} (file,label)",
    )
    parser.add_argument("--name", required=True, metavar="N", help="of the taught copy")
    add_model(parser)
    parser.add_argument("--replace", action="store_true", help="replace a model of that name")


def run_adapt(options: argparse.Namespace) -> int:
    """Teach a copy of a model; if some pictures cannot be read, none is written: exit code 1."""
    try:
        check_name(options.name)
    except InvalidValueError as error:
        raise UsageError(str(error)) from error
    if serving.is_shipped(options.name):
        raise UsageError(f"{options.name!r} comes with the project: choose another --name.")
    if (options.workspace.models / options.name).exists() and not options.replace:
        raise UsageError(
            f"There is already a model {options.name!r}: choose another --name, or add --replace."
        )
    if options.examples.is_dir():
        examples = _read_folder(options.examples, options.model, options.workspace)
    else:
        images, labels = read_npz(options.examples, ("x", "y"))
        examples = Split(to_uint8(images), labels)
    card = store_taught(
        options.name,
        examples,
        load_mnist(),
        source=options.examples.name,
        model=options.model,
        workspace=options.workspace,
        replace=options.replace,
    )
    say(
        f"{card.name}: {options.model} was taught {_describe(card.taught['accuracy'])} Of MNIST's "
        f"test images it classified {card.taught['test_accuracy_before']:.2%} correctly before, "
        f"and {card.metrics['test']['accuracy']:.2%} now."
    )
    return 0


def _describe(found: Mapping[str, float]) -> str:
    """Say how many examples were taught, and how well they were classified."""
    if found["n"] == 1:
        rightly = "correctly" if found["before"] else "wrongly"
        return (
            f"1 example, which it classified {rightly} before. How well it does on other examples "
            "of the same hand, only several can show."
        )
    return (
        f"{found['n']:,} examples. Of these it classified {found['before']:.1%} correctly before, "
        f"and {found['held_out']:.1%} once it was taught the others."
    )


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
    return Split(to_uint8(np.stack(images)), np.array(labels))


def _read_labels(folder: Path) -> Iterator[tuple[Path, int]]:
    """Yield the pictures of a folder with their labels.

    Raises
    ------
    DataError : there is no table of labels, or it says something else
    """
    path = folder / LABELS
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path} cannot be read ({error}).", path=path) from error
    if not rows or not {"file", "label"} <= set(rows[0]):
        raise DataError(
            f"{path} needs the columns file,label and a row for each picture.", path=path
        )
    for number, row in enumerate(rows, 2):
        if row["label"] not in set("0123456789") or not row["file"]:
            raise DataError(
                f"{path}, line {number}: expected a file and a label from 0 to 9, received "
                f"{row['file']!r} and {row['label']!r}.",
                path=path,
            )
        yield folder / row["file"], int(row["label"])
