"""The weights of a run, `.keras` files."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mnist_core import atomic
from mnist_core.errors import RunError
from mnist_core.training import rebalancing

if TYPE_CHECKING:
    import keras


def load(path: Path) -> "keras.Model":
    """Load weights to resume from, with their optimiser.

    Raises
    ------
    RunError : the file is missing or damaged
    """
    import keras

    custom = rebalancing.custom_objects()
    try:
        model: Any = keras.saving.load_model(path, custom_objects=custom)
    except (OSError, KeyError, ValueError) as error:
        how = f"damaged ({error})" if path.exists() else "missing"
        raise RunError(
            f"{path.name} is {how}, so the training cannot continue: begin it again."
        ) from error
    return model


def save(model: "keras.Model", path: Path) -> None:
    """Save a model, with its optimiser if it is compiled."""
    with atomic.replacing(path) as part:
        model.save(part)
