"""What the deployer decides: whether drawings are collected, where, and for how long."""

import os
from enum import StrEnum
from pathlib import Path

from mnist_core.errors import InvalidValueError
from mnist_core.workspace import WORKSPACE, Workspace

MODE = "DIGIT_LAB_COLLECTION"  # a value of Mode; "session" without it
DATABASE = "DIGIT_LAB_DATABASE"  # an address, such as postgresql://user:password@host/name
DAYS = "DIGIT_LAB_COLLECTION_DAYS"
FILE = "handwriting.sqlite3"
USUAL_DAYS, MOST_DAYS = 365, 3650


class Mode(StrEnum):
    """What happens to the drawings of visitors."""

    OFF = "off"  # nothing can be taught or given
    SESSION = "session"  # what is taught lives as long as the visit
    ON = "on"  # with the visitor's consent, drawings go to the database


def mode() -> Mode:
    """Return what the deployer has chosen.

    Raises
    ------
    InvalidValueError : it is none of the choices
    """
    given = os.environ.get(MODE, "").strip().lower() or Mode.SESSION
    try:
        return Mode(given)
    except ValueError as error:
        raise InvalidValueError(
            f"{MODE} is one of {', '.join(Mode)}, received {given!r}."
        ) from error


def address(workspace: Workspace = WORKSPACE) -> str:
    """Return the address of the database: the deployer's, or that of a file in the workspace."""
    given = os.environ.get(DATABASE, "").strip()
    return given or address_of(default_file(workspace))


def default_file(workspace: Workspace = WORKSPACE) -> Path:
    """Return the file in the workspace that holds the drawings unless the deployer names one."""
    return (workspace.collection / FILE).absolute()


def address_of(file: Path) -> str:
    """Return the address of a database in a file."""
    return f"sqlite:///{file}"


def days_kept() -> int:
    """Return after how many days a drawing is deleted.

    Raises
    ------
    InvalidValueError : the deployer's number cannot be
    """
    given = os.environ.get(DAYS, "").strip() or str(USUAL_DAYS)
    if not given.isdecimal() or not 1 <= int(given) <= MOST_DAYS:
        raise InvalidValueError(
            f"{DAYS} is a number of days from 1 to {MOST_DAYS}, received {given!r}."
        )
    return int(given)
