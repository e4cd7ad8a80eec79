"""Measure a network on the validation images while it learns, and keep the best weights."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.data import Split
from mnist_core.errors import RunError
from mnist_core.evaluation import metrics
from mnist_core.training import dataset, export, run_folder
from mnist_core.training.averaging import AveragedCopy
from mnist_core.training.config import TrainingConfig
from mnist_core.training.first_layer import FirstLayer
from mnist_core.training.progress import Progress, check_loss

if TYPE_CHECKING:
    import keras

CHECK_EVERY = 10.0  # seconds between two checks for mistakes within an epoch
CHECKED = 1000  # of the validation images
MEASURED = ("loss", "accuracy", "corrupted", "balanced", "worst_recall")
Row = dict[str, float]  # of the history


class Validation:
    """Measures a network on the validation images; keeps the best weights and some mistakes.

    Parameters
    ----------
    split : uint8 images, as they are stored
    history : the epochs so far, when a run is resumed
    copy : gives the network to measure
    """

    def __init__(
        self,
        config: TrainingConfig,
        split: Split,
        folder: Path,
        history: list[Row],
        copy: AveragedCopy,
    ) -> None:
        self.config, self.split, self.folder, self.copy = config, split, folder, copy
        self.clean, self.corrupted = dataset.validation_images(config, split)
        self.best = max(map(self.rank, history), default=(-1.0, 0.0))
        if (folder / run_folder.BEST).exists():  # perhaps of a stop within an epoch: it has no row
            row, _ = self._measure(load_best(config, folder))
            self.best = max(self.best, self.rank(row))
        self._checked = time.monotonic()
        self._first_layer = FirstLayer(folder)

    def check_mistakes(self, model: "keras.Model") -> None:
        """Note some mistakes while an epoch is under way, every CHECK_EVERY seconds.

        What the first layer looks for is noted more often.
        """
        self._first_layer.note(model)
        if time.monotonic() - self._checked < CHECK_EVERY:
            return
        some = Split(self.split.images[:CHECKED], self.split.labels[:CHECKED])
        predict = export.keras_predict(self.copy.of(model, roughly=True))
        self._note(some, predict(self.clean[:CHECKED]).argmax(axis=1))

    def end_epoch(self, model: "keras.Model", progress: Progress) -> tuple[Row, bool]:
        """Measure the network at the end of an epoch, and keep its weights if they are the best.

        Returns
        -------
        the epoch's row of the history, without its seconds, and whether it is the best so far
        """
        copy = self.copy.of(model)
        measured, digits = self._measure(copy)
        check_loss(measured["val_loss"], self.config, progress.epoch, progress.step)
        rank = self.rank(measured)
        improved = rank > self.best
        if improved:
            self.best = rank
            run_folder.save(copy, self.folder / run_folder.BEST)
        self._note(self.split, digits)
        row = {name: getattr(progress, name) for name in ("epoch", "loss", "accuracy")}
        return row | measured, improved

    def rank(self, row: Row) -> tuple[float, float]:
        """Order epochs: the more accurate, clean and corrupted, then the lower loss.

        Whoever trains on imbalanced data wants all digits classified alike: the mean recall then
        takes the place of the clean accuracy.
        """
        clean = "val_accuracy" if self.config.imbalance == "none" else "val_balanced"
        return row[clean] + row["val_corrupted"], -row["val_loss"]

    def _measure(self, model: "keras.Model") -> tuple[Row, np.ndarray]:
        """Return the columns of the history that validation fills, and the digits it predicts."""
        predict, labels = export.keras_predict(model), self.split.labels
        probabilities = predict(self.clean)
        digits = probabilities.argmax(axis=1)
        recall = metrics.recall_per_class(metrics.confusion_matrix(labels, digits))
        accuracy = corrupted = float((digits == labels).mean())
        if self.corrupted is not None:
            corrupted = float((predict(self.corrupted).argmax(axis=1) == labels).mean())
        measured = {
            "loss": metrics.log_loss(probabilities, labels),
            "accuracy": accuracy,
            "corrupted": corrupted,
            "balanced": float(np.nanmean(recall)),
            "worst_recall": float(np.nanmin(recall)),
        }
        return {f"val_{name}": measured[name] for name in MEASURED}, digits

    def _note(self, split: Split, digits: np.ndarray) -> None:
        """Write down some mistakes for people to see."""
        run_folder.write_mistakes(self.folder, split, digits)
        self._checked = time.monotonic()


def load_best(config: TrainingConfig, folder: Path) -> "keras.Model":
    """Load the best weights so far.

    Raises
    ------
    RunError : their file is damaged
    """
    try:
        return export.load_trained(config.architecture, folder / run_folder.BEST)
    except (OSError, KeyError, ValueError) as error:
        raise RunError(
            f"{run_folder.BEST} is damaged, so the training cannot continue: {error}"
        ) from error
