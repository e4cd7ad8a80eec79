"""`read`: numbers from pictures, files or whole folders of them."""

import contextlib
import csv
import functools
import io
import json
import os
import sys
from pathlib import Path

from tqdm import tqdm

from mnist_core import reading, serving
from mnist_core.cli import workers
from mnist_core.cli.common import say
from mnist_core.config import MODEL_NAME, cpu_count
from mnist_core.errors import PictureError, UsageError
from mnist_core.pictures import archives, imaging

COLUMNS = ("file", "text", "digits", "lowest_confidence", "error")
PATHS = (
    f"A folder stands for all pictures in and below it ({', '.join(imaging.EXTENSIONS)}), sorted "
    "by name with numbers in their order (2 before 10); hidden files, and links to other folders, "
    "are passed over. A file that is named itself is tried whatever it is called. What is named "
    "twice is read twice. A folder without pictures is an input that failed."
)


def run_read(options):
    """Read the number in each picture; the exit code is 1 if some could not be read."""
    _check_model(options)
    inputs = [found for path in options.paths for found in find(path)]
    read = functools.partial(
        read_input, model=options.model, models=options.models, single=options.single
    )
    processes = min(cpu_count(), len(inputs))
    failed = 0
    with (
        contextlib.closing(_records(read, inputs, processes)) as records,
        tqdm(total=len(inputs), unit="picture", dynamic_ncols=True, delay=1, leave=False) as bar,
    ):
        if options.form == "csv":
            _print(_csv(COLUMNS))
        for record in records:
            bar.update()
            failed += record["error"] is not None
            FORMS[options.form](record)
    say(f"{len(inputs) - failed:,} of {len(inputs):,} read by {options.model}, {failed:,} failed")
    return int(failed > 0)


def find(path):
    """Find the pictures that a path stands for.

    Parameters
    ----------
    path : str, of a file or folder

    Returns
    -------
    list of (path, error) : error is None, or a sentence that says why there is nothing to read
    """
    if not os.path.isdir(path):  # noqa: PTH112 - Path.is_dir raises where it may not look
        return [(path, None)]
    found = []

    def refused(error):
        found.append((error.filename, f"This folder cannot be opened ({error.strerror})."))

    for folder, folders, names in os.walk(path, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            (os.path.join(folder, name), None)  # noqa: PTH118 - the path as it was given
            for name in names
            if not name.startswith(".") and name.lower().endswith(imaging.EXTENSIONS)
        ]
    if not found:
        endings = ", ".join(imaging.EXTENSIONS)
        return [(path, f"This folder holds no picture whose name ends in {endings}.")]
    return sorted(found, key=lambda pair: _natural(pair[0]))


def read_input(given, *, model, models, single):
    """Read one picture.

    Parameters
    ----------
    given : (path, error) as from `find`
    model : str
    models : Path, of the models folder
    single : bool, the picture holds one digit

    Returns
    -------
    dict : file, text, digits, error; whatever is wrong with the file becomes its error

    Raises
    ------
    ModelError : the model cannot be used
    """
    file, error = given
    predictor = _predictor(model, models)
    found = None
    if error is None:
        try:
            picture = imaging.open_picture(Path(file))
            found = reading.read(picture, predictor, single=single)
        except PictureError as wrong:
            error = str(wrong)
        except Exception as wrong:  # what nobody foresaw must not stop the others
            error = f"This file could not be read ({type(wrong).__name__}: {wrong})."
    return to_record(file, found, error)


def to_record(file, found, error=None):
    """Return what is told of a file: {"file", "text", "digits", "error"}, ready for JSON."""
    digits = [digit.to_record() for digit in (found.digits if found else ())]
    return {"file": file, "text": found.text if found else "", "digits": digits, "error": error}


def show_json(record):
    """Print a file's record as one line of JSON."""
    _print(json.dumps(record))


def show_csv(record):
    """Print a file's record as one line of CSV."""
    accepted = [digit["confidence"] for digit in record["digits"] if digit["accepted"]]
    lowest = f"{min(accepted):.4f}" if accepted else ""
    name, error = (archives.safe_cell(record[key] or "") for key in ("file", "error"))
    _print(_csv((name, record["text"], len(accepted), lowest, error)))


def show_line(record):
    """Print a file's record as a line for people."""
    name = "".join(
        letter if letter.isprintable() else ascii(letter)[1:-1] for letter in record["file"]
    )
    if record["error"]:
        tqdm.write(f"{name}: {record['error']}", file=sys.stderr)
    else:
        _print(f"{name}: {record['text'].replace(chr(10), ' / ') or 'nothing found'}")


def _print(line):
    """Print a line at once, past the progress bar, whatever letters it holds."""
    encoding = sys.stdout.encoding or "utf-8"
    line = line.encode(encoding, "backslashreplace").decode(encoding)
    if sys.stdout.isatty():
        tqdm.write(line)
    else:
        print(line)
    sys.stdout.flush()


def _csv(cells):
    line, end = io.StringIO(), "\r\n"  # cells that hold a letter of the end are quoted
    csv.writer(line, lineterminator=end).writerow(cells)
    return line.getvalue().removesuffix(end)


def _records(read, inputs, processes):
    """Yield the record of each input; one alone is not worth the start of a process."""
    if len(inputs) == 1:
        yield read(inputs[0])
        return
    yield from workers.in_order(read, inputs, processes=processes, lost=_lost)


def _lost(given):
    file, error = given
    return to_record(file, None, error or "This file made the program that read it stop.")


def _check_model(options):
    """Refuse a model that is not there before anything is read."""
    if not MODEL_NAME.fullmatch(options.model) or not (options.models / options.model).is_dir():
        raise UsageError(
            f"There is no model {options.model!r} in {options.models}. "
            "`python -m mnist_core models` lists those there are."
        )
    card = serving.load_card(options.model, models_dir=options.models)
    serving.read_file(card, "model.tflite", models_dir=options.models)


@functools.cache
def _predictor(model, models):
    return serving.load_predictor(model, models_dir=models)


def _natural(name):
    """Return a key that sorts part by part, numbers by their value."""
    return [archives.natural_order(part)[0] for part in Path(name).parts], name


FORMS = {"lines": show_line, "json": show_json, "csv": show_csv}
