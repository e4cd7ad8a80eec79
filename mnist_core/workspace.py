"""Where models, runs and collected handwriting lie."""

from dataclasses import dataclass
from pathlib import Path

from mnist_core.config import PROJECT_DIR


@dataclass(frozen=True)
class Workspace:
    """The folders that the app and the commands work in.

    Attributes
    ----------
    models : Path, a folder a model
    runs : Path, a folder a training
    collection : Path, of handwriting that people gave
    """

    models: Path = PROJECT_DIR / "models"
    runs: Path = PROJECT_DIR / "runs"
    collection: Path = PROJECT_DIR / "collection"

    @classmethod
    def inside(cls, folder: Path) -> "Workspace":
        """Return a workspace whose folders all lie in one."""
        return cls(folder / "models", folder / "runs", folder / "collection")


WORKSPACE = Workspace()  # of this project
