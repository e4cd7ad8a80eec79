"""Digital: what files, fax machines and filters do to pictures."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions.records import Corruption
from mnist_core.corruptions.shape import cover, spread

COARSEST = 7  # pixels along each side


def pixelate(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:  # noqa: ARG001
    """Store the image on fewer, larger pixels.

    18 along each side at severity 0.5, and 7 at 1, instead of 28.
    """
    coarse = np.empty_like(images)
    sizes = np.rint(IMAGE_SIZE - (IMAGE_SIZE - COARSEST) * severity).astype(int)
    whole = (IMAGE_SIZE, IMAGE_SIZE)
    for image, size, out in zip(images, sizes.tolist(), coarse, strict=True):
        small = cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA)
        cv2.resize(small, whole, dst=out, interpolation=cv2.INTER_NEAREST)
    return coarse


def jpeg(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:  # noqa: ARG001
    """Save as a JPEG file of low quality.

    The quality is 12 of 100 at severity 0.5, and 1 at 1.
    """
    stored = (images * 255).round().astype(np.uint8)
    qualities = np.rint(100 * (1 - severity) ** 3).astype(int).clip(1).tolist()
    decoded = np.empty(images.shape, np.float32)
    for image, quality, out in zip(stored, qualities, decoded, strict=True):
        _, file = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, quality))
        grey = cv2.imdecode(file, cv2.IMREAD_GRAYSCALE)
        np.divide(grey, 255, out=out)  # pyright: ignore[reportCallIssue, reportArgumentType]: no None
    return decoded


def threshold(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Turn greys into black or white, as a fax machine does, at a random level.

    Every grey is half way to black or white at severity 0.5; at 1 only black and white are left.
    """
    level = spread(rng.uniform(0.15, 0.85, len(images)))
    return images + spread(severity) * ((images > level) - images)


def edges(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:  # noqa: ARG001
    """Keep only the outlines of the strokes.

    The inside has half of its brightness at severity 0.5, and is black at 1.

    Source: J. Canny, "A computational approach to edge detection" (1986).
    """
    stored = (images * 255).round().astype(np.uint8)
    outlines = np.empty_like(stored)
    for image, out in zip(stored, outlines, strict=True):
        cv2.Canny(cv2.GaussianBlur(image, (0, 0), 0.8), 60, 140, edges=out)
    return cover(images, spread(severity), outlines.astype(np.float32) / 255)


DIGITAL = (
    Corruption(pixelate, readable=0.8, frequency=0.5, random=False),
    Corruption(jpeg, title="JPEG", frequency=0.5, random=False),
    Corruption(threshold, frequency=0.5),
    Corruption(edges, frequency=2.0, random=False),
)
