"""`read`: numbers from pictures, files or whole folders of them."""

import argparse
import contextlib
import functools
import os
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mnist_core import reading, serving
from mnist_core.cli import workers
from mnist_core.cli.arguments import add_model
from mnist_core.cli.common import say
from mnist_core.config import MODEL_NAME, cpu_count
from mnist_core.errors import PictureError, UsageError
from mnist_core.pictures import archives, formats, imaging
from mnist_core.reading import records
from mnist_core.reading.records import Record
from mnist_core.workspace import Workspace

TABLE = "read"  # a key of records.TABLES
PATHS = (
    "A folder stands for all pictures in it and in its subfolders "
    f"({', '.join(formats.extensions())}), sorted by name with numbers by their value (2 before "
    "10). Hidden files and links to other folders are skipped. A file that you name is opened "
    "whatever its name ends in. What you name twice is read twice. A folder without pictures "
    "is reported as a failure."
)

Given = tuple[str, str | None]  # a path, and why there is nothing to read; None if there is


def add_read_options(parser: argparse.ArgumentParser) -> None:
    """Give `read` its options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="picture files or folders of them")
    add_model(parser)
    parser.add_argument("--single", action="store_true", help="each picture holds one digit")
    parser.set_defaults(form="lines")
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json", action="store_const", const="json", dest="form", help="one JSON object per line"
    )
    form.add_argument(
        "--csv",
        action="store_const",
        const="csv",
        dest="form",
        help="a table with one row per file",
    )


def run_read(options: argparse.Namespace) -> int:
    """Read the number in each picture; the exit code is 1 if some could not be read."""
    _check_model(options)
    inputs = [found for path in options.paths for found in find(path)]
    read = functools.partial(
        read_input, model=options.model, workspace=options.workspace, single=options.single
    )
    processes = min(cpu_count(), len(inputs))
    failed = 0
    with (
        contextlib.closing(_read_all(read, inputs, processes)) as found,
        tqdm(total=len(inputs), unit="picture", dynamic_ncols=True, delay=1, leave=False) as bar,
    ):
        if options.form == "csv":
            _print(records.csv_heading(TABLE))
        for record in found:
            bar.update()
            failed += record.error is not None
            FORMS[options.form](record)
    say(f"{len(inputs) - failed:,} of {len(inputs):,} read by {options.model}, {failed:,} failed")
    return int(failed > 0)


def find(path: str) -> list[Given]:
    """Find the pictures that the path of a file or folder stands for."""
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where it may not look
        return [(path, None)]
    found: list[Given] = []

    def refused(error: OSError) -> None:
        found.append((error.filename, f"This folder cannot be opened ({error.strerror})."))

    for folder, folders, names in os.walk(path, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            (os.path.join(folder, name), None)  # noqa: PTH118 - the path as it was given
            for name in names
            if not name.startswith(".") and formats.has_picture_name(name)
        ]
    if not found:
        endings = ", ".join(formats.extensions())
        return [(path, f"This folder has no picture whose name ends in {endings}.")]
    return sorted(found, key=lambda pair: _natural(pair[0]))


def read_input(given: Given, *, model: str, workspace: Workspace, single: bool) -> Record:
    """Read one picture.

    Parameters
    ----------
    given : as from `find`
    single : the picture holds one digit

    Returns
    -------
    the record of the file; whatever is wrong with the file becomes its error

    Raises
    ------
    ModelError : the model cannot be used
    """
    file, error = given
    predictor = _predictor(model, workspace)
    if error is not None:
        return Record(file, error=error)
    try:
        picture = imaging.open_picture(Path(file))
        return records.from_reading(file, reading.read(picture, predictor, single=single))
    except PictureError as wrong:
        return Record(file, error=str(wrong))
    except Exception as wrong:  # an unexpected error must not stop the other files
        return Record(file, error=f"This file could not be read ({type(wrong).__name__}: {wrong}).")


def show_json(record: Record) -> None:
    """Print a file's record as one line of JSON."""
    _print(records.to_json_line(record))


def show_csv(record: Record) -> None:
    """Print a file's record as one line of CSV."""
    _print(records.to_csv_line(record, TABLE))


def show_line(record: Record) -> None:
    """Print a file's record as a line for people."""
    name = "".join(
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in record.file
    )
    if record.error:
        tqdm.write(f"{name}: {record.error}", file=sys.stderr)
    else:
        _print(f"{name}: {record.text.replace(chr(10), ' / ') or 'nothing found'}")


def _print(line: str) -> None:
    """Print a line at once, past the progress bar, whatever letters it holds."""
    encoding = sys.stdout.encoding or "utf-8"
    line = line.encode(encoding, "backslashreplace").decode(encoding)
    if sys.stdout.isatty():
        tqdm.write(line)
    else:
        print(line)
    sys.stdout.flush()


def _read_all(
    read: Callable[[Given], Record], inputs: Sequence[Given], processes: int
) -> Generator[Record, None, None]:
    """Yield the record of each input; one alone is not worth the start of a process."""
    if len(inputs) == 1:
        yield read(inputs[0])
        return
    yield from workers.in_order(read, inputs, processes=processes, lost=_lost)


def _lost(given: Given) -> Record:
    file, error = given
    return Record(file, error=error or "This file made the process that read it stop.")


def _check_model(options: argparse.Namespace) -> None:
    """Refuse a model that is missing or damaged before anything is read."""
    if (
        not MODEL_NAME.fullmatch(options.model)
        or not (options.workspace.models / options.model).is_dir()
    ):
        raise UsageError(
            f"There is no model {options.model!r} in {options.workspace.models}. "
            "`python -m mnist_core models` lists the models."
        )
    card = serving.load_card(options.model, workspace=options.workspace)
    serving.read_file(card, "model.tflite", workspace=options.workspace)


@functools.cache
def _predictor(model: str, workspace: Workspace) -> serving.Predictor:
    return serving.load_predictor(model, workspace=workspace)


def _natural(name: str) -> tuple[list[Any], str]:
    """Return a key that sorts part by part, numbers by their value."""
    return [archives.natural_order(part)[0] for part in Path(name).parts], name


FORMS = {"lines": show_line, "json": show_json, "csv": show_csv}
