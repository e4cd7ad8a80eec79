"""Noise: grain of sensors and of bad transmission."""

import numpy as np
from numpy.random import Generator

from mnist_core.corruptions.records import Corruption
from mnist_core.corruptions.shape import spread


def gaussian_noise(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Add grain everywhere, as a camera does in the dark.

    Its standard deviation is 0.25 of full white at severity 0.5, and 0.5 at 1.
    """
    return images + 0.5 * spread(severity) * rng.standard_normal(images.shape, np.float32)


def shot_noise(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Count single photons, so that the ink becomes patchy.

    A white pixel gets 4 of them on average at severity 0.5, and a single one at 1.
    """
    photons = 1 / np.maximum(spread(severity), 1e-2) ** 2
    return (rng.poisson(images * photons) / photons).astype(np.float32)


def speckle(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Make each pixel of the ink brighter or darker, as radar and ultrasound do.

    The factor's standard deviation is 0.5 at severity 0.5, and 1 at 1; the ground stays black.
    """
    return images * (1 + spread(severity) * rng.standard_normal(images.shape, np.float32))


def salt_and_pepper(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Turn random pixels black or white.

    It hits a quarter of the pixels at severity 0.5, and half of them at 1.
    """
    dice, share = rng.random(images.shape, np.float32), spread(severity) / 4
    return np.where(dice < share, 0, np.where(dice > 1 - share, 1, images)).astype(np.float32)


NOISE = (
    Corruption(gaussian_noise, readable=0.8),
    Corruption(shot_noise),
    Corruption(speckle, frequency=0.5),
    Corruption(salt_and_pepper, readable=0.7, frequency=1.5),
)
