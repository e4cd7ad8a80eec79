"""Light: too much, too little, uneven, or turned into its negative."""

import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions.geometry import smooth_basis
from mnist_core.corruptions.records import Corruption
from mnist_core.corruptions.shape import spread, turned_axes

OCTAVES = (3, 5, 9, 17)  # knots along each side


def brightness(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:  # noqa: ARG001
    """Overexpose, so that the black ground turns grey.

    The ground is at 0.45 of full white at severity 0.5, and at 0.9 at 1; ink stays white.
    """
    return images + 0.9 * spread(severity)


def contrast(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:  # noqa: ARG001
    """Draw ink and ground towards the same grey.

    The difference between them is 0.55 at severity 0.5, and 0.1 at 1.
    """
    return 0.5 + (images - 0.5) * (1 - 0.9 * spread(severity))


def fog(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Put drifting fog before the digit.

    Fog is up to 2 times as bright as the ink at severity 0.5, and 4 times at 1; the exposure is
    lowered until the brightest place fits.

    Source: D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common
    corruptions and perturbations", ICLR 2019; made of octaves of smooth noise here.
    """
    roughness = rng.uniform(0.4, 0.8, (len(images), 1)).astype(np.float32)
    clouds = np.zeros((len(images), IMAGE_SIZE**2), np.float32)
    for octave, basis in enumerate(_OCTAVES):
        knots = rng.standard_normal((len(images), len(basis)), np.float32)
        clouds += roughness**octave * (knots @ basis)
    clouds -= clouds.min(axis=1, keepdims=True)
    clouds /= clouds.max(axis=1, keepdims=True)
    density = 4 * spread(severity)
    return (images + density * clouds.reshape(images.shape)) / (1 + density)


def uneven_illumination(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Light the paper from one side: grey grows over the ground there, and the ink fades.

    The grey reaches up to 0.4 of full white at severity 0.5, and 0.8 at 1; on a side of its own,
    ink loses up to 0.4, and 0.8.
    """
    glow, shade = (_ramp(len(images), rng) for _ in range(2))
    amount = 0.8 * spread(severity)
    return images * (1 - amount * shade) + amount * glow * (1 - images)


def inversion(images: np.ndarray, severity: np.ndarray, rng: Generator) -> np.ndarray:
    """Turn a part of the image into its negative, dark ink on light ground.

    That part lies on one side and is half of the image at severity 0.5, and all of it at 1.
    """
    along, _ = turned_axes(rng.uniform(0, 2 * np.pi, len(images)))
    along = along.reshape(-1, IMAGE_SIZE**2)
    ordered = np.sort(along, axis=1)
    last = np.rint(severity * IMAGE_SIZE**2).astype(int) - 1
    edge = np.where(last < 0, -np.inf, ordered[np.arange(len(images)), last])
    negative = (along <= edge[:, None]).reshape(images.shape)
    return np.where(negative, 1 - images, images)


def _ramp(n: int, rng: Generator) -> np.ndarray:
    """Draw a slope from 0 on one side to 1 on the other, straight or bent, for each of n."""
    along, _ = turned_axes(rng.uniform(0, 2 * np.pi, n))
    slope = np.clip(0.5 + along / IMAGE_SIZE, 0, 1)
    return slope ** spread(rng.uniform(0.5, 2, n))


_OCTAVES = [smooth_basis(knots) for knots in OCTAVES]

LIGHT = (
    Corruption(brightness, frequency=0.5, random=False),
    Corruption(contrast, frequency=0.5, random=False),
    Corruption(fog, frequency=1.5),
    Corruption(uneven_illumination, frequency=0.5),
    Corruption(inversion),
)
