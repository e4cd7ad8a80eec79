"""Where digits lie in two dimensions, so that those lie together which a model finds similar.

The map is made once, by t-SNE, when a model is published (`training.export.make_digit_map`). That
gives no rule for other images: a new one is put among the digits that are nearest to it in the
model's features, of which the map keeps the few dimensions that matter.
"""

from dataclasses import dataclass

import msgspec
import numpy as np

from mnist_core.errors import ModelError
from mnist_core.serving.cards import DIGIT_MAP, Card, read_file
from mnist_core.workspace import WORKSPACE, Workspace

NEIGHBOURS = 5
STEPS = 65_535  # of a coordinate, as it is stored
LEVELS = 255  # of a feature


@dataclass(frozen=True)
class Located:
    """Where new images lie.

    Attributes
    ----------
    points : float32 (m, 2) in [0, 1]
    nearest : int (m, NEIGHBOURS), the digits of the map that are most like each, the nearest first
    """

    points: np.ndarray
    nearest: np.ndarray


@dataclass(frozen=True)
class DigitMap:
    """Test digits in two dimensions.

    Attributes
    ----------
    points : float32 (n, 2) in [0, 1], from the left and from the top
    labels, answers : uint8 (n,), what they are, and what the model reads
    places : uint16 (n,), in MNIST's test set
    features : float32 (n, d), the model's features of them in few dimensions
    middle, axes : float32 (k,) and (k, d), which turn features into so few dimensions
    """

    points: np.ndarray
    labels: np.ndarray
    answers: np.ndarray
    places: np.ndarray
    features: np.ndarray
    middle: np.ndarray
    axes: np.ndarray

    def __len__(self) -> int:
        """Return how many digits it shows."""
        return len(self.labels)

    def locate(self, features: np.ndarray) -> Located:
        """Return where images lie: between the digits nearest to them, nearer to the nearer.

        Parameters
        ----------
        features : float32 (m, k), as `Prediction` has them
        """
        short = shorten(features, self.middle, self.axes)
        distances = np.sqrt(
            np.maximum(
                (short**2).sum(axis=1)[:, None]
                - 2 * short @ self.features.T
                + (self.features**2).sum(axis=1),
                0,
            )
        )
        nearest = np.argsort(distances, axis=1, kind="stable")[:, :NEIGHBOURS]
        weights = 1 / np.maximum(np.take_along_axis(distances, nearest, axis=1), 1e-3)
        weights /= weights.sum(axis=1, keepdims=True)
        points = np.einsum("mn,mnd->md", weights, self.points[nearest])
        return Located(points.astype(np.float32), nearest)

    def to_bytes(self) -> bytes:
        """Return the content of a `map.msgpack`."""
        low, high = self.features.min(axis=0), self.features.max(axis=0)
        step = (np.maximum(high - low, 1e-9) / LEVELS).astype(np.float32)
        return msgspec.msgpack.encode(
            _Stored(
                points=np.round(self.points * STEPS).astype("<u2").tobytes(),
                labels=self.labels.astype(np.uint8).tobytes(),
                answers=self.answers.astype(np.uint8).tobytes(),
                places=self.places.astype("<u2").tobytes(),
                features=np.round((self.features - low) / step).astype(np.uint8).tobytes(),
                low=low.astype("<f4").tobytes(),
                step=step.astype("<f4").tobytes(),
                middle=self.middle.astype("<f4").tobytes(),
                axes=self.axes.astype("<f4").tobytes(),
            )
        )

    @classmethod
    def from_bytes(cls, content: bytes) -> "DigitMap":
        """Read the content of a `map.msgpack`.

        Raises
        ------
        ModelError : it is damaged
        """
        try:
            stored = msgspec.msgpack.decode(content, type=_Stored)
            low, step = (np.frombuffer(part, "<f4") for part in (stored.low, stored.step))
            steps = np.frombuffer(stored.features, np.uint8).reshape(-1, len(low))
            read = cls(
                points=np.frombuffer(stored.points, "<u2").reshape(-1, 2).astype("f4") / STEPS,
                labels=np.frombuffer(stored.labels, np.uint8),
                answers=np.frombuffer(stored.answers, np.uint8),
                places=np.frombuffer(stored.places, "<u2"),
                features=low + step * steps.astype(np.float32),
                middle=np.frombuffer(stored.middle, "<f4"),
                axes=np.frombuffer(stored.axes, "<f4").reshape(-1, len(low)),
            )
            counts = {len(getattr(read, name)) for name in _OF_EACH_DIGIT}
            if (
                counts != {len(read)}
                or len(read) < NEIGHBOURS
                or len(read.middle) != len(read.axes)
            ):
                raise ValueError("its arrays do not belong together")
            if not (np.isfinite(read.features).all() and np.isfinite(read.axes).all()):
                raise ValueError("some of its numbers are none")
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
            raise ModelError(
                f"The model's map of digits cannot be read ({error}). Make it again: "
                "python -m mnist_core export --map."
            ) from error
        return read


class _Stored(msgspec.Struct):
    """A map as it is stored: arrays as bytes, little-endian, features in LEVELS steps."""

    points: bytes
    labels: bytes
    answers: bytes
    places: bytes
    features: bytes
    low: bytes
    step: bytes
    middle: bytes
    axes: bytes


_OF_EACH_DIGIT = ("points", "labels", "answers", "places", "features")


def shorten(features: np.ndarray, middle: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Return features, scaled to length 1, in few dimensions.

    Parameters
    ----------
    features : float32 (m, k)
    middle, axes : as of `DigitMap`

    Returns
    -------
    float32 (m, d)
    """
    return (directions(features) - middle) @ axes


def directions(features: np.ndarray) -> np.ndarray:
    """Return features scaled to length 1; float32 (m, k)."""
    features = np.asarray(features, np.float32)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-9)


def load_digit_map(card: Card, *, workspace: Workspace = WORKSPACE) -> DigitMap | None:
    """Return a model's map of digits; None if it has none.

    Raises
    ------
    ModelError : its file is damaged
    """
    if DIGIT_MAP not in card.files:
        return None
    return DigitMap.from_bytes(read_file(card, DIGIT_MAP, workspace=workspace))
