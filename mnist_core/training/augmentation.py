"""Random damage for training: every epoch sees each image drawn a little differently."""

import cv2
import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions import FAMILIES
from mnist_core.corruptions.geometry import random_affine, random_elastic, warp

# How many corruptions a damaged image gets, and how severe each is at most.
COMBINED = {1: 0.85, 2: 0.15}
LARGEST_SEVERITY = {1: 1.0, 2: 0.7}


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


def corrupt_some(images, families, rng, *, share):
    """Damage some images of a batch, each in its own way, as training sees them.

    A corrupted image gets one or two corruptions, each with its own frequency. Their severities are
    uniform up to 1 for one and 0.7 for two, times what is readable of each.

    Parameters
    ----------
    images : float32 array (n, 28, 28) in [0, 1], white on black
    families : keys of `corruptions.FAMILIES`; none leaves the images as they are
    rng : numpy.random.Generator
    share : float in [0, 1], how many of the images to damage

    Returns
    -------
    float32 array (n, 28, 28) in [0, 1]; a new one
    """
    damaged, kinds = images.copy(), [kind for family in families for kind in FAMILIES[family]]
    if not kinds:
        return damaged
    n = len(images)
    weights = np.array([kind.frequency for kind in kinds])
    weights /= weights.sum()
    readable = np.array([kind.readable for kind in kinds])
    counts = rng.choice(list(COMBINED), n, p=list(COMBINED.values())) * (rng.random(n) < share)
    strongest = np.array([0, *LARGEST_SEVERITY.values()])[counts]
    for turn in range(max(COMBINED)):
        kind = np.where(counts > turn, rng.choice(len(kinds), n, p=weights), -1)
        severity = (strongest * readable[kind] * rng.random(n)).astype(np.float32)
        for index, corruption in enumerate(kinds):
            (chosen,) = np.nonzero(kind == index)
            if len(chosen):
                changed = corruption.apply(damaged[chosen], severity[chosen], rng)
                damaged[chosen] = np.clip(changed, 0, 1)
    return damaged


AUGMENTATIONS = {f.__name__: f for f in (none, affine, handwriting)}
