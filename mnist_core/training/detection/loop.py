"""Train the detector on made crops, yielding after every step."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mnist_core.config import cpu_count
from mnist_core.errors import RunError
from mnist_core.networks import ARCHITECTURES
from mnist_core.training import run_folder
from mnist_core.training.averaging import AveragedCopy
from mnist_core.training.compiling import steps_done
from mnist_core.training.config import TrainingConfig
from mnist_core.training.detection.data import Batch, MakeCrop, batches
from mnist_core.training.detection.loss import class_accuracy, detection_loss
from mnist_core.training.detection.validation import Crops, held_out_crops, measure
from mnist_core.training.progress import Clock, Progress, check_loss
from mnist_core.training.schedule import trapezoid
from mnist_core.training.validation import load_best

if TYPE_CHECKING:
    import keras

LARGEST_GRADIENT = 5.0  # norm, over all weights


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

    An epoch is as many crops as the architecture's record says, made for it alone. The folder is
    left as `training.train` does, but a stop within an epoch keeps the weights to resume from as
    well, so that nothing is done twice.

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
    columns = run_folder.DETECTION_COLUMNS
    history = run_folder.open_run(config, folder, resume=resume, columns=columns)
    steps = max(ARCHITECTURES[config.architecture].epoch_images // config.batch_size, 1)
    resumed = resume and (folder / run_folder.LAST).exists()
    model = _load(config, folder / run_folder.LAST) if resumed else _new(config)
    done = steps_done(model)
    # A run killed between writing its history and its weights does that epoch again.
    history = history[: done // steps]
    seconds = history[-1]["seconds"] if history else 0.0
    crops = held_out_crops(make)
    best = _rank_of_best(config, folder, crops) if resumed else -1.0
    clock, copy = Clock(steps * config.epochs - done), AveragedCopy(config)
    count = max(cpu_count() - 1, 1) if processes is None else processes
    with batches(make, config.seed, done, config.batch_size, processes=count) as made:
        while done < steps * config.epochs:
            progress, stopped = None, False
            for progress in _epoch(model, made, config, done=done, steps=steps, clock=clock):
                yield progress
                done += 1
                stopped = stopping()
                if stopped:
                    break
            if progress is None:
                return
            averaged = copy.of(model)
            found = measure(averaged.predict_on_batch, crops)
            found.pop("digits")
            rank = _rank(found)
            if rank > best:
                run_folder.save(averaged, folder / run_folder.BEST)
            if progress.step == steps:
                row = {name: getattr(progress, name) for name in ("epoch", "loss", "accuracy")}
                row |= {f"val_{name}": value for name, value in found.items()}
                history.append(row | {"seconds": round(seconds + clock.elapsed(), 1)})
                run_folder.write_history(folder, history, columns=columns)
            run_folder.save(model, folder / run_folder.LAST)
            yield replace(progress, validation=found, best=rank > best)
            best = max(rank, best)
            if stopped:
                return


def _epoch(
    model: "keras.Model",
    made: Iterator[Batch],
    config: TrainingConfig,
    *,
    done: int,
    steps: int,
    clock: Clock,
) -> Iterator[Progress]:
    """Do what is left of an epoch, yielding after each step; averages begin where it is resumed.

    Parameters
    ----------
    done : steps of all epochs before this one
    steps : of an epoch
    """
    epoch, first = done // steps + 1, done % steps + 1
    totals = np.zeros(2)
    for step in range(first, steps + 1):
        rate = trapezoid(config.learning_rate, done + step - first, steps * config.epochs)
        model.optimizer.learning_rate = rate
        measured: Any = model.train_on_batch(*next(made))
        check_loss(float(measured[0]), config, epoch, step)
        totals += np.array(measured, float)
        loss, accuracy = (totals / (step - first + 1)).tolist()
        yield Progress(epoch, config.epochs, step, steps, loss, accuracy, clock.step())


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
    model.compile(optimiser, detection_loss, metrics=[class_accuracy])
    return model


def _load(config: TrainingConfig, path: Path) -> "keras.Model":
    """Return the network with the weights and the optimiser's numbers of a checkpoint, compiled.

    Raises
    ------
    RunError : it is damaged
    """
    import keras

    custom = {function.__name__: function for function in (detection_loss, class_accuracy)}
    model = _new(config)
    try:
        stored: Any = keras.saving.load_model(path, custom_objects=custom)
        model.set_weights(stored.get_weights())
        pairs = zip(model.optimizer.variables, stored.optimizer.variables, strict=True)
        for variable, value in pairs:
            variable.assign(value)
    except (AttributeError, OSError, KeyError, ValueError) as error:
        raise RunError(
            f"{path.name} is damaged, so the training cannot continue: {error}"
        ) from error
    return model


def _rank_of_best(config: TrainingConfig, folder: Path, crops: list[Crops]) -> float:
    """Return how good the best weights so far are on today's crops; -1 if there are none."""
    path = folder / run_folder.BEST
    if not path.exists():
        return -1.0
    return _rank(measure(load_best(config, folder).predict_on_batch, crops))


def _rank(measured: dict[str, float]) -> float:
    """Order weights by the digits found and read correctly, and those found where none are."""
    return measured["recall"] + measured["precision"]
