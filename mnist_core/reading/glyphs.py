"""A piece of ink, as the network sees it and reads it."""

from dataclasses import dataclass

import cv2
import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.pictures.preprocessing import ink_to_digit

MARGIN = 2  # pixels around a piece, where its ink fades out
LARGEST = 160  # larger pieces are shrunk, more than this the network cannot see
STRANGE = 1.0  # how much it counts that something looks like no digit, beside which digit it is
LEAST_DIGIT = 1e-4
FULL = 60  # percentile of a piece's ink that counts as full: a pen's pressure varies


@dataclass(frozen=True)
class Glyph:
    """A piece of ink and what the network says of it.

    Attributes
    ----------
    image : float32 array (28, 28) in [0, 1], what the network saw
    probabilities : float array (10,)
    is_digit : float in [0, 1], how much it looks like a digit at all
    box : tuple (x, y, width, height) of float, pixels of the picture that the ink was found in
    """

    image: np.ndarray
    probabilities: np.ndarray
    is_digit: float
    box: tuple[float, float, float, float]

    @property
    def middle(self):
        """The middle of its box, (x, y) in pixels."""
        x, y, width, height = self.box
        return x + width / 2, y + height / 2

    @property
    def surprise(self):
        """How unlikely the likeliest digit is, in nats, and that it is a digit at all."""
        strange = -np.log(max(self.is_digit, LEAST_DIGIT))
        return float(strange * STRANGE - np.log(max(self.probabilities.max(), 1e-6)))


def read_pieces(ink, labels, found, predictor, *, back=None):
    """Read each piece by itself.

    Parameters
    ----------
    ink : segmentation.Ink
    labels : int32 array (h, w), the connected component of each pixel
    found : list of Piece
    predictor : serving.Predictor
    back : array (2, 3) or None, the affine map from pixels of `ink` to those before a rotation

    Returns
    -------
    list of Glyph
    """
    images = np.zeros((len(found), IMAGE_SIZE, IMAGE_SIZE), np.float32)
    for index, piece in enumerate(found):
        images[index] = ink_to_digit(crop(ink, labels, piece))
    seen = predictor.predict_full(images)
    return [
        Glyph(image, probabilities, float(is_digit), _box(piece.box, ink.scale, back))
        for image, probabilities, is_digit, piece in zip(
            images, seen.probabilities, seen.is_digit, found, strict=True
        )
    ]


def crop(ink, labels, piece):
    """Cut out a piece of ink, without what lies beside it.

    Parameters
    ----------
    ink : segmentation.Ink
    labels : int32 array (h, w), the connected component of each pixel
    piece : Piece

    Returns
    -------
    float32 array (height, width) in [0, 1]; 1 is full ink, as the piece has it
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


def _box(box, scale, back):
    x, y, width, height = box
    if back is not None:
        across, down = np.meshgrid([x, x + width], [y, y + height])
        corners = np.stack([across, down, np.ones_like(across)], axis=-1).reshape(4, 3) @ back.T
        (x, y), (width, height) = corners.min(axis=0), np.ptp(corners, axis=0)
    return tuple(float(side * scale) for side in (x, y, width, height))
