"""Random damage for training: every epoch sees each image drawn a little differently."""

import cv2
import numpy as np

from mnist_core.config import IMAGE_SIZE

CENTRE = (IMAGE_SIZE - 1) / 2
ELASTIC_GRID = 5


def none(images, rng):  # noqa: ARG001
    """Leave the images as they are."""
    return images.copy()


def affine(images, rng):
    """Rotate by up to 10 degrees, shift by up to 10%, zoom by up to 10%, shear by up to 0.2.

    A shear of 0.2 moves a row sideways by 0.2 pixels for each pixel that it lies above another.

    Source: the ranges are those of common Keras `ImageDataGenerator` examples for MNIST.
    """
    matrices = random_affine(len(images), rng, rotation=10, shift=2.8, zoom=0.1, shear=0.2)
    return warp(images, matrices)


def handwriting(images, rng):
    """Vary what differs between writers: slant, size, proportions, wobble, pen and ink.

    An affine map and an elastic one in a single resampling, then strokes made thicker or
    thinner, then darker or paler.

    Source: P. Simard, D. Steinkraus and J. Platt, "Best practices for convolutional neural
    networks applied to visual document analysis" (2003).
    """
    matrices = random_affine(len(images), rng, rotation=10, shift=2, zoom=0.1, shear=0.15)
    bent = warp(images, matrices, displacement=random_elastic(len(images), rng, strength=0.5))
    thicker = thicken(bent, rng.uniform(-0.3, 0.5, len(images)))
    return shade(thicker, rng.uniform(0.8, 1.25, len(images)))


def random_affine(n, rng, *, rotation, shift, zoom, shear):
    """Draw affine maps about the image's centre, each part uniform in its range.

    Parameters
    ----------
    n : int
    rotation : degrees either way
    shift : pixels either way, each axis
    zoom : share by which width and height grow or shrink, each on its own
    shear : horizontal shear either way, in pixels a pixel

    Returns
    -------
    float32 array (n, 2, 3) : maps from output to input pixels
    """
    angle = np.deg2rad(rng.uniform(-rotation, rotation, n))
    lean = rng.uniform(-shear, shear, n)
    scale = 1 / rng.uniform(1 - zoom, 1 + zoom, (n, 2))
    cos, sin = np.cos(angle), np.sin(angle)
    matrices = np.empty((n, 2, 3), np.float32)
    matrices[:, 0, 0] = cos * scale[:, 0]
    matrices[:, 0, 1] = (lean * cos - sin) * scale[:, 0]
    matrices[:, 1, 0] = sin * scale[:, 1]
    matrices[:, 1, 1] = (lean * sin + cos) * scale[:, 1]
    linear = matrices[:, :, :2].sum(axis=2) * CENTRE
    matrices[:, :, 2] = CENTRE - linear + rng.uniform(-shift, shift, (n, 2))
    return matrices


def random_elastic(n, rng, *, strength):
    """Draw smooth random displacements.

    Parameters
    ----------
    n : int
    strength : standard deviation in pixels at the knots of a coarse grid

    Returns
    -------
    float32 array (n, 2, 28, 28) : how far each output pixel looks aside, in x and in y
    """
    knots = rng.standard_normal((n, 2, ELASTIC_GRID**2), np.float32) * np.float32(strength)
    return (knots @ _SMOOTH).reshape(n, 2, IMAGE_SIZE, IMAGE_SIZE)


def warp(images, matrices, *, displacement=None):
    """Resample each image through its own map; what comes from outside is black.

    Parameters
    ----------
    images : float32 array (n, 28, 28) in [0, 1]
    matrices : float32 array (n, 2, 3), from output to input pixels
    displacement : float32 array (n, 2, 28, 28) or None; added to the affine map, in pixels

    Returns
    -------
    float32 array (n, 28, 28) in [0, 1]
    """
    maps = np.einsum("nck,kp->ncp", matrices, _PIXELS).reshape(-1, 2, IMAGE_SIZE, IMAGE_SIZE)
    if displacement is not None:
        maps += displacement
    warped = np.empty_like(images)
    for image, (x, y), out in zip(images, maps, warped, strict=True):
        cv2.remap(image, x, y, cv2.INTER_LINEAR, dst=out)
    return warped


def thicken(images, amount):
    """Blend each image with its dilation (thicker strokes) or its erosion (thinner).

    Parameters
    ----------
    images : float32 array (n, 28, 28) in [0, 1]
    amount : array (n,) in [-1, 1]; -1 is all erosion, 1 all dilation by a 2x2 square

    Returns
    -------
    float32 array (n, 28, 28) in [0, 1]
    """
    tall = np.pad(images, ((0, 0), (1, 1), (1, 1))).reshape(-1, IMAGE_SIZE + 2)
    square = np.ones((2, 2), np.uint8)
    shape = (-1, IMAGE_SIZE + 2, IMAGE_SIZE + 2)
    thick, thin = (
        change(tall, square).reshape(shape)[:, 1:-1, 1:-1] for change in (cv2.dilate, cv2.erode)
    )
    amount = np.asarray(amount, np.float32)[:, None, None]
    target = np.where(amount > 0, thick, thin)
    return images + np.abs(amount) * (target - images)


def shade(images, gamma):
    """Make the greys at the strokes' edges brighter (gamma below 1) or darker (above 1).

    Parameters
    ----------
    images : float32 array (n, 28, 28) in [0, 1]
    gamma : array (n,) above 0, the power that each image's pixels are raised to

    Returns
    -------
    float32 array (n, 28, 28) in [0, 1]
    """
    return images ** np.asarray(gamma, np.float32)[:, None, None]


def augment(images, name, rng):
    """Vary a batch for training.

    Parameters
    ----------
    images : float32 array (n, 28, 28) in [0, 1], white on black
    name : a key of AUGMENTATIONS
    rng : numpy.random.Generator

    Returns
    -------
    float32 array (n, 28, 28) in [0, 1]; a new one

    Raises
    ------
    ValueError : unknown name
    """
    if name not in AUGMENTATIONS:
        raise ValueError(
            f"There is no augmentation {name!r}; choose one of {', '.join(AUGMENTATIONS)}."
        )
    return AUGMENTATIONS[name](images, rng)


def _smooth_basis():
    """Return the (25, 784) matrix that spreads a 5x5 grid smoothly over the pixels."""
    pixels = np.arange(IMAGE_SIZE)[:, None]
    knots = np.linspace(0, IMAGE_SIZE - 1, ELASTIC_GRID)[None]
    spacing = knots[0, 1] - knots[0, 0]
    weights = np.exp(-(((pixels - knots) / (0.75 * spacing)) ** 2))
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    return np.kron(weights, weights).T.astype(np.float32)


_SMOOTH = _smooth_basis()
_GRID = np.mgrid[:IMAGE_SIZE, :IMAGE_SIZE].reshape(2, -1)
_PIXELS = np.stack([_GRID[1], _GRID[0], np.ones(_GRID.shape[1])]).astype(np.float32)

AUGMENTATIONS = {f.__name__: f for f in (none, affine, handwriting)}
