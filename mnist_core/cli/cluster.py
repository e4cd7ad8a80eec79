"""`read --on ray`: the same records, read by the machines of a Ray cluster."""

import argparse
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from mnist_core import cluster
from mnist_core.cli import inputs
from mnist_core.cli.common import say, say_total
from mnist_core.cluster import Source
from mnist_core.config import MAX_BYTES
from mnist_core.errors import PictureError, UsageError
from mnist_core.pictures import imaging
from mnist_core.reading import parquet
from mnist_core.reading.records import Record

RAY = "ray"


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Give a command the choice of a cluster to run on."""
    parser.add_argument(
        "--on",
        metavar="ray[:ADDRESS]",
        help="read on the Ray cluster at this address, without one on a Ray of this machine; "
        "PATHs and --out may be addresses that PyArrow opens, such as s3://bucket/folder. Files "
        "whose records are in --out are skipped",
    )


def read_on_cluster(options: argparse.Namespace) -> int:
    """Read pictures on a Ray cluster; the exit code is 1 if the output holds errors.

    Raises
    ------
    UsageError : Ray is missing, or the options cannot work
    ClusterError : the cluster cannot be reached, or stopped
    """
    kind, _, address = options.on.partition(":")
    if kind != RAY:
        raise UsageError(f"Expected --on ray or --on ray:ADDRESS, received --on {options.on}.")
    if options.out is None:
        raise UsageError("On a cluster, records become Parquet files: say where by --out FOLDER.")
    cluster.check_installed()
    out = cluster.open_address(options.out)
    models = cluster.load_models(options.model, workspace=options.workspace)
    cluster.prepare(out, models, single=options.single)
    done = cluster.find_done(out)
    sources: list[Source] = []
    broken = [record for path in options.paths for record in _find(path, sources)]
    cluster.append(out, [record for record in broken if record.file not in done.files])
    names = [source.name(path) for source in sources for path in source.paths]
    there = sum(name in done.files for name in names)
    if there:
        say(f"{there:,} of {len(names):,} files are in {options.out} already.")
    if there < len(names):
        with (
            cluster.connect(address or None),
            tqdm(total=len(names), initial=there, unit="file", dynamic_ncols=True) as bar,
        ):
            cluster.read_files(
                sources,
                out,
                models,
                single=options.single,
                progress=lambda read: _show(bar, min(there + read, len(names))),
            )
            _show(bar, len(names))
    done = cluster.find_done(out)
    say_total(done.records, done.failed, options.model)
    return int(done.failed > 0)


def _show(bar: tqdm, read: int) -> None:
    if read > bar.n:
        bar.update(read - bar.n)


def _find(path: str, sources: list[Source]) -> Iterable[Record]:
    """Add the files that a path or address stands for; yield records of what cannot be read."""
    if cluster.is_uri(path):
        yield from cluster.find_remote(path, sources)
        return
    source, root = cluster.find_root(path, sources)
    for given in inputs.find(path):
        error = given.error or _wrong_with(given.file)
        if error is None:
            source.roots[root.path] = path
            source.paths[os.path.abspath(given.file)] = None  # noqa: PTH100 - links stay
        else:
            yield Record(parquet.storable(given.file), error=error)


def _wrong_with(file: str) -> str | None:
    """Return why a file cannot be read, as far as that shows without opening it."""
    try:
        file.encode()
    except UnicodeEncodeError:
        return "This file's name is not UTF-8, and no Parquet file can hold it: rename the file."
    try:
        found = os.stat(file)  # noqa: PTH116 - half the time of Path.stat, for a million files
        good = stat.S_ISREG(found.st_mode) and 0 < found.st_size <= MAX_BYTES
        if good and os.access(file, os.R_OK):
            return None
    except (OSError, ValueError):
        pass
    try:
        imaging.count_pages(Path(file))
    except PictureError as error:
        return str(error)
    return None
