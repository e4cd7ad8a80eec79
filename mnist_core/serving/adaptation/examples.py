"""Labelled images as a model sees them: what it is taught by, and what it keeps of its training."""

import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.errors import InvalidValueError, ModelError

if TYPE_CHECKING:
    from mnist_core.serving.adaptation.head import Head
    from mnist_core.serving.predictor import Predictor

LEVELS = 255  # features are stored in steps, as finely as a model of 8 bits computes them
NON_DIGIT = -1  # the label of an image that is none


@dataclass(frozen=True)
class Examples:
    """The features of images, and a model's answers to them: the untaught one's, if not stated.

    Attributes
    ----------
    features : float32 (n, k)
    logits : float32 (n, 10), logarithms of the model's probabilities
    digitness : float32 (n,), whose sigmoid is `is_digit`; NaN where the model lacks it
    labels : int (n,), 0 to 9 or NON_DIGIT
    """

    features: np.ndarray
    logits: np.ndarray
    digitness: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        """Return how many images they are."""
        return len(self.labels)

    def __getitem__(self, chosen: np.ndarray) -> "Examples":
        """Return some of them, by bool (n,) or by their places."""
        return Examples(*(values[chosen] for values in vars(self).values()))

    def __add__(self, others: "Examples") -> "Examples":
        """Return these and others of the same model."""
        pairs = zip(vars(self).values(), vars(others).values(), strict=True)
        return Examples(*(np.concatenate(pair) for pair in pairs))

    def answered_by(self, head: "Head | None") -> "Examples":
        """Return the same images with the answers of the model once it was taught this."""
        if head is None:
            return self
        found = head.probabilities(np.exp(self.logits), self.features)
        return replace(
            self,
            logits=np.log(np.maximum(found, 1e-30)),
            digitness=head.digitness(self.digitness, self.features),
        )

    def to_bytes(self) -> bytes:
        """Return the content of a `replay.npz`."""
        low, high = self.features.min(axis=0), self.features.max(axis=0)
        step = np.maximum(high - low, 1e-9) / LEVELS
        file = io.BytesIO()
        np.savez_compressed(
            file,
            steps=np.round((self.features - low) / step).astype(np.uint8),
            low=low.astype(np.float32),
            step=step.astype(np.float32),
            logits=self.logits.astype(np.float32),
            digitness=self.digitness.astype(np.float32),
            labels=self.labels.astype(np.int8),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Examples":
        """Read the content of a `replay.npz`.

        Raises
        ------
        ModelError : it is damaged
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                stored = {name: archive[name] for name in archive.files}
            features = stored["low"] + stored["step"] * stored["steps"].astype(np.float32)
            labels = stored["labels"].astype(int)
            read = cls(features, stored["logits"], stored["digitness"], labels)
            n = len(labels)
            shapes = features.shape[:1], read.logits.shape, read.digitness.shape, features.ndim
            if shapes != ((n,), (n, CLASSES), (n,), 2) or not np.isfinite(features).all():
                raise ValueError("its arrays do not belong together")
        except Exception as error:  # NumPy and zipfile raise many kinds
            raise ModelError(
                f"What the model keeps of its training cannot be read ({error}). Compute it again: "
                "python -m mnist_core export --replay."
            ) from error
        return read


def look_at(predictor: "Predictor", images: np.ndarray, labels: np.ndarray) -> Examples:
    """Return labelled images as a model sees them.

    Parameters
    ----------
    predictor : of the model; what it was taught does not count
    images : float32 (n, 28, 28) in [0, 1], white on black; n is at least 1
    labels : int (n,), 0 to 9 or NON_DIGIT

    Raises
    ------
    InvalidValueError : no image, another number of labels, or other labels
    """
    labels = np.asarray(labels)
    if not len(images) or labels.shape != (len(images),):
        raise InvalidValueError(
            f"Expected a label for each of at least one image, received labels of shape "
            f"{labels.shape} for {len(images)} images."
        )
    if not np.isin(labels, np.arange(NON_DIGIT, CLASSES)).all():
        raise InvalidValueError(f"Labels are whole numbers from 0 to 9, received {labels}.")
    untaught = predictor.with_head(None)
    found = untaught.predict_full(images)
    _, digitness, _ = untaught.outputs(images)
    return Examples(
        features=found.features,
        logits=np.log(np.maximum(found.probabilities, 1e-30)),
        digitness=np.full(len(images), np.nan) if digitness is None else digitness[:, 0],
        labels=labels.astype(int),
    )
