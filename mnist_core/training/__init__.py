"""Training: a configuration and data in, the best model so far on disk, progress along the way."""

import contextlib
import functools
import itertools
import math
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mnist_core import distribution, export, metrics, pipeline, rebalancing
from mnist_core.data import Split
from mnist_core.training.files import (
    BEST,
    COLUMNS,
    CONFIG,
    CURED,
    HISTORY,
    LAST,
    MISTAKES,
    SHOWN_MISTAKES,
    TrainingError,
    load,
    open_run,
    read_config,
    read_history,
    save,
    write_history,
    write_mistakes,
)
from mnist_core.training.preparing import begin, encoder, weigher

__all__ = [
    "BEST",
    "COLUMNS",
    "CONFIG",
    "CURED",
    "HISTORY",
    "LAST",
    "MISTAKES",
    "SHOWN_MISTAKES",
    "DivergedError",
    "Progress",
    "TrainingError",
    "cure",
    "open_run",
    "read_config",
    "read_history",
    "train",
]


FIRST_STEP = 50  # so many usual steps the first one may take
GLANCE_EVERY = 10.0  # seconds between two looks at mistakes within an epoch
GLANCE_AT = 1000  # of the validation images
MEASURED = ("loss", "accuracy", "damaged", "balanced", "worst")


class DivergedError(TrainingError):
    """The loss is no number any more; the best weights before that stay."""

    final = True  # the same steps would come to the same end


@dataclass(frozen=True)
class Progress:
    """Where a training stands, after a step.

    Attributes
    ----------
    epoch, epochs, step, steps : int, counted from 1; steps are of this epoch. The last step
        comes a second time, with the validation
    loss, accuracy : float, on training images, averaged over the epoch so far
    seconds_left : float, an estimate for all epochs
    validation : dict at the end of an epoch, None within it: `loss`, `accuracy`, `damaged` (the
        accuracy on validation images damaged as in training; the clean ones if there is no
        damage), `balanced` and `worst` (the mean and the least of the ten digits' recalls)
    best : bool, whether these are the best weights so far; only at the end of an epoch
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    seconds_left: float
    validation: dict | None = None
    best: bool = False


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
    TrainingError : there is nothing to resume, the run in the folder has other settings, the
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
    learn = distribution.stepper(model)
    judge = _Judge(config, mnist.validation, folder, history) if chief else None
    before = history[-1]["seconds"] if history else 0.0
    clock = _Clock(steps * (config.epochs - len(history)))

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


def cure(config, mnist, folder):
    """Do what is left of a cure for imbalance when a training has ended.

    Parameters
    ----------
    config : recipes.TrainingConfig
    mnist : data.Mnist
    folder : Path, of the run

    Returns
    -------
    Path : of the weights to publish; `best.keras`, unless the cure has changed them
    """
    best, cured = Path(folder) / BEST, Path(folder) / CURED
    finish = rebalancing.CURES[config.rebalance].finish
    if not finish or not best.exists():
        return best
    import keras

    model = _load_best(config, Path(folder))
    below = keras.Model(model.inputs, model.layers[-1].input)
    even = replace(config, rebalance="oversampling")
    turns = itertools.count(config.epochs + 2)  # random numbers of their own
    learned = functools.cache(lambda: _training_images(config, mnist))  # not all cures look again

    def features():
        for batch, answers in pipeline.batches(even, *learned(), epoch=next(turns)):
            yield below.predict_on_batch(batch), answers

    finish(model, features, pipeline.learned_counts(config, mnist.train), config.strength)
    save(model, cured)
    return cured


def _epoch(learn, config, images, labels, *, epoch, clock):
    """Learn from every image once, in an order of this epoch's own; yield after each step."""
    steps = math.ceil(len(images) / config.batch_size)
    encode, weigh = encoder(config), weigher(config, labels)
    seen, totals = 0, np.zeros(2)
    batches = pipeline.batches(config, images, labels, epoch=epoch)
    for step, (batch, answers) in enumerate(batches, start=1):
        loss, accuracy = learn(batch, encode(answers), weigh(answers))
        _check_loss(loss, config, epoch, step)
        seen += len(batch)
        totals += len(batch) * np.array([loss, accuracy], float)
        loss, accuracy = (totals / seen).tolist()
        left = clock.step()
        yield Progress(epoch, config.epochs, step, steps, loss, accuracy, left)


