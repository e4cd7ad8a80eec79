"""Train the detector on made crops, yielding after every step."""

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.errors import RunError
from mnist_core.training import run_folder
from mnist_core.training.config import TrainingConfig
from mnist_core.training.detection.data import MakeCrop, batches
from mnist_core.training.detection.loss import class_accuracy, detection_loss
from mnist_core.training.detection.validation import held_out_crops, measure
from mnist_core.training.progress import Clock, Progress, check_loss

if TYPE_CHECKING:
    import keras

EPOCH = 8000  # crops; after each the detector is measured and saved
WARM_UP = 500  # steps in which the learning rate rises
FALL = 0.25  # of all steps; in the last ones the learning rate falls to 0
LARGEST_GRADIENT = 5.0  # norm, over all weights
Row = dict[str, float]


def train(
    config: TrainingConfig,
    folder: Path,
    *,
    make: MakeCrop,
    resume: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    processes: int | None = None,
) -> Iterator[Progress]:
    """Train the detector, yielding after every step.

    An epoch is EPOCH crops, made for it alone; the folder is as `training.train` leaves it, but a
    stop within an epoch keeps the weights to resume from as well, so that nothing is done twice.

    Parameters
    ----------
    folder : of this run
    make : a `data.CropMaker`; other processes have to be able to import it
    resume : continue where the run in the folder stopped; its number of epochs may have changed
    stopping : asked after every step
    processes : that make crops; None for as many as there are processors but one

    Raises
    ------
    DivergedError : the loss is not a number any more
    RunError : there is nothing to resume, or the run in the folder has other settings
    """
    steps = max(EPOCH // config.batch_size, 1)
    resumed = resume and (folder / run_folder.LAST).exists()
    model = _load(folder / run_folder.LAST) if resumed else _new(config)
    done = _steps_done(model)
    history = run_folder.read_history(folder, columns=COLUMNS) if resumed else []
    # A run killed between writing its history and its weights does that epoch again.
    history = history[: done // steps]
    seconds = history[-1]["seconds"] if history else 0.0
    crops = held_out_crops(make)
    best = max(map(_rank, history), default=-1.0)
    clock = Clock(steps * config.epochs - done)
    count = max((os.cpu_count() or 2) - 1, 1) if processes is None else processes
    with contextlib.ExitStack() as opened:
        made = opened.enter_context(
            batches(make, config.seed, done, config.batch_size, processes=count)
        )
        for epoch in range(done // steps + 1, config.epochs + 1):
            progress, stopped = None, False
            losses, totals = 0, np.zeros(2)
            for step in range(done % steps + 1, steps + 1):
                model.optimizer.learning_rate = learning_rate(config, done, steps)
                measured: Any = model.train_on_batch(*next(made))
                done += 1
                check_loss(float(measured[0]), config, epoch, step)
                losses, totals = losses + 1, totals + np.array(measured, float)
                loss, accuracy = (totals / losses).tolist()
                left = clock.step()
                progress = Progress(epoch, config.epochs, step, steps, loss, accuracy, left)
                yield progress
                stopped = stopping()
                if stopped:
                    break
            if progress is None:
                continue
            averaged = _averaged(model, config)
            found = measure(averaged, crops)
            row = {name: getattr(progress, name) for name in ("epoch", "loss", "accuracy")}
            row |= {f"val_{name}": value for name, value in found.items()}
            row["seconds"] = round(seconds + clock.elapsed(), 1)
            improved = _rank(row) > best
            if improved:
                best = _rank(row)
                run_folder.save(averaged, folder / run_folder.BEST)
            if progress.step == steps:
                history.append(row)
                run_folder.write_history(folder, history, columns=COLUMNS)
            run_folder.save(model, folder / run_folder.LAST)
            yield replace(progress, validation=found, best=improved)
            if stopped:
                return


def learning_rate(config: TrainingConfig, done: int, steps: int) -> float:
    """Return the learning rate of a step: it rises, stays, and falls at the end.

    That it stays lets a training be prolonged after the fact, unlike a cosine.

    Parameters
    ----------
    done : steps before this one
    steps : of an epoch
    """
    total = steps * config.epochs
    rising = (done + 1) / min(WARM_UP, total)
    falling = (total - done) / max(FALL * total, 1)
    return config.learning_rate * min(1.0, rising, falling)


def load_averaged(config: TrainingConfig, folder: Path) -> "keras.Model":
    """Return the averaged weights of the last checkpoint, in float32; a run may be going on."""
    return _averaged(_load(folder / run_folder.LAST), config)


COLUMNS = (
    *("epoch", "loss", "accuracy", "val_loss", "val_recall", "val_precision", "val_crops"),
    "seconds",
)


def _new(config: TrainingConfig) -> "keras.Model":
    """Return the network with fresh weights, compiled."""
    import keras

    from mnist_core import networks

    model = networks.build(
        config.architecture, seed=config.seed, half_precision=config.half_precision
    )
    optimiser = keras.optimizers.AdamW(
        learning_rate=config.learning_rate,
        weight_decay=config.weight_decay,
        global_clipnorm=LARGEST_GRADIENT,
        use_ema=True,
        ema_momentum=config.averaging,
    )
    optimiser.build(model.trainable_variables)
    return _compiled(model, optimiser)


def _load(path: Path) -> "keras.Model":
    """Load a checkpoint with its optimiser.

    Raises
    ------
    RunError : it is damaged
    """
    import keras

    custom = {function.__name__: function for function in (detection_loss, class_accuracy)}
    try:
        model: Any = keras.saving.load_model(path, custom_objects=custom)
    except (OSError, KeyError, ValueError) as error:
        raise RunError(
            f"{path.name} is damaged, so the training cannot continue: {error}"
        ) from error
    return _compiled(model, model.optimizer)


def _compiled(model: "keras.Model", optimiser: "keras.optimizers.Optimizer") -> "keras.Model":
    compiling: Any = model.compile
    # XLA took three times as long here.
    compiling(optimiser, detection_loss, metrics=[class_accuracy], jit_compile=False)
    return model


def _averaged(model: "keras.Model", config: TrainingConfig) -> "keras.Model":
    """Return a copy in float32 that has the averaged weights."""
    from mnist_core import networks

    raw = model.get_weights()
    model.optimizer.finalize_variable_values(model.trainable_variables)
    copy = networks.build(config.architecture)
    copy.set_weights(model.get_weights())
    model.set_weights(raw)
    return copy


def _steps_done(model: "keras.Model") -> int:
    return int(np.asarray(model.optimizer.iterations))


def _rank(row: Row) -> float:
    """Order epochs by the digits found and read correctly, and those found where none are."""
    return row["val_recall"] + row["val_precision"]
