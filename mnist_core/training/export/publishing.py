"""A finished training -> the models folder; a model there -> its served form made again.

Imports TensorFlow.
"""

import dataclasses
import platform
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from mnist_core import serving
from mnist_core.data import Mnist
from mnist_core.errors import ModelError
from mnist_core.networks import ARCHITECTURES
from mnist_core.networks.outputs import classifier_of
from mnist_core.training.config import TrainingConfig, with_new_names
from mnist_core.training.export import descriptions
from mnist_core.training.export.digit_map import is_worth_a_map, make_digit_map
from mnist_core.training.export.keras_models import load_model, load_trained
from mnist_core.training.export.servable import Servable
from mnist_core.workspace import WORKSPACE, Workspace


def publish(
    config: TrainingConfig,
    mnist: Mnist,
    best: Path,
    *,
    history: Sequence[Mapping[str, Any]] = (),
    workspace: Workspace = WORKSPACE,
    replace: bool = False,
) -> serving.Card:
    """Turn the best weights of a training into a model that can be served.

    Parameters
    ----------
    best : the `.keras` file with the best weights
    history : the epochs, as `training.read_history` returns them; the card says how many
    replace : whether a model of that name may be replaced

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : no epoch was finished, LiteRT does not answer as Keras does, or the name is taken
        and `replace` is false
    """
    if not best.exists():
        raise ModelError("No epoch was finished, so there is no model to keep.")
    from mnist_core.training import tasks  # which imports this package

    model = load_trained(config.architecture, best)
    served = tasks.task_of(config).make_servable(model, config, mnist)
    architecture, network = ARCHITECTURES[config.architecture], classifier_of(model)
    card = serving.Card(
        name=config.name,
        title=serving.title_of(config.name),
        summary=architecture.title,
        architecture=config.architecture,
        source=architecture.source,
        parameters=network.count_params(),
        training=config.to_dict() | {"epochs_done": len(history)},
        versions=_versions(),
        date=datetime.now(UTC).date().isoformat(),
        layers=descriptions.describe_layers(network),
        trained_on=descriptions.data_seen(config, mnist),
        metrics=served.metrics,
        output=served.output,
        precision=served.precision,
        temperature=served.temperature,
        threshold=served.threshold,
    )
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "model.keras"
        model.save(whole)  # unlike a run's weights, without the optimiser's numbers
        contents = {"model.keras": whole.read_bytes()} | served.files
    if is_worth_a_map(config, mnist, history):
        contents |= _map(served, mnist)
    return serving.save_model(card, contents, workspace=workspace, replace=replace)


def reexport(
    name: str, mnist: Mnist, *, non_digits: int | None = None, workspace: Workspace = WORKSPACE
) -> serving.Card:
    """Make the served form of a model again from its Keras model, which stays as it is.

    Parameters
    ----------
    non_digits : how many synthetic non-digits to learn to reject; None for as many as before

    Returns
    -------
    as stored

    Raises
    ------
    ModelError : there is no such model, it is damaged, it was taught something after its training,
        or LiteRT does not answer as Keras does
    """
    from mnist_core.training import tasks

    card = serving.load_card(name, workspace=workspace)
    serving.check_untaught(card)
    config = TrainingConfig.from_dict(card.training)
    if non_digits:
        config = dataclasses.replace(config, non_digits=non_digits)
    model = load_model(name, workspace=workspace)
    served = tasks.task_of(config).make_servable(model, config, mnist)
    changed = dataclasses.replace(
        card,
        training=with_new_names(card.training) | config.to_dict(),
        metrics=card.metrics | served.metrics,
        precision=served.precision,
        temperature=served.temperature,
        threshold=served.threshold,
    )
    kept = serving.read_file(card, "model.keras", workspace=workspace)
    contents = {"model.keras": kept} | served.files
    if serving.DIGIT_MAP in card.files:
        contents |= _map(served, mnist)
    return serving.save_model(changed, contents, workspace=workspace, replace=True)


def _map(served: Servable, mnist: Mnist) -> dict[str, bytes]:
    """Return the file of a model's map of digits, by its name."""
    predictor = serving.Predictor(served.tflite, output=served.output)
    return {serving.DIGIT_MAP: make_digit_map(predictor, mnist).to_bytes()}


def _versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a model depends on."""
    import tensorflow as tf

    libraries = {name: metadata.version(name) for name in ("keras", "numpy", "ai-edge-litert")}
    return {"python": platform.python_version(), "tensorflow": tf.__version__, **libraries}
