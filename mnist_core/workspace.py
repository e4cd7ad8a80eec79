"""Where models, runs and collected handwriting lie."""

from dataclasses import dataclass
from pathlib import Path

from mnist_core.config import HOME_DIR, MODELS_DIR, RUNS_DIR


@dataclass(frozen=True)
class Workspace:
    """The folders that the app and the commands work in.

    Attributes
    ----------
    models : Path, a folder a model
    runs : Path, a folder a training
    collection : Path, of handwriting that people gave
    """

    models: Path = MODELS_DIR
    runs: Path = RUNS_DIR
    collection: Path = HOME_DIR / "collection"

    @classmethod
    def inside(cls, folder: Path) -> "Workspace":
        """Return a workspace whose folders all lie in one."""
        return cls(folder / "models", folder / "runs", folder / "collection")


WORKSPACE = Workspace()  # of this checkout, or of an installed copy
