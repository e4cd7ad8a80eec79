"""What a process left behind that died while it wrote a model."""

import contextlib
import re
import shutil
import time

from mnist_core.config import MODEL_NAME
from mnist_core.workspace import WORKSPACE, Workspace

OLD = 3600  # seconds
# How `store` names a folder while it writes a model, and the one that it replaces.
_LEFT = re.compile(rf"\.({MODEL_NAME.pattern})-[a-z0-9_]{{8}}(-old)?")


def tidy_models(name: str, *, workspace: Workspace = WORKSPACE) -> None:
    """Repair what is left of a model that was being written, once nobody writes it any more.

    A model that was to be replaced is put back, and what was half written is removed. Folders of
    other models may be in use, unless they are old.
    """
    for left in workspace.models.glob(".*"):
        found = _LEFT.fullmatch(left.name)
        with contextlib.suppress(FileNotFoundError):  # another process may have removed it
            # A folder that was renamed keeps the time of its last change, but not this one.
            if not found or (found[1] != name and time.time() - left.stat().st_ctime < OLD):
                continue
            if found[2] and not (left.parent / found[1]).exists():
                left.replace(left.parent / found[1])
            else:
                shutil.rmtree(left, ignore_errors=True)
