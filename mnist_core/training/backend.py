"""Which of Keras's backends trains here. Imports none of them.

A network can be trained with any; turning it into the `.tflite` that is served needs TensorFlow.
"""

import importlib.util
import os

from mnist_core.errors import RunError, UsageError

EXPORTING = "tensorflow"
BACKENDS = (EXPORTING, "jax", "torch")  # each is its package's name, too
_OURS = "pip install 'digit-lab[train]', or in a checkout pip install -r requirements.txt"
INSTALL = {"keras": _OURS, EXPORTING: _OURS, "jax": "pip install jax", "torch": "pip install torch"}


def chosen() -> str:
    """Return the backend that KERAS_BACKEND names; TensorFlow if it names none."""
    return os.environ.get("KERAS_BACKEND") or EXPORTING


def can_export() -> bool:
    """Return whether a network can be turned into a `.tflite` in this process."""
    return chosen() == EXPORTING


def check_installed() -> None:
    """Check that Keras and its backend are installed, without importing them.

    Raises
    ------
    UsageError : one of them is missing, or there is no such backend
    """
    backend = chosen()
    if backend not in BACKENDS:
        raise UsageError(f"KERAS_BACKEND is one of {', '.join(BACKENDS)}, received {backend!r}.")
    for package in (backend, "keras"):
        if importlib.util.find_spec(package) is None:
            raise UsageError(
                f"This command needs {package}, which is not installed: {INSTALL[package]}."
            )


def check_can_export() -> None:
    """Check that networks can be turned into a `.tflite` here.

    Raises
    ------
    UsageError : TensorFlow or Keras is missing, or another backend was chosen
    """
    if not can_export():
        raise UsageError(
            f"Only TensorFlow can export a model, and KERAS_BACKEND is {chosen()!r}: unset it."
        )
    check_installed()


def check_can_distribute() -> None:
    """Check that several workers can train together.

    Raises
    ------
    RunError : another backend than TensorFlow was chosen
    """
    if not can_export():
        raise RunError(
            f"Several workers train together with TensorFlow alone, and KERAS_BACKEND is "
            f"{chosen()!r}: unset it, or unset TF_CONFIG."
        )


def export_command(name: str) -> str:
    """Return the command that writes the model of a training that another backend has done."""
    return f"KERAS_BACKEND={EXPORTING} python -m mnist_core export --from-run --model {name}"
