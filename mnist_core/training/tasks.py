"""How each task is trained and served: a record a task.

The command line and the pages look here instead of asking what a network is for.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.data import Mnist
from mnist_core.errors import RunError
from mnist_core.networks import Task
from mnist_core.serving import Card
from mnist_core.training import loop, run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.training.distribution import SINGLE_PROCESS, SingleProcess
from mnist_core.training.progress import Progress

if TYPE_CHECKING:
    import keras

    from mnist_core.training import export


@dataclass(frozen=True, kw_only=True)
class TaskTraining:
    """What training for a task means.

    Attributes
    ----------
    train : as `loop.train`
    make_servable : from the Keras model, the settings and MNIST; converts and measures the model
    measures : what `Progress.validation` holds, and what people read of it after an epoch
    columns : of the history
    summary : what a new model's card says of how good it is, in a sentence
    """

    train: Callable[..., Iterator[Progress]]
    make_servable: Callable[["keras.Model", TrainingConfig, Mnist], "export.Servable"]
    measures: Mapping[str, str]
    columns: tuple[str, ...]
    summary: Callable[[Card], str]


def train_detector(
    config: TrainingConfig,
    mnist: Mnist,
    folder: Path,
    *,
    resume: bool = False,
    start: "keras.Model | None" = None,  # noqa: ARG001 - settings that do not apply
    teach: Callable[[np.ndarray], np.ndarray] | None = None,  # noqa: ARG001
    stopping: Callable[[], bool] = lambda: False,
    workers: SingleProcess = SINGLE_PROCESS,
) -> Iterator[Progress]:
    """Train a detector on made pages, as `loop.train` does.

    Raises
    ------
    RunError : there are several workers, or as `detection.loop.train`
    """
    from mnist_core.training.detection.data import CropMaker
    from mnist_core.training.detection.loop import train

    if workers is not SINGLE_PROCESS:
        raise RunError(f"{config.architecture} is trained on one machine: unset TF_CONFIG.")
    yield from train(config, folder, make=CropMaker(mnist), resume=resume, stopping=stopping)


def make_classifier(
    model: "keras.Model", config: TrainingConfig, mnist: Mnist
) -> "export.Servable":
    """Convert, calibrate and measure a classifier; see `export.make_servable`."""
    from mnist_core.training import export

    return export.make_servable(model, config, mnist)


def make_detector(model: "keras.Model", config: TrainingConfig, mnist: Mnist) -> "export.Servable":
    """Convert and measure a detector; see `detection.servable.make_servable`."""
    from mnist_core.training.detection.servable import make_servable

    return make_servable(model, config, mnist)


def task_of(config: TrainingConfig) -> TaskTraining:
    """Return how these settings are trained and published."""
    return TASKS[config.task]


def _summarise_classifier(card: Card) -> str:
    test = card.metrics["test"]
    low, high = test["interval"]
    return (
        f"{card.name}: {test['accuracy']:.2%} of the {test['n']:,} test images classified "
        f"correctly ({low:.2%} to {high:.2%})."
    )


def _summarise_detector(card: Card) -> str:
    test = card.metrics["test"]
    low, high = test["interval"]
    return (
        f"{card.name}: {test['accuracy']:.2%} of {test['n']:,} digits on held-out pages found and "
        f"read correctly ({low:.2%} to {high:.2%}); {test['precision']:.2%} of its answers are "
        "such digits."
    )


TASKS: dict[Task, TaskTraining] = {
    "classification": TaskTraining(
        train=loop.train,
        make_servable=make_classifier,
        measures={"accuracy": "validation accuracy", "corrupted": "corrupted"},
        columns=run_folder.COLUMNS,
        summary=_summarise_classifier,
    ),
    "detection": TaskTraining(
        train=train_detector,
        make_servable=make_detector,
        measures={
            "recall": "digits found and read",
            "precision": "answers that are right",
            "crops": "crops all right",
        },
        columns=run_folder.DETECTION_COLUMNS,
        summary=_summarise_detector,
    ),
}
