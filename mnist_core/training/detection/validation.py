"""Measure the detector on held-out crops: which digits it finds, and how many crops are all right.

The boxes are taken from the network's answers as plainly as can be, at one scale; `reading` does it
better, and at several.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from mnist_core.boxes import covered, overlaps
from mnist_core.config import CLASSES, MARKS
from mnist_core.serving.detector import decode
from mnist_core.synthesis.pages import Mark
from mnist_core.training.detection.data import SIZES, MakeCrop, make_example
from mnist_core.training.detection.loss import detection_loss
from mnist_core.training.detection.targets import is_learned, sizes_of

CROPS = 320  # of all sizes together
SEED = 20_170_000  # of the held-out crops; the same in every training, so that they compare
THRESHOLD = 0.4  # of the centre
SAME = 0.5  # overlap from which two boxes are one mark's


@dataclass(frozen=True)
class Found:
    """Marks that were found, best first.

    Attributes
    ----------
    boxes : float (n, 4), x, y, width, height in pixels
    kinds : int (n,), indices of MARKS
    scores : float (n,) in [0, 1]
    """

    boxes: np.ndarray
    kinds: np.ndarray
    scores: np.ndarray


@dataclass(frozen=True)
class Crops:
    """Held-out crops of one size.

    Attributes
    ----------
    contrast : float32 (n, h, w, 1)
    targets : float32 (n, h / 4, w / 4, 8)
    marks : those of each crop
    """

    contrast: np.ndarray
    targets: np.ndarray
    marks: tuple[tuple[Mark, ...], ...]


def held_out_crops(make: MakeCrop, count: int | None = None, *, seed: int = SEED) -> list[Crops]:
    """Make crops that no training sees, `count` in all; None for CROPS."""
    made, count = [], CROPS if count is None else count
    for at, size in enumerate(SIZES):
        examples = [
            make_example(make, np.random.default_rng([seed, at, n]), size, held_out=True)
            for n in range(math.ceil(count / len(SIZES)))
        ]
        contrast = np.stack([example.contrast for example in examples])
        targets = np.stack([example.targets for example in examples])
        marks = tuple(example.marks for example in examples)
        made.append(Crops(contrast[..., None], targets, marks))
    return made


def measure(
    predict: Callable[[np.ndarray], np.ndarray], crops: list[Crops], *, batch: int = 16
) -> dict[str, float]:
    """Measure a detector.

    Parameters
    ----------
    predict : from local contrast (n, h, w, 1) to the network's answers (n, h / 4, w / 4, 21)

    Returns
    -------
    `digits`, how many of learned sizes there are to find; `loss`; `recall`, the share of them that
    were found with an overlap of 0.5 and read correctly; `precision`, the share of the digits found
    that are those; `crops`, the share of crops in which all of that is right
    """
    losses, counts, whole = [], np.zeros(3, int), []
    for part in crops:
        for at in range(0, len(part.marks), batch):
            chosen = slice(at, at + batch)
            outputs = predict(part.contrast[chosen])
            losses.append(float(np.asarray(detection_loss(part.targets[chosen], outputs))))
            for answers, marks in zip(outputs, part.marks[chosen], strict=True):
                correct, wanted, given = compare(find_marks(answers), marks)
                counts += correct, wanted, given
                whole.append(correct == wanted == given)
    correct, wanted, given = counts
    return {
        "digits": int(wanted),
        "loss": float(np.mean(losses)),
        "recall": float(correct / max(wanted, 1)),
        "precision": float(correct / max(given, 1)),
        "crops": float(np.mean(whole)),
    }


def find_marks(outputs: np.ndarray, threshold: float = THRESHOLD) -> Found:
    """Return the marks that the network's answers for one crop show.

    Parameters
    ----------
    outputs : float32 (h / 4, w / 4, 21)
    """
    maps = decode(np.asarray(outputs, np.float32))
    here = maps.objectness
    peaks = (here >= cv2.dilate(here, np.ones((3, 3)))) & (here > threshold)
    places = np.nonzero(peaks)
    order = np.argsort(-here[places])
    boxes, scores = maps.boxes[places][order], here[places][order]
    kinds = maps.classes[places][order].argmax(axis=1)
    kept: list[int] = []
    for number, box in enumerate(boxes):
        if not kept or overlaps(box[None], boxes[kept]).max() < SAME:
            kept.append(number)
    return Found(boxes[kept], kinds[kept], scores[kept])


def compare(found: Found, marks: tuple[Mark, ...]) -> tuple[int, int, int]:
    """Count digits: found and correct, to be found, and found at all.

    What overlaps a mark of a size that is not learned counts for nothing.
    """
    boxes = np.array([mark.box for mark in marks], float).reshape(-1, 4)
    kinds = np.array([MARKS.index(mark.label) for mark in marks], int)
    learned = is_learned(sizes_of(marks)) if marks else np.zeros(0, bool)
    wanted = learned & (kinds < CLASSES)
    taken, correct, given = np.zeros(len(marks), bool), 0, 0
    for box, kind in zip(found.boxes, found.kinds, strict=True):
        if kind >= CLASSES:
            continue
        shared = overlaps(box[None], boxes)[0] * ~taken if marks else np.zeros(0)
        best = int(shared.argmax()) if len(shared) else -1
        if best >= 0 and shared[best] >= SAME:
            taken[best] = True
            if not learned[best]:
                continue
            correct += int(kinds[best] == kind)
        elif marks and covered(box[None], boxes[~learned])[0] > SAME:
            continue
        given += 1
    return correct, int(wanted.sum()), given
