"""Why this digit: which strokes matter, and which training digits are most like it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mnist_core.config import CLASSES, IMAGE_SIZE
from mnist_core.serving import Prediction
from mnist_core.serving.digit_map import directions

PATCH, STEP = 5, 2  # pixels: what is covered at a time, and from one place to the next
NEIGHBOURS = 5
LOWEST = 1e-9  # probabilities are floored at this
PART = 5000  # images of a reference that are predicted at once


@dataclass(frozen=True)
class Reference:
    """Training digits to search for similar ones.

    Attributes
    ----------
    directions : float32 (n, k), the features of each, scaled to length 1
    images : uint8 (n, 28, 28)
    labels : int (n,)
    """

    directions: np.ndarray
    images: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Neighbours:
    """The digits of a reference that are most like an image.

    Attributes
    ----------
    places : int (m, k), in the reference, the most alike first
    similarity : float32 (m, k) in [-1, 1], the cosine between their features
    labels : int (m, k)
    disagreement : float32 (m,), how much nearer to another digit than to the answer, in cosines;
        below 0 where the nearest ones have the answer as their label
    """

    places: np.ndarray
    similarity: np.ndarray
    labels: np.ndarray
    disagreement: np.ndarray


def occlusion(
    predict: Callable[[np.ndarray], np.ndarray],
    image: np.ndarray,
    digit: int,
    *,
    against: int | None = None,
) -> np.ndarray:
    """Cover an image patch by patch, and measure where that makes a digit less likely.

    Parameters
    ----------
    predict : float32 images (n, 28, 28) -> probabilities (n, 10)
    image : float32 (28, 28) in [0, 1], white on black
    digit : the answer to explain
    against : explain why it is not this other digit; None for any other

    Returns
    -------
    float32 (28, 28), how much each pixel counts for the digit, in nats of its odds against the
    other digit or digits; below 0 where it counts against it

    Raises
    ------
    ValueError : a number that is not a digit, or the same digit twice

    Source: M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014).
    """
    chosen = [digit] if against is None else [digit, against]
    if not set(chosen) <= set(range(CLASSES)) or digit == against:
        raise ValueError(f"Expected two different digits from 0 to 9, received {chosen}.")
    starts = np.arange(1 - PATCH, IMAGE_SIZE, STEP)
    covered = (starts[:, None] <= np.arange(IMAGE_SIZE)) & (
        np.arange(IMAGE_SIZE) < starts[:, None] + PATCH
    )
    masks = (covered[:, None, :, None] & covered[None, :, None, :]).reshape(
        -1, IMAGE_SIZE, IMAGE_SIZE
    )
    inked = (masks & (image > 0)).any(axis=(1, 2))  # the others change nothing
    masks = masks[inked]
    probabilities = predict(np.concatenate([image[None], np.where(masks, 0, image)]))
    if against is None:
        rival = np.delete(probabilities, digit, axis=1).sum(axis=1)  # exact where 1 - p is not
    else:
        rival = probabilities[:, against]
    score = np.log(np.maximum(probabilities[:, digit], LOWEST) / np.maximum(rival, LOWEST))
    lost = score[0] - score[1:]
    shares = masks.sum(axis=0)
    return np.divide(
        np.tensordot(lost, masks.astype(np.float32), 1),
        shares,
        out=np.zeros((IMAGE_SIZE, IMAGE_SIZE)),
        where=shares > 0,
    ).astype(np.float32)


def reference(
    predict_full: Callable[[np.ndarray], Prediction], images: np.ndarray, labels: np.ndarray
) -> Reference:
    """Make a reference of digits.

    Parameters
    ----------
    predict_full : float32 images (n, 28, 28) in [0, 1] -> Prediction
    images : uint8 (n, 28, 28)
    labels : int (n,)
    """
    found = [
        directions(predict_full(images[i : i + PART].astype(np.float32) / 255).features)
        for i in range(0, len(images), PART)
    ]
    return Reference(np.concatenate(found), images, np.asarray(labels))


def neighbours(
    features: np.ndarray, answers: np.ndarray, known: Reference, *, count: int = NEIGHBOURS
) -> Neighbours:
    """Find the digits of a reference that are most like some images in a network's features.

    Parameters
    ----------
    features : (m, k), as serving.Prediction has them
    answers : int (m,), the most probable digit of each
    count : of neighbours

    Source: N. Papernot and P. McDaniel, "Deep k-nearest neighbors: towards confident, interpretable
    and robust deep learning" (2018).
    """
    likeness = directions(features) @ known.directions.T
    places = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    order = np.argsort(-np.take_along_axis(likeness, places, 1), axis=1, kind="stable")
    places = np.take_along_axis(places, order, 1)
    of_class = np.stack(
        [_nearest(likeness[:, known.labels == digit], count) for digit in range(CLASSES)], axis=1
    )
    rows = np.arange(len(features))
    own = of_class[rows, answers]
    of_class[rows, answers] = -np.inf
    return Neighbours(
        places,
        np.take_along_axis(likeness, places, 1),
        known.labels[places],
        of_class.max(axis=1) - own,
    )


def _nearest(likeness: np.ndarray, count: int) -> np.ndarray:
    """Return the mean likeness of the most alike; -1 where there are none."""
    if not likeness.shape[1]:
        return np.full(len(likeness), -1, np.float32)
    count = min(count, likeness.shape[1])
    return np.partition(likeness, -count, axis=1)[:, -count:].mean(axis=1)
