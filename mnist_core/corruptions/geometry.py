"""Moving, bending and resampling images, for training and for corruptions."""

import cv2
import numpy as np
from numpy.random import Generator

from mnist_core.config import IMAGE_SIZE

CENTRE = (IMAGE_SIZE - 1) / 2
ELASTIC_GRID = 5
NEGLIGIBLE = 1e-12  # float32 stores far smaller weights as subnormals: 50 times slower to multiply


def affine_maps(matrices: np.ndarray, shifts: np.ndarray | float) -> np.ndarray:
    """Make maps that turn about the image's centre.

    Parameters
    ----------
    matrices : (n, 2, 2), from output to input pixels
    shifts : (n, 2), in pixels, how far each output pixel reaches aside in x and in y

    Returns
    -------
    float32 (n, 2, 3), maps from output to input pixels
    """
    maps = np.empty((len(matrices), 2, 3), np.float32)
    maps[:, :, :2] = matrices
    maps[:, :, 2] = CENTRE - np.sum(matrices, axis=2) * CENTRE + shifts
    return maps


def rotations(degrees: np.ndarray) -> np.ndarray:
    """Return rotations by so many degrees (n,); float (n, 2, 2)."""
    angle = np.deg2rad(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([cos, -sin], 1), np.stack([sin, cos], 1)], 1)


def random_affine(
    n: int, rng: Generator, *, rotation: float, shift: float, zoom: float, shear: float
) -> np.ndarray:
    """Draw affine maps about the image's centre, each part uniform in its range.

    Parameters
    ----------
    rotation : degrees either way
    shift : pixels either way, each axis
    zoom : share by which width and height grow or shrink, each on its own
    shear : horizontal shear either way, in pixels a pixel

    Returns
    -------
    float32 (n, 2, 3), maps from output to input pixels
    """
    turned = rotations(rng.uniform(-rotation, rotation, n))
    lean = rng.uniform(-shear, shear, n)
    scale = 1 / rng.uniform(1 - zoom, 1 + zoom, (n, 2))
    turned[:, :, 1] += lean[:, None] * turned[:, :, 0]
    return affine_maps(turned * scale[:, :, None], rng.uniform(-shift, shift, (n, 2)))


def random_elastic(n: int, rng: Generator, *, strength: float | np.ndarray) -> np.ndarray:
    """Draw smooth random displacements.

    Parameters
    ----------
    strength : standard deviation in pixels at the knots of a coarse grid; for all, or (n,)

    Returns
    -------
    float32 (n, 2, 28, 28), how far each output pixel reaches aside, in x and in y
    """
    knots = rng.standard_normal((n, 2, ELASTIC_GRID**2), np.float32)
    knots *= np.reshape(strength, (-1, 1, 1)).astype(np.float32)
    return (knots @ _SMOOTH).reshape(n, 2, IMAGE_SIZE, IMAGE_SIZE)


def smooth_basis(knots: int) -> np.ndarray:
    """Return the matrix that spreads a square grid of knots smoothly over the pixels.

    Parameters
    ----------
    knots : along each side

    Returns
    -------
    float32 (knots ** 2, 784); its columns have length 1, so that normally distributed
    knots give normally distributed pixels with the same standard deviation
    """
    pixels = np.arange(IMAGE_SIZE)[:, None]
    places = np.linspace(0, IMAGE_SIZE - 1, knots)[None]
    spacing = places[0, 1] - places[0, 0]
    weights = np.exp(-(((pixels - places) / (0.75 * spacing)) ** 2))
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    basis = np.kron(weights, weights).T
    basis[basis < NEGLIGIBLE] = 0
    return basis.astype(np.float32)


def warp(
    images: np.ndarray, matrices: np.ndarray, *, displacement: np.ndarray | None = None
) -> np.ndarray:
    """Resample each image through its own map; what comes from outside is black.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1]
    matrices : float32 (n, 2, 3), from output to input pixels
    displacement : float32 (n, 2, 28, 28), in pixels, added to the affine map

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]
    """
    warped = np.empty_like(images)
    if displacement is None:
        size, flags = (IMAGE_SIZE, IMAGE_SIZE), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        for image, matrix, out in zip(images, matrices, warped, strict=True):
            cv2.warpAffine(image, matrix, size, dst=out, flags=flags)
        return warped
    maps = np.einsum("nck,kp->ncp", matrices, _PIXELS).reshape(-1, 2, IMAGE_SIZE, IMAGE_SIZE)
    maps += displacement
    for image, (x, y), out in zip(images, maps, warped, strict=True):
        cv2.remap(image, x, y, cv2.INTER_LINEAR, dst=out)
    return warped


_SMOOTH = smooth_basis(ELASTIC_GRID)
_GRID = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE].reshape(2, -1)
_PIXELS = np.stack([_GRID[1], _GRID[0], np.ones(_GRID.shape[1])]).astype(np.float32)
