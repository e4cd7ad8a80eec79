"""Pieces of ink as the network gets them and classifies them."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.pictures.preprocessing import ink_to_digit
from mnist_core.reading.segmentation import Ink, Piece
from mnist_core.serving import Predictor

MARGIN = 2  # pixels around a piece, where its ink fades out
LARGEST = 160  # pixels; larger pieces are shrunk: the network could use no more
STRANGE = 1.0  # weight of "does not look like a digit", relative to "which digit it is"
LEAST_DIGIT = 1e-4
FULL = 60  # percentile of a piece's ink that counts as full: a pen's pressure varies


@dataclass(frozen=True)
class Glyph:
    """A piece of ink and what the network makes of it.

    Attributes
    ----------
    image : float32 (28, 28) in [0, 1], as the network got it
    probabilities : (10,)
    is_digit : in [0, 1], how much it looks like a digit at all
    box : (x, y, width, height) in pixels of the picture that the ink was found in
    """

    image: np.ndarray
    probabilities: np.ndarray
    is_digit: float
    box: tuple[float, float, float, float]

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box, (x, y) in pixels."""
        x, y, width, height = self.box
        return x + width / 2, y + height / 2

    @property
    def cost(self) -> float:
        """How unlikely the likeliest digit is, in nats, and that it is a digit at all."""
        strange = -np.log(max(self.is_digit, LEAST_DIGIT))
        return float(strange * STRANGE - np.log(max(self.probabilities.max(), 1e-6)))


def read_pieces(
    ink: Ink,
    labels: np.ndarray,
    found: Sequence[Piece],
    predictor: Predictor,
    *,
    back: np.ndarray | None = None,
) -> list[Glyph]:
    """Classify each piece by itself.

    Parameters
    ----------
    labels : int32 (h, w), the connected component of each pixel
    back : (2, 3), the affine map from pixels of `ink` to those before a rotation
    """
    images = np.zeros((len(found), IMAGE_SIZE, IMAGE_SIZE), np.float32)
    for index, piece in enumerate(found):
        images[index] = ink_to_digit(crop(ink, labels, piece))
    prediction = predictor.predict_full(images)
    return [
        Glyph(image, probabilities, float(is_digit), _box(piece.box, ink.scale, back))
        for image, probabilities, is_digit, piece in zip(
            images, prediction.probabilities, prediction.is_digit, found, strict=True
        )
    ]


def crop(ink: Ink, labels: np.ndarray, piece: Piece) -> np.ndarray:
    """Cut out a piece of ink without what lies beside it.

    Parameters
    ----------
    labels : int32 (h, w), the connected component of each pixel

    Returns
    -------
    float32 (height, width) in [0, 1]; 1 is full ink of this piece
    """
    x, y, width, height = piece.box
    window = np.s_[
        max(0, y - MARGIN) : y + height + MARGIN, max(0, x - MARGIN) : x + width + MARGIN
    ]
    own = np.isin(labels[window], piece.labels)
    others = (labels[window] > 0) & ~own
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    strength = np.where(near & ~others, ink.strength[window], 0)
    if max(strength.shape) > LARGEST:
        factor = LARGEST / max(strength.shape)
        size = [max(1, round(side * factor)) for side in strength.shape[::-1]]
        strength, own = (
            cv2.resize(a, size, interpolation=cv2.INTER_AREA)
            for a in (strength, own.astype(np.float32))
        )
        own = own > 0.5 if (own > 0.5).any() else own > 0
    full = float(np.percentile(strength[own], FULL))
    return np.clip(strength / max(full, 1e-6), 0, 1)


def _box(
    box: tuple[float, float, float, float], scale: float, back: np.ndarray | None
) -> tuple[float, float, float, float]:
    x, y, width, height = box
    if back is not None:
        across, down = np.meshgrid([x, x + width], [y, y + height])
        corners = np.stack([across, down, np.ones_like(across)], axis=-1).reshape(4, 3) @ back.T
        (x, y), (width, height) = corners.min(axis=0), np.ptp(corners, axis=0)
    return float(x * scale), float(y * scale), float(width * scale), float(height * scale)
