"""Training: a configuration and data in, the best model so far on disk, progress along the way."""

import functools
import itertools
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.errors import RunError
from mnist_core.training import dataset, distribution, rebalancing
from mnist_core.training.files import (
    BEST,
    CURED,
    HISTORY,
    LAST,
    load,
    open_run,
    save,
    write_history,
)
from mnist_core.training.judging import Judge, load_best
from mnist_core.training.preparing import begin, encoder, weigher
from mnist_core.training.progress import Clock, Progress, check_loss

if TYPE_CHECKING:
    import keras

MEASURED = ("loss", "accuracy", "damaged", "balanced", "worst")


def train(config, mnist, folder, *, resume=False, start=None, stopping=lambda: False):
    """Train a model, yielding after every step.

    The folder holds `config.json`, `history.csv` and, from the first epoch on, `best.keras` (the
    weights that did best on validation), `last.keras` (to resume from) and `mistakes.npz`
    (validation images that were read wrong). What is on disk stays good however a training ends.
    With several workers (`distribution`) the chief alone writes and measures.

    Parameters
    ----------
    config : TrainingConfig
    mnist : data.Mnist
    folder : Path, of this run
    resume : bool; go on after the last whole epoch of the run in the folder
    start : keras.Model or None, whose weights to begin with, if it is a fresh run
    stopping : callable () -> bool, asked after every step; once true, the weights so far are
        measured like those of a whole epoch, kept if they are the best, and the training ends

    Yields
    ------
    Progress

    Raises
    ------
    DivergedError : the loss is not a number any more
    RunError : there is nothing to resume, the run in the folder has other settings, the
        layers of `start` do not fit, or there are fewer images than the imbalance asks for
    """
    folder, chief = Path(folder), distribution.is_chief()
    distribution.join()
    # The other workers write nothing; they read what there is to resume from.
    history = open_run(config, folder, resume=resume) if chief or resume else []
    images, labels = _training_images(config, mnist)
    steps = math.ceil(len(images) / config.batch_size)

    with distribution.scope():
        if history:
            model = load(folder / LAST)
            # A run killed between writing its history and its weights does that epoch again.
            history = history[: int(model.optimizer.iterations.numpy()) // steps]
        else:
            model = begin(config, steps, labels, start=start)
    if not distribution.described():
        _create_variables(model, encoder(config)(labels[:1]))
    learn = distribution.stepper(model)
    judge = Judge(config, mnist.validation, folder, history) if chief else None
    before = history[-1]["seconds"] if history else 0.0
    clock = Clock(steps * (config.epochs - len(history)))

    for epoch in range(len(history) + 1, config.epochs + 1):
        _seed_dropout(model, config, epoch)
        for progress in _epoch(learn, config, images, labels, epoch=epoch, clock=clock):
            yield progress
            stopped = distribution.agree(stopping())
            if stopped:
                break
            if judge:
                judge.glance(model, folder)
        distribution.average_statistics(model)
        if judge:
            row, best = judge.look(model, progress, folder)
            row["seconds"] = round(before + clock.elapsed(), 1)
            if progress.step == progress.steps:  # a stop may come after the last step too
                history.append(row)
                write_history(folder / HISTORY, history)
                save(model, folder / LAST)
            measured = {name: row[f"val_{name}"] for name in MEASURED}
            yield replace(progress, validation=measured, best=best)
        if stopped:
            return


def finish_rebalancing(config, mnist, folder):
    """Do what is left of a cure for imbalance when a training has ended.

    Parameters
    ----------
    config : TrainingConfig
    mnist : data.Mnist
    folder : Path, of the run

    Returns
    -------
    Path : of the weights to publish; `best.keras`, unless the cure has changed them
    """
    best, cured = Path(folder) / BEST, Path(folder) / CURED
    finish = rebalancing.REBALANCING_METHODS[config.rebalancing].finish
    if not finish or not best.exists():
        return best
    import keras

    model = load_best(config, Path(folder))
    below = keras.Model(model.inputs, model.layers[-1].input)
    even = replace(config, rebalancing="oversampling")
    turns = itertools.count(config.epochs + 2)  # random numbers of their own
    learned = functools.cache(lambda: _training_images(config, mnist))  # not all cures look again

    def features():
        for batch, answers in dataset.batches(even, *learned(), epoch=next(turns)):
            yield below.predict_on_batch(batch), answers

    finish(model, features, dataset.learned_counts(config, mnist.train), config.strength)
    save(model, cured)
    return cured


def _create_variables(model: "keras.Model", answers: np.ndarray) -> None:
    """Create the variables of the optimiser and the metrics.

    The first step would do that, too, but TensorFlow would then trace its graph twice, which takes
    seconds.
    """
    model.optimizer.build(model.trainable_variables)
    model.compute_metrics(None, answers, np.zeros((len(answers), CLASSES), np.float32))
    model.reset_metrics()


def _epoch(learn, config, images, labels, *, epoch, clock):
    """Learn from every image once, in an order of this epoch's own; yield after each step."""
    steps = math.ceil(len(images) / config.batch_size)
    encode, weigh = encoder(config), weigher(config, labels)
    seen, totals = 0, np.zeros(2)
    batches = dataset.batches(config, images, labels, epoch=epoch)
    for step, (batch, answers) in enumerate(batches, start=1):
        loss, accuracy = learn(batch, encode(answers), weigh(answers))
        check_loss(loss, config, epoch, step)
        seen += len(batch)
        totals += len(batch) * np.array([loss, accuracy], float)
        loss, accuracy = (totals / seen).tolist()
        left = clock.step()
        yield Progress(epoch, config.epochs, step, steps, loss, accuracy, left)


def _seed_dropout(model, config, epoch):
    """Give each epoch random numbers of its own: Keras does not store how far they were used."""
    rng = np.random.default_rng([config.seed, epoch, 1, *distribution.seed()])
    for layer in model.layers:
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign(rng.integers(2**31, size=2))


def _training_images(config, mnist):
    try:
        return dataset.training_images(config, mnist.train)
    except ValueError as error:
        raise RunError(str(error)) from error
