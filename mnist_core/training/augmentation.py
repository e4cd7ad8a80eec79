"""Augmentation and random corruption: every epoch shows each image a little differently."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import cv2
import numpy as np

from mnist_core.config import IMAGE_SIZE
from mnist_core.corruptions import FAMILIES
from mnist_core.corruptions.geometry import random_affine, random_elastic, warp
from mnist_core.errors import InvalidValueError
from mnist_core.training.clutter import lay_clutter

# The share of corrupted images with one and with two corruptions, and how severe each is at most.
COMBINED = {1: 0.85, 2: 0.15}
LARGEST_SEVERITY = {1: 1.0, 2: 0.7}
BENT = 0.2  # the share of images that "clutter" bends


@dataclass(frozen=True)
class Augmentation:
    """One way to vary the images of each epoch, and all that is known about it.

    Attributes
    ----------
    vary : (images, rng) -> a new array; float32 (n, 28, 28) in [0, 1], white on black. The
        function's name is the augmentation's
    title, summary : for people
    seconds : processor time an image, on the machine of `networks.Architecture`
    megabytes : memory of each image that is varied ahead
    """

    vary: Callable[[np.ndarray, np.random.Generator], np.ndarray]
    title: str
    summary: str
    seconds: float
    megabytes: float

    @property
    def name(self) -> str:
        """The key of AUGMENTATIONS."""
        return self.vary.__name__


def none(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:  # noqa: ARG001
    """Leave the images as they are."""
    return images.copy()


def affine(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rotate by up to 10 degrees, shift by up to 10%, zoom by up to 10%, shear by up to 0.2.

    A shear of 0.2 moves a row sideways by 0.2 pixels for each pixel that it lies above another.

    Source: the ranges are those of common Keras `ImageDataGenerator` examples for MNIST.
    """
    matrices = random_affine(len(images), rng, rotation=10, shift=2.8, zoom=0.1, shear=0.2)
    return warp(images, matrices)


def handwriting(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
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


def clutter(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Vary some images as `handwriting` does; lay lines, waves or blotches over some.

    Most of them stay as they are: a network that never sees digits undistorted classifies those
    less well.
    """
    varied = images.copy()
    (bent,) = np.nonzero(rng.random(len(images)) < BENT)
    if len(bent):
        varied[bent] = handwriting(images[bent], rng)
    return lay_clutter(varied, rng)


def thicken(images: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """Blend each image with its dilation (thicker strokes) or its erosion (thinner).

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1]
    amount : (n,) in [-1, 1]; -1 is all erosion, 1 all dilation by a 2x2 square

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]
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


def shade(images: np.ndarray, gamma: np.ndarray) -> np.ndarray:
    """Make the greys at the strokes' edges brighter (gamma below 1) or darker (above 1).

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1]
    gamma : (n,) above 0, the power that each image's pixels are raised to

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]
    """
    return images ** np.asarray(gamma, np.float32)[:, None, None]


def augment(images: np.ndarray, name: str, rng: np.random.Generator) -> np.ndarray:
    """Vary a batch for training.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1], white on black
    name : a key of AUGMENTATIONS

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]; a new array

    Raises
    ------
    InvalidValueError : unknown name
    """
    if name not in AUGMENTATIONS:
        raise InvalidValueError(
            f"There is no augmentation {name!r}; choose one of {', '.join(AUGMENTATIONS)}.",
            names=("augmentation",),
        )
    return AUGMENTATIONS[name].vary(images, rng)


def corrupt_some(
    images: np.ndarray, families: Collection[str], rng: np.random.Generator, *, share: float
) -> np.ndarray:
    """Corrupt some images of a batch, each in its own way, as training sees them.

    A corrupted image gets one or two corruptions, each with its own frequency. Their severities are
    uniform up to 1 for one and 0.7 for two, times what is readable of each.

    Parameters
    ----------
    images : float32 (n, 28, 28) in [0, 1], white on black
    families : keys of `corruptions.FAMILIES`; none leaves the images as they are
    share : in [0, 1], how many of the images to corrupt

    Returns
    -------
    float32 (n, 28, 28) in [0, 1]; a new array
    """
    corrupted, kinds = images.copy(), [kind for family in families for kind in FAMILIES[family]]
    if not kinds:
        return corrupted
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
                changed = corruption.apply(corrupted[chosen], severity[chosen], rng)
                corrupted[chosen] = np.clip(changed, 0, 1)
    return corrupted


AUGMENTATIONS = {
    augmentation.name: augmentation
    for augmentation in (
        Augmentation(
            none,
            "None",
            "Augmentation varies the images in every epoch. Without it, the network may overfit: "
            "learn the images by heart.",
            seconds=0,
            megabytes=0.008,
        ),
        Augmentation(
            affine,
            "Affine",
            "Every epoch turns, shifts, zooms and slants each image a little, differently each "
            "time.",
            seconds=5e-6,
            megabytes=0.012,
        ),
        Augmentation(
            handwriting,
            "Handwriting",
            "Every epoch shows each image as another hand might have written it: slant, size, "
            "wobble, pen and ink vary.",
            seconds=35e-6,
            megabytes=0.026,
        ),
        Augmentation(
            clutter,
            "Clutter",
            "Varies a fifth of the images as “Handwriting” does, and lays lines, waves, stains or "
            "other digits, faintly, over some; the others stay as they are.",
            seconds=12e-6,
            megabytes=0.03,
        ),
    )
}
