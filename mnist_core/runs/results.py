"""What a run has found so far: epochs, points within them, mistakes, its first layer."""

import numpy as np

from mnist_core.training import run_folder
from mnist_core.workspace import WORKSPACE, Workspace


def history(name: str, *, workspace: Workspace = WORKSPACE) -> list[dict[str, float]]:
    """Return the epochs that a run has finished; damaged rows are left out.

    Returns
    -------
    a dict a row, by column; older runs lack some of `training.COLUMNS`

    Raises
    ------
    RunError : there is no such run
    """
    return run_folder.read_history(run_folder.find(name, workspace), strict=False)


def steps(name: str, *, workspace: Workspace = WORKSPACE) -> list[dict[str, float]]:
    """Return points within a run's epochs, about one a second.

    Returns
    -------
    `at` (epochs done, with a fraction), `loss` and `accuracy` on training images, averaged since
    the epoch began

    Raises
    ------
    RunError : there is no such run
    """
    return run_folder.read_steps(run_folder.find(name, workspace))


def mistakes(name: str, *, workspace: Workspace = WORKSPACE) -> dict[str, np.ndarray] | None:
    """Return validation images that a run misclassified at its last check.

    Returns
    -------
    `images` uint8 (n, 28, 28); `labels` and `digits` (what the network read) int (n,); None if
    there are none yet, or the file is damaged

    Raises
    ------
    RunError : there is no such run
    """
    return run_folder.read_mistakes(run_folder.find(name, workspace))


def first_layer(name: str, *, workspace: Workspace = WORKSPACE) -> dict[str, np.ndarray] | None:
    """Return the weights of some units of a run's first layer, each as a small picture.

    Returns
    -------
    `before` (when training began) and `now`, both float32 (n, h, w); None if there are none yet,
    or the file is damaged

    Raises
    ------
    RunError : there is no such run
    """
    return run_folder.read_first_layer(run_folder.find(name, workspace))
