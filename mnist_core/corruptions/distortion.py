"""Distortion: the digit turned, moved, squeezed or bent."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions.geometry import affine_maps, random_elastic, rotations, warp
from mnist_core.corruptions.records import Corruption
from mnist_core.corruptions.shape import sides

STRAIGHT = np.eye(2)


def rotate(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Turn the digit to one side or the other.

    The angle is 25 degrees at severity 0.5, and 50 at 1.
    """
    turned = rotations(50 * severity * sides(len(images), rng))
    return warp(images, affine_maps(turned, 0))


def shear(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Make the digit lean, along the lines of writing or across them.

    A row (or column) moves by 0.4 pixels for each pixel from the middle at severity 0.5, and by
    0.8 at 1.
    """
    n = len(images)
    matrices = np.tile(STRAIGHT, (n, 1, 1))
    axis = rng.integers(0, 2, n)
    matrices[np.arange(n), axis, 1 - axis] = 0.8 * severity * sides(n, rng)
    return warp(images, affine_maps(matrices, 0))


def scale(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Make the digit smaller or larger.

    It has 0.75 or 1.35 of its size at severity 0.5, and 0.5 or 1.7 at 1.
    """
    factor = np.where(sides(len(images), rng) > 0, 1 + 0.7 * severity, 1 - 0.5 * severity)
    return warp(images, affine_maps(STRAIGHT / factor[:, None, None], 0))


def translate(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Move the digit aside, in a random direction.

    It moves by 4 pixels at severity 0.5, and by 8 at 1; what leaves the image is lost.
    """
    n = len(images)
    angle = rng.uniform(0, 2 * np.pi, n)
    shifts = 8 * severity[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return warp(images, affine_maps(np.tile(STRAIGHT, (n, 1, 1)), shifts))


def perspective(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Look at the paper from one side.

    Each corner of the image moves by up to 4 pixels each way at severity 0.5, and 8 at 1.
    """
    last = IMAGE_SIZE - 1
    corners = np.array([[0, 0], [last, 0], [last, last], [0, last]], np.float32)
    moves = rng.uniform(-8, 8, (len(images), 4, 2)) * severity[:, None, None]
    warped = np.empty_like(images)
    for image, seen, out in zip(images, (corners + moves).astype(np.float32), warped, strict=True):
        matrix = cv2.getPerspectiveTransform(corners, seen)
        cv2.warpPerspective(image, matrix, (IMAGE_SIZE, IMAGE_SIZE), dst=out)
    return warped


def elastic(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Bend the digit smoothly, as if drawn on rubber.

    Points move with a standard deviation of 1.25 pixels each way at severity 0.5, and 2.5 at 1.
    """
    bent = random_elastic(len(images), rng, strength=2.5 * severity)
    straight = affine_maps(np.tile(STRAIGHT, (len(images), 1, 1)), 0)
    return warp(images, straight, displacement=bent)


DISTORTION = (
    Corruption(rotate, readable=0.8, frequency=2.0),
    Corruption(shear, readable=0.8, frequency=1.5),
    Corruption(scale, readable=0.8, frequency=1.5),
    Corruption(translate),
    Corruption(perspective, readable=0.8),
    Corruption(elastic, readable=0.7),
)
