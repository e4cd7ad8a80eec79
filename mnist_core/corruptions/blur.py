"""Blur: the picture out of focus, shaken, or behind bad glass."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions.records import Corruption
from mnist_core.corruptions.shape import blur, spread

LARGEST_DISC = 4  # pixels, radius
LONGEST_PATH = 14  # pixels
DISCS = 32


def gaussian_blur(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:  # noqa: ARG001
    """Blur softly.

    Each point spreads with a standard deviation of 1.25 pixels at severity 0.5, and 2.5 at 1.
    """
    return blur(images, 2.5 * severity)


def defocus(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:  # noqa: ARG001
    """Put the lens out of focus, so that each point becomes a disc.

    Its radius is 2 pixels at severity 0.5, and 4 at 1.
    """
    blurred = np.empty_like(images)
    chosen = np.rint(severity * DISCS).astype(int)
    for image, radius, out in zip(images, chosen, blurred, strict=True):
        cv2.filter2D(image, -1, _DISCS[radius], dst=out, borderType=cv2.BORDER_REFLECT)
    return blurred


def motion_blur(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Shake the camera along a straight line, at a random angle.

    The line is 7 pixels long at severity 0.5, and 14 at 1.
    """
    angle = rng.uniform(0, np.pi, len(images))
    reach = LONGEST_PATH // 2 + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    cos, sin = spread(np.cos(angle)), spread(np.sin(angle))
    half = spread(severity) * LONGEST_PATH / 2
    kernels = np.clip(1 - np.abs(y * cos - x * sin), 0, 1)
    kernels *= np.clip(half + 0.5 - np.abs(x * cos + y * sin), 0, 1)
    kernels[:, reach, reach] = np.maximum(kernels[:, reach, reach], 1e-3)
    kernels /= kernels.sum(axis=(1, 2), keepdims=True)
    blurred = np.empty_like(images)
    margins = (reach - np.ceil(half.ravel() + 0.5)).astype(int).tolist()
    size = len(y)
    for image, kernel, margin, out in zip(images, kernels, margins, blurred, strict=True):
        inner = np.ascontiguousarray(kernel[margin : size - margin, margin : size - margin])
        cv2.filter2D(image, -1, inner, dst=out, borderType=cv2.BORDER_REFLECT)
    return blurred


def glass_blur(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Look through frosted glass: light reaches each pixel from a random place nearby.

    That place is up to about 1.5 pixels away, up or down and left or right, at severity 0.5, and
    3 pixels at 1; a slight blur follows.
    """
    # Half a pixel more, so that rounding to whole pixels sets in smoothly.
    reach = spread(severity) * 3 + 0.5
    rows, columns = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE].astype(np.float32)
    places = []
    for axis in (rows, columns):
        aside = (rng.random(images.shape, np.float32) * 2 - 1) * reach
        places.append(np.clip(np.rint(axis + aside), 0, IMAGE_SIZE - 1).astype(np.int32))
    chosen = places[0] * IMAGE_SIZE + places[1]
    flat = images.reshape(-1, IMAGE_SIZE**2)
    seen = np.take_along_axis(flat, chosen.reshape(flat.shape), axis=1).reshape(images.shape)
    return blur(seen, 0.7 * np.minimum(2 * severity, 1))


def _disc(radius: float) -> np.ndarray:
    """Return a disc with soft edges whose pixels sum to 1; a small one is a single pixel."""
    reach = int(np.ceil(radius + 0.5))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    kernel = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1).astype(np.float32)
    return kernel / kernel.sum()


_DISCS = [_disc(LARGEST_DISC * step / DISCS) for step in range(DISCS + 1)]

BLUR = (
    Corruption(gaussian_blur, readable=0.8, random=False),
    Corruption(defocus, readable=0.8, random=False),
    Corruption(motion_blur, readable=0.8, frequency=2.0),
    Corruption(glass_blur, frequency=3.0),
)
