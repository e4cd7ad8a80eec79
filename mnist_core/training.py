"""Training: a configuration and data in, the best model so far on disk, progress along the way."""

import contextlib
import csv
import json
import math
import time
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np

from mnist_core import export, metrics, pipeline, transfer, zoo
from mnist_core.config import CLASSES
from mnist_core.recipes import TrainingConfig

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_damaged", "seconds")
CONFIG, HISTORY, BEST, LAST = "config.json", "history.csv", "best.keras", "last.keras"


class TrainingError(Exception):
    """Training cannot start or go on; the message says why and what to change."""


@dataclass(frozen=True)
class Progress:
    """Where a training stands, after a step.

    Attributes
    ----------
    epoch, epochs, step, steps : int, counted from 1; steps are of this epoch. The last step
        comes a second time, with the validation
    loss, accuracy : float, on training images, averaged over the epoch so far
    seconds_left : float, an estimate for all epochs
    validation : dict with `loss`, `accuracy` and `damaged` (the accuracy on validation images
        damaged as in training; the clean ones if there is no damage) at the end of an epoch,
        None within it
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


def train(config, mnist, folder, *, resume=False, start=None):
    """Train a model, yielding after every step.

    The folder holds `config.json`, `history.csv` and, from the first epoch on, `best.keras` (the
    weights that did best on validation) and `last.keras` (to resume from). Stop by not asking
    for the next step, or by an exception: what is on disk stays good.

    Parameters
    ----------
    config : TrainingConfig
    mnist : data.Mnist
    folder : Path, of this run
    resume : bool; go on after the last whole epoch of the run in the folder
    start : keras.Model or None, whose weights to begin with, if it is a fresh run

    Yields
    ------
    Progress

    Raises
    ------
    TrainingError : there is nothing to resume, the run in the folder has other settings, the
        layers of `start` do not fit, or the loss is not a number any more
    """
    folder = Path(folder)
    history = _open_run(config, folder, resume=resume)
    images, labels = pipeline.training_images(config, mnist.train)
    steps = math.ceil(len(images) / config.batch_size)

    if history:
        model = _load(folder / LAST)
        # A run killed between writing its history and its weights does that epoch again.
        history = history[: int(model.optimizer.iterations) // steps]
    else:
        model = zoo.build(
            config.architecture, seed=config.seed, half_precision=config.half_precision
        )
        if start is not None:
            _transfer(start, model, config)
        _compile(model, config, steps)
    validation = pipeline.validation_images(config, mnist.validation)
    best = max((_rank(row) for row in history), default=(-1.0, 0.0))
    before = history[-1]["seconds"] if history else 0.0
    clock = _Clock(steps * (config.epochs - len(history)))

    for epoch in range(len(history) + 1, config.epochs + 1):
        for progress in _epoch(model, config, images, labels, epoch=epoch, clock=clock):
            yield progress
        with _averaged(model, config):
            measured = _validate(model, validation, mnist.validation.labels)
            _check_loss(measured["loss"], config, epoch, progress.step)
            row = {
                "epoch": epoch,
                "loss": progress.loss,
                "accuracy": progress.accuracy,
                "val_loss": measured["loss"],
                "val_accuracy": measured["accuracy"],
                "val_damaged": measured["damaged"],
                "seconds": round(before + clock.elapsed(), 1),
            }
            improved = _rank(row) > best
            if improved:
                best = _rank(row)
                _save(model, folder / BEST)
        history.append(row)
        _write_history(folder / HISTORY, history)
        _save(model, folder / LAST)
        yield replace(progress, validation=measured, best=improved)


def read_config(folder):
    """Return the TrainingConfig of a run.

    Raises
    ------
    TrainingError : there is no run in the folder, or its settings are damaged
    """
    path = Path(folder) / CONFIG
    try:
        stored = json.loads(path.read_text("utf-8"))
        return TrainingConfig(**{f.name: stored[f.name] for f in fields(TrainingConfig)})
    except FileNotFoundError as error:
        raise TrainingError(f"There is no training to resume in {folder}.") from error
    except (KeyError, TypeError, ValueError) as error:
        raise TrainingError(f"{path} is damaged: {error}") from error


def read_history(folder):
    """Return a run's epochs, one dict of numbers each; empty if none was finished.

    Raises
    ------
    TrainingError : the table is damaged
    """
    path = Path(folder) / HISTORY
    if not path.exists():
        return []
    try:
        with path.open(newline="") as file:
            rows = [
                {name: float(row[name]) for name in COLUMNS} | {"epoch": int(row["epoch"])}
                for row in csv.DictReader(file)
            ]
    except (KeyError, TypeError, ValueError) as error:
        raise TrainingError(f"{path} is damaged, the training cannot go on: {error}") from error
    return rows


def _epoch(model, config, images, labels, *, epoch, clock):
    """Show the model every image once, in an order of this epoch's own; yield after each step."""
    steps = math.ceil(len(images) / config.batch_size)
    encode = _one_hot if config.loss == "categorical_crossentropy" else np.asarray
    seen, totals = 0, np.zeros(2)
    batches = pipeline.batches(config, images, labels, epoch=epoch)
    for step, (batch, answers) in enumerate(batches, start=1):
        loss, accuracy = model.train_on_batch(batch, encode(answers))
        _check_loss(loss, config, epoch, step)
        seen += len(batch)
        totals += len(batch) * np.array([loss, accuracy], float)
        loss, accuracy = (totals / seen).tolist()
        left = clock.step()
        yield Progress(epoch, config.epochs, step, steps, loss, accuracy, left)


