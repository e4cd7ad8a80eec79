"""`collection`: export and delete the handwriting that people gave."""

import argparse
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from mnist_core.cli.common import say
from mnist_core.errors import DataError, UsageError

if TYPE_CHECKING:
    from mnist_core.collection import Collection

ENDINGS = (".npz", ".json")


def add_collection_options(parser: argparse.ArgumentParser) -> None:
    """Give `collection` its actions and their options."""
    actions = parser.add_subparsers(required=True, metavar="ACTION", dest="action")
    export = actions.add_parser("export", help="write all drawings to a file")
    export.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="FILE.npz: x and y; FILE.json: one JSON object a line, with strokes and answers",
    )
    delete = actions.add_parser("delete", help="delete what was given with a code")
    delete.add_argument("code", metavar="CODE", help="that the visitor got")
    actions.add_parser("count", help="print how many drawings there are")


def run_collection(options: argparse.Namespace) -> int:
    """Export, delete or count drawings; the exit code is 1 if a code has none to delete."""
    if options.action == "export" and options.out.suffix not in ENDINGS:
        raise UsageError(f"--out ends in {' or '.join(ENDINGS)}, received {options.out.name!r}.")
    failed = False
    collection = open_collection(options)
    if options.action == "export":
        from mnist_core.collection import EXPORTS

        try:
            count = EXPORTS[options.out.suffix](collection.drawings(), options.out)
        except OSError as error:
            raise DataError(f"{options.out} cannot be written ({error.strerror}).") from error
        say(f"{count:,} drawings written to {options.out}")
    elif options.action == "delete":
        deleted = collection.delete(options.code)
        failed = deleted == 0
        say(
            f"Nothing was given with the code {options.code!r}, or it is deleted already."
            if failed
            else f"{deleted:,} drawings deleted"
        )
    else:
        print(collection.count())
    collection.close()
    return int(failed)


def open_collection(options: argparse.Namespace) -> "Collection":
    """Open the deployer's database; where nobody has given anything yet, none is made.

    Raises
    ------
    UsageError : what it needs is not installed
    DataError : it does not answer
    """
    for package in ("sqlalchemy", "alembic"):
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"The collection needs {package}, which is not installed: pip install "
                "'digit-lab[collection]', or in a checkout pip install -r requirements.txt."
            )
    from mnist_core import collection

    address = collection.address(options.workspace)
    file = collection.default_file(options.workspace)
    if address == collection.address_of(file) and not file.exists():
        address = "sqlite://"  # in memory
    return collection.Collection(address, days=collection.days_kept())