class _Judge:
    """Measures a network on the validation images, and keeps the best weights and some mistakes."""

    def __init__(self, config, validation, folder, history):
        self.config, self.validation = config, validation
        self.images = pipeline.validation_images(config, validation)
        self.best = max((self._rank(row) for row in history), default=(-1.0, 0.0))
        if (folder / BEST).exists():  # perhaps of a stop within an epoch, which has no row
            self.best = max(self.best, self._rank(self._row(_load_best(config, folder))[0]))
        self.looked = time.monotonic()

    def glance(self, model, folder):
        """Note some mistakes while an epoch goes on, now and then."""
        if time.monotonic() - self.looked < GLANCE_EVERY:
            return
        some = Split(self.validation.images[:GLANCE_AT], self.validation.labels[:GLANCE_AT])
        seen = distribution.alone(model, self.config)
        digits = export.keras_predict(seen)(self.images[0][:GLANCE_AT]).argmax(axis=1)
        write_mistakes(folder / MISTAKES, some, digits)
        self.looked = time.monotonic()

    def look(self, model, progress, folder):
        """Return the row of the epoch's table, and whether it is the best so far."""
        with _averaged(model, self.config):
            measured, digits = self._row(distribution.alone(model, self.config))
            _check_loss(measured["val_loss"], self.config, progress.epoch, progress.step)
            row = {name: getattr(progress, name) for name in ("epoch", "loss", "accuracy")}
            row |= measured
            rank = self._rank(row)
            improved = rank > self.best
            if improved:
                self.best = rank
                save(model, folder / BEST)
        write_mistakes(folder / MISTAKES, self.validation, digits)
        self.looked = time.monotonic()
        return row, improved

    def _row(self, model):
        """Return what the validation finds, as the epoch's table has it, and the digits read."""
        measured, digits = _validate(model, self.images, self.validation.labels)
        return {f"val_{name}": value for name, value in measured.items()}, digits

    def _rank(self, row):
        """Order epochs: the more accurate, clean and damaged, then the lower loss.

        Who trains on data out of balance wants all digits read alike: the mean recall then takes
        the place of the clean accuracy.
        """
        even = self.config.imbalance == "none"
        clean = row["val_accuracy"] if even else row["val_balanced"]
        return clean + row["val_damaged"], -row["val_loss"]


def _load_best(config, folder):
    try:
        return export.load_trained(config.architecture, folder / BEST)
    except (OSError, KeyError, ValueError) as error:
        raise TrainingError(f"{BEST} is damaged, the training cannot go on: {error}") from error


def _seed_dropout(model, config, epoch):
    """Give each epoch random numbers of its own: Keras does not store how far they were used."""
    rng = np.random.default_rng([config.seed, epoch, 1, *distribution.seed()])
    for layer in model.layers:
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign(rng.integers(2**31, size=2))


def _check_loss(loss, config, epoch, step):
    if not math.isfinite(loss):
        raise DivergedError(
            f"The loss stopped being a number in epoch {epoch}, step {step}. Lower the learning "
            f"rate (it is {config.learning_rate:g}) and train again."
        )


@contextlib.contextmanager
def _averaged(model, config):
    """Let the model have its averaged weights for a while, where the settings ask for them."""
    if not config.averaging:
        yield
        return
    raw = model.get_weights()
    model.optimizer.finalize_variable_values(model.trainable_variables)
    try:
        yield
    finally:
        model.set_weights(raw)


def _validate(model, images, labels):
    clean, damaged = images
    predict = export.keras_predict(model)
    probabilities = predict(clean)
    digits = probabilities.argmax(axis=1)
    recall = metrics.recall_per_class(metrics.confusion_matrix(labels, digits))
    measured = {
        "loss": metrics.log_loss(probabilities, labels),
        "accuracy": float((digits == labels).mean()),
    }
    return measured | {
        "damaged": measured["accuracy"]
        if damaged is None
        else float((predict(damaged).argmax(axis=1) == labels).mean()),
        "balanced": float(np.nanmean(recall)),
        "worst": float(np.nanmin(recall)),
    }, digits


class _Clock:
    """Estimates the time left from the steps done since this process began.

    The first step does not count: in it Keras builds the network's graph.
    """

    def __init__(self, steps):
        self.start, self.done, self.steps = time.monotonic(), 0, steps
        self.first = self.start

    def elapsed(self):
        return time.monotonic() - self.start

    def step(self):
        self.done += 1
        if self.done == 1:
            self.first = time.monotonic()
            return self.elapsed() * (self.steps - 1) / FIRST_STEP
        return (time.monotonic() - self.first) / (self.done - 1) * (self.steps - self.done)


def _training_images(config, mnist):
    try:
        return pipeline.training_images(config, mnist.train)
    except ValueError as error:
        raise TrainingError(str(error)) from error
