"""Where models, runs and, later, collected handwriting lie."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from mnist_core.config import PACKAGE_DIR, PROJECT_DIR

PACKAGED_MODELS = PACKAGE_DIR / "_models"  # in an installed copy; a checkout has models/


def home_folder() -> Path:
    """Return where trainings lie: this checkout, or a folder of the user's own.

    An installed copy takes `DIGIT_LAB_HOME`, else the system's usual place for a program's data.
    """
    if not PACKAGED_MODELS.is_dir():
        return PROJECT_DIR
    if given := os.environ.get("DIGIT_LAB_HOME"):
        return Path(given)
    usual = {"win32": "AppData/Local", "darwin": "Library/Application Support"}
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / usual.get(sys.platform, ".local/share")
    return Path(data) / "digit-lab"


_MODELS = PACKAGED_MODELS if PACKAGED_MODELS.is_dir() else PROJECT_DIR / "models"
_HOME = home_folder()


@dataclass(frozen=True)
class Workspace:
    """The folders that the app and the commands work in.

    Attributes
    ----------
    models : Path, a folder a model
    runs : Path, a folder a training
    collection : Path, for handwriting that people will give; nothing is stored there yet
    """

    models: Path = _MODELS
    runs: Path = _HOME / "runs"
    collection: Path = _HOME / "collection"

    @property
    def studies(self) -> Path:
        """Return the folder of what benchmarks train; the app does not list it."""
        return self.runs / ".studies"

    @classmethod
    def inside(cls, folder: Path) -> "Workspace":
        """Return a workspace whose folders all lie in one."""
        return cls(folder / "models", folder / "runs", folder / "collection")


WORKSPACE = Workspace()  # of this checkout, or of an installed copy