def _check_loss(loss, config, epoch, step):
    if not math.isfinite(loss):
        raise TrainingError(
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
    accuracy = float((probabilities.argmax(axis=1) == labels).mean())
    measured = {"loss": metrics.log_loss(probabilities, labels), "accuracy": accuracy}
    if damaged is not None:
        accuracy = float((predict(damaged).argmax(axis=1) == labels).mean())
    return measured | {"damaged": accuracy}


class _Clock:
    """Estimates the time left from the steps done since this process began."""

    def __init__(self, steps):
        self.start, self.done, self.steps = time.monotonic(), 0, steps

    def elapsed(self):
        return time.monotonic() - self.start

    def step(self):
        self.done += 1
        return self.elapsed() / self.done * (self.steps - self.done)


def _load(path):
    import keras

    try:
        return keras.saving.load_model(path)
    except (OSError, KeyError, ValueError) as error:
        raise TrainingError(f"{path} is damaged, the training cannot go on: {error}") from error


def _transfer(start, model, config):
    try:
        transfer.transfer(start, model, np.random.default_rng(config.seed))
    except ValueError as error:
        raise TrainingError(
            f"A {config.architecture} cannot begin with the weights of {config.start!r}: {error}"
        ) from error


def _open_run(config, folder, *, resume):
    """Return the epochs to build on: those on disk when resuming, none in a fresh run."""
    if resume:
        if read_config(folder) != config:
            raise TrainingError(f"The run in {folder} has other settings; resume it with its own.")
        if not (folder / LAST).exists():
            return []
        return read_history(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (HISTORY, BEST, LAST):
        (folder / name).unlink(missing_ok=True)
    (folder / CONFIG).write_text(json.dumps(asdict(config), indent=1) + "\n", "utf-8")
    return []


def _compile(model, config, steps):
    import keras

    rate = float(config.learning_rate)
    if config.schedule == "cosine":
        total = steps * config.epochs
        warm = min(steps, total // 10)
        rate = keras.optimizers.schedules.CosineDecay(
            rate / 20, total - warm, warmup_target=rate, warmup_steps=warm
        )
    kind = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD,
    }[config.optimiser]
    options = {"weight_decay": config.weight_decay} if config.optimiser == "adamw" else {}
    if config.averaging:
        options |= {"use_ema": True, "ema_momentum": config.averaging}
    from_logits = export.output_kind(model) == "logits"
    if config.loss == "categorical_crossentropy":
        loss = keras.losses.CategoricalCrossentropy(from_logits, config.label_smoothing)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits)
    # XLA makes these small convolutions slower on CPUs than oneDNN does.
    model.compile(
        optimizer=kind(rate, **options), loss=loss, metrics=["accuracy"], jit_compile=False
    )


def _one_hot(labels):
    return np.eye(CLASSES, dtype=np.float32)[labels]


def _rank(row):
    """Order epochs: the more accurate on validation, clean and damaged, then the lower loss."""
    return row["val_accuracy"] + row["val_damaged"], -row["val_loss"]


def _save(model, path):
    """Save a model so that the file is always whole: the old one or the new one."""
    part = path.with_name(f"part-{path.name}")
    model.save(part)
    part.replace(path)


def _write_history(path, history):
    part = path.with_suffix(".part")
    with part.open("w", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(history)
    part.replace(path)
