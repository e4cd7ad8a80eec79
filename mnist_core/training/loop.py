"""Training: a configuration and data in, the best model so far on disk, progress along the way."""

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.data import Mnist
from mnist_core.errors import RunError
from mnist_core.networks import outputs
from mnist_core.training import dataset, export, rebalancing, run_folder
from mnist_core.training.averaging import AveragedCopy, weights_of
from mnist_core.training.compiling import new_model, steps_done
from mnist_core.training.config import TrainingConfig
from mnist_core.training.distribution import SINGLE_PROCESS, SingleProcess, Step
from mnist_core.training.fused import fuse_norms
from mnist_core.training.outliers import Outliers, count_of
from mnist_core.training.progress import Clock, Progress, check_loss
from mnist_core.training.schedule import trapezoid
from mnist_core.training.targets import encoder, weigher
from mnist_core.training.validation import MEASURED, Validation, load_best

if TYPE_CHECKING:
    import keras


NORM_IMAGES = 2048  # to measure batch normalisation by, for averaged weights


def train(
    config: TrainingConfig,
    mnist: Mnist,
    folder: Path,
    *,
    resume: bool = False,
    start: "keras.Model | None" = None,
    teach: Callable[[np.ndarray], np.ndarray] | None = None,
    stopping: Callable[[], bool] = lambda: False,
    workers: SingleProcess = SINGLE_PROCESS,
) -> Iterator[Progress]:
    """Train a model, yielding after every step.

    From the first epoch on, the folder holds the weights that did best on validation, those to
    resume from, and validation images that were misclassified; see `run_folder`. What is on disk
    stays good however a training ends. With several workers the chief alone writes and measures.

    Parameters
    ----------
    folder : of this run
    resume : continue after the last whole epoch of the run in the folder
    start : a model whose weights to begin with, if it is a fresh run
    teach : `predict` of the teacher, where the settings name one
    stopping : asked after every step; once true, the weights so far are measured like those of a
        whole epoch, kept if they are the best, and the training ends

    Raises
    ------
    DivergedError : the loss is not a number any more
    RunError : there is nothing to resume, the run in the folder has other settings, the
        layers of `start` do not fit, the teacher or digits of one person's hand are missing, or
        there are fewer images than the imbalance asks for
    """
    if config.teacher and teach is None:
        raise RunError(f"The model {config.teacher!r} to learn from was not given.")
    if (found := len(mnist.own or ())) != config.own_digits:
        raise RunError(
            f"The settings speak of {config.own_digits} digits of one person's hand, and there are "
            f"{found}: train again, with the digits."
        )
    workers.connect()
    # The other workers write nothing; they read what there is to resume from.
    opened = workers.chief or resume
    history = run_folder.open_run(config, folder, resume=resume) if opened else []
    images, labels = _training_images(config, mnist)
    steps = steps_of_epoch(config, len(images))
    outliers = Outliers(config, len(labels))
    some = functools.cache(lambda: _some_shown(config, images, labels, outliers))

    with workers.scope():
        if history:
            model = run_folder.load(folder / run_folder.LAST)
            # A run killed between writing its history and its weights does that epoch again.
            history = history[: steps_done(model) // steps]
        else:
            model = new_model(config, steps, labels, start=start, shown=some)
        begun = _begun_with(config, folder, None if history else model, write=workers.chief)
        fuse_norms(model)
    learn = workers.stepper(model, encoder(config)(labels[:1], None))
    copy = AveragedCopy(config, some() if config.averaging or begun else None, begun)
    validation = None
    if workers.chief:
        validation = Validation(config, mnist.validation, folder, history, copy)
    before = history[-1]["seconds"] if history else 0.0
    clock = Clock(steps * (config.epochs - len(history)))

    for epoch in range(len(history) + 1, config.epochs + 1):
        _seed_dropout(model, config, epoch, workers.seeds)
        progress, stopped = None, False
        others = None
        if outliers.count:
            score = export.keras_is_digit(copy.of(model)) if epoch > 1 else None
            others = outliers.choose(epoch, score)
        batches = dataset.batches(config, images, labels, epoch=epoch, others=others, teach=teach)
        pace = partial(_set_rate, model, config, (epoch - 1) * steps, steps)
        for progress in _epoch(learn, config, labels, batches, pace, epoch=epoch, clock=clock):
            yield progress
            stopped = workers.agree(stopping())
            if stopped:
                break
            if validation:
                validation.check_mistakes(model)
        if validation and progress:
            row, best = validation.end_epoch(model, progress)
            row["seconds"] = round(before + clock.elapsed(), 1)
            if progress.step == progress.steps:  # a stop may come after the last step too
                history.append(row)
                run_folder.write_history(folder, history)
                run_folder.save(model, folder / run_folder.LAST)
            measured = {name: row[f"val_{name}"] for name in MEASURED}
            yield replace(progress, validation=measured, best=best)
        if stopped:
            return


def steps_of_epoch(config: TrainingConfig, digits: int) -> int:
    """Return how many steps an epoch has that shows so many digits, and non-digits with them."""
    return math.ceil((digits + count_of(config, digits)) / config.batch_size)


def finish_rebalancing(config: TrainingConfig, mnist: Mnist, folder: Path) -> Path:
    """Do what is left of a rebalancing method when a training has ended.

    Returns
    -------
    the weights to publish: the best ones, unless the method has changed them
    """
    best, rebalanced = folder / run_folder.BEST, folder / run_folder.REBALANCED
    finish = rebalancing.REBALANCING_METHODS[config.rebalancing].finish
    if not finish or not best.exists():
        return best
    import keras

    model = load_best(config, folder)
    below = keras.Model(model.inputs, outputs.digits_layer(model).input)
    even = replace(config, rebalancing="oversampling")
    turns = itertools.count(config.epochs + 2)  # random numbers of their own
    learned = functools.cache(lambda: _training_images(config, mnist))  # not all methods need them

    def features() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for batch in dataset.batches(even, *learned(), epoch=next(turns)):
            yield below.predict_on_batch(batch.images), batch.labels

    finish(model, features, dataset.learned_counts(config, mnist.train, mnist.own), config.strength)
    run_folder.save(model, rebalanced)
    return rebalanced


def _epoch(
    learn: Step,
    config: TrainingConfig,
    labels: np.ndarray,
    batches: Iterator[dataset.Batch],
    pace: Callable[[int], None],
    *,
    epoch: int,
    clock: Clock,
) -> Iterator[Progress]:
    """Learn from every batch, yielding after each step.

    Parameters
    ----------
    labels : of all digits
    pace : called before each step with its number, to set the learning rate
    """
    steps = steps_of_epoch(config, len(labels))
    encode, weigh = encoder(config), weigher(config, labels)
    seen, totals = 0, np.zeros(2)
    for step, (batch, answers, taught) in enumerate(batches, start=1):
        pace(step)
        loss, accuracy = learn(batch, encode(answers, taught), weigh(answers))
        check_loss(loss, config, epoch, step)
        seen += len(batch)
        totals += len(batch) * np.array([loss, accuracy], float)
        loss, accuracy = (totals / seen).tolist()
        left = clock.step()
        yield Progress(epoch, config.epochs, step, steps, loss, accuracy, left)


def _begun_with(
    config: TrainingConfig, folder: Path, model: "keras.Model | None", *, write: bool
) -> list[np.ndarray] | None:
    """Return the weights that a run began with, where those that it keeps have a share of them.

    Parameters
    ----------
    model : of a fresh run, to be written for when it is resumed; None reads what was written
    """
    if not (config.start and config.start_share):
        return None
    if model is None:
        return weights_of(run_folder.load(folder / run_folder.BEGUN))
    if write:
        model.optimizer.build(model.trainable_variables)  # otherwise Keras warns when it loads it
        run_folder.save(model, folder / run_folder.BEGUN)
    return weights_of(model)


def _some_shown(
    config: TrainingConfig, images: np.ndarray, labels: np.ndarray, outliers: Outliers
) -> np.ndarray:
    """Return some images as an epoch shows them, the same whenever a run is resumed."""
    large = replace(config, batch_size=NORM_IMAGES)
    others = outliers.choose(0) if outliers.count else None
    made = dataset.batches(large, images, labels, epoch=0, others=others)
    try:
        return next(made).images
    finally:
        made.close()


def _set_rate(
    model: "keras.Model", config: TrainingConfig, before: int, steps: int, step: int
) -> None:
    """Set the learning rate of a step, where no schedule of Keras does.

    Parameters
    ----------
    before : steps of all epochs before this one
    steps : of an epoch
    """
    if config.schedule == "trapezoid":
        rate = trapezoid(config.learning_rate, before + step - 1, steps * config.epochs)
        model.optimizer.learning_rate = rate


def _seed_dropout(
    model: "keras.Model", config: TrainingConfig, epoch: int, seeds: tuple[int, ...]
) -> None:
    """Give each epoch random numbers of its own: Keras does not store how far they were used."""
    rng = np.random.default_rng([config.seed, epoch, 1, *seeds])
    for layer in model.layers:
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign(rng.integers(2**31, size=2))


def _training_images(config: TrainingConfig, mnist: Mnist) -> tuple[np.ndarray, np.ndarray]:
    try:
        return dataset.training_images(config, mnist.train, mnist.own)
    except ValueError as error:
        raise RunError(str(error)) from error
