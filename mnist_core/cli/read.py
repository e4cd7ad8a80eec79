"""`read`: numbers from pictures, files or whole folders of them."""

import argparse
import contextlib
import functools
import itertools
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from mnist_core import serving
from mnist_core.cli import inputs, workers
from mnist_core.cli.arguments import add_model
from mnist_core.cli.cluster import add_cluster, read_on_cluster
from mnist_core.cli.common import say_total
from mnist_core.cli.inputs import Given
from mnist_core.config import MODEL_NAME, cpu_count
from mnist_core.errors import UsageError
from mnist_core.reading import parquet, records
from mnist_core.reading.files import read_page
from mnist_core.reading.records import Record
from mnist_core.workspace import Workspace

TABLE = "read"  # a key of records.TABLES

Answer = tuple[Given, Record]


def add_read_options(parser: argparse.ArgumentParser) -> None:
    """Give `read` its options."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="picture files or folders of them")
    add_model(parser)
    parser.add_argument("--single", action="store_true", help="each picture holds one digit")
    add_cluster(parser)
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
        help="a table with one row per file, or per page of it",
    )
    form.add_argument(
        "--out",
        metavar="FILE.parquet",
        help="write the records of --json as a Parquet file; with --on, as a folder of them",
    )


def run_read(options: argparse.Namespace) -> int:
    """Read the number in each picture; the exit code is 1 if some could not be read."""
    if options.out is not None:
        _check_out(options)
        parquet.check_installed()
    _check_model(options)
    if options.on is not None:
        return read_on_cluster(options)
    files = [found for path in options.paths for found in inputs.find(path)]
    read = functools.partial(
        read_input, model=options.model, workspace=options.workspace, single=options.single
    )
    failed = total = 0
    with (
        tqdm(total=len(files), unit="page", dynamic_ncols=True, delay=1, leave=False) as bar,
        contextlib.closing(_read_all(read, _counted(files, bar), alone=len(files) == 1)) as found,
        _shown(options) as show,
    ):
        if options.form == "csv":
            _print(records.csv_heading(TABLE))
        for given, record in found:
            bar.update()
            total += 1
            failed += record.error is not None
            show(record, given)
    say_total(total, failed, options.model)
    return int(failed > 0)


def read_input(given: Given, *, model: str, workspace: Workspace, single: bool) -> Answer:
    """Read one page.

    Parameters
    ----------
    given : as from `inputs.split_pages`
    single : the page holds one digit

    Returns
    -------
    the page and its record; whatever is wrong with it becomes the record's error

    Raises
    ------
    ModelError : the model cannot be used
    """
    predictor, detector = _predictor(model, workspace), _detector(workspace)
    if given.error is not None:
        return _failed(given, given.error)
    path = Path(given.file)
    return given, read_page(
        given.file, path, given.page, predictor, single=single, detector=detector
    )


def show_json(record: Record, given: Given) -> None:  # noqa: ARG001 - all are called alike
    """Print a page's record as one line of JSON."""
    _print(records.to_json_line(record))


def show_csv(record: Record, given: Given) -> None:  # noqa: ARG001
    """Print a page's record as one line of CSV."""
    _print(records.to_csv_line(record, TABLE))


def show_line(record: Record, given: Given) -> None:
    """Print a page's record as a line for people."""
    name = records.visible(record.file)
    if given.pages > 1:
        name += f", page {record.page}"
    if record.error:
        tqdm.write(f"{name}: {records.visible(record.error)}", file=sys.stderr)
        return
    notes = [f"turned by {record.turned} degrees"] if record.turned else []
    notes += [record.remark] if record.remark else []
    number = record.written.replace("\n", " / ")
    if not number:
        _print(f"{name}: {record.remark or 'nothing found'}")
        return
    _print(f"{name}: {number}" + (f" ({'; '.join(notes)})" if notes else ""))


@contextlib.contextmanager
def _shown(options: argparse.Namespace) -> Iterator[Callable[[Record, Given], None]]:
    """Yield a function that shows a page's record, or stores it."""
    if options.out is None:
        yield FORMS[options.form]
        return
    path = Path(options.out)
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(
            f"{options.out!r} is a folder, or lies in none: --out takes a file in a folder that is "
            "there."
        )
    with parquet.open_parquet(path) as write:
        yield lambda record, _: write(record)


def _print(line: str) -> None:
    """Print a line at once, past the progress bar, whatever letters it holds."""
    encoding = sys.stdout.encoding or "utf-8"
    line = line.encode(encoding, "backslashreplace").decode(encoding)
    if sys.stdout.isatty():
        tqdm.write(line)
    else:
        print(line)
    sys.stdout.flush()


def _counted(files: Sequence[Given], bar: tqdm) -> Iterator[Given]:
    """Yield the pages of files, and let the bar know how many there are as they are found."""
    for given in inputs.split_pages(files):
        if given.page > 1:
            bar.total += 1
        yield given


def _read_all(
    read: Callable[[Given], Answer], pages: Iterator[Given], *, alone: bool
) -> Generator[Answer, None, None]:
    """Yield the record of each page; one alone is not worth the start of a process."""
    if alone:
        first = next(pages)
        if first.pages == 1:
            yield read(first)
            return
        pages = itertools.chain([first], pages)
    yield from workers.in_order(read, pages, processes=cpu_count(), lost=_lost)


def _lost(given: Given) -> Answer:
    return _failed(given, given.error or "This file made the process that read it stop.")


def _failed(given: Given, error: str) -> Answer:
    return given, Record(given.file, given.page, error=error)


def _check_out(options: argparse.Namespace) -> None:
    """Refuse a name for the output that promises another format; on a cluster it is a folder."""
    if options.on is None and Path(options.out).suffix.lower() != ".parquet":
        raise UsageError(
            f"--out writes Parquet: its name ends in .parquet, received {options.out!r}. For other "
            "formats send standard output to a file: --csv > FILE.csv or --json > FILE.jsonl."
        )


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
    _detector(options.workspace)


@functools.cache
def _predictor(model: str, workspace: Workspace) -> serving.Predictor:
    return serving.load_predictor(model, workspace=workspace)


@functools.cache
def _detector(workspace: Workspace) -> serving.Detector | None:
    return serving.find_detector(workspace=workspace)


FORMS = {"lines": show_line, "json": show_json, "csv": show_csv}
