"""What validation says of a network while it learns; the best weights are kept."""

import contextlib
import time

import numpy as np

from mnist_core.data import Split
from mnist_core.errors import RunError
from mnist_core.evaluation import metrics
from mnist_core.training import dataset, distribution, export
from mnist_core.training.files import BEST, MISTAKES, save, write_mistakes
from mnist_core.training.progress import check_loss

GLANCE_EVERY = 10.0  # seconds between two looks at mistakes within an epoch
GLANCE_AT = 1000  # of the validation images


class Judge:
    """Measures a network on the validation images, and keeps the best weights and some mistakes."""

    def __init__(self, config, validation, folder, history):
        self.config, self.validation = config, validation
        self.images = dataset.validation_images(config, validation)
        self.best = max((self._rank(row) for row in history), default=(-1.0, 0.0))
        if (folder / BEST).exists():  # perhaps of a stop within an epoch, which has no row
            self.best = max(self.best, self._rank(self._row(load_best(config, folder))[0]))
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
            check_loss(measured["val_loss"], self.config, progress.epoch, progress.step)
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


def load_best(config, folder):
    """Load the best weights so far; RunError if their file is damaged."""
    try:
        return export.load_trained(config.architecture, folder / BEST)
    except (OSError, KeyError, ValueError) as error:
        raise RunError(f"{BEST} is damaged, the training cannot go on: {error}") from error


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
