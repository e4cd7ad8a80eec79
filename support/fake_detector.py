"""A detector that knows the page: it answers from the page's marks, with errors as wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mnist_core.boxes import turn_box
from mnist_core.config import MARKS
from mnist_core.pictures.contrast import local_contrast, to_grey
from mnist_core.serving.detector import CELL, Maps
from mnist_core.synthesis.pages import Mark

LEARNED = (11.0, 50.0)  # pixels; heights of digits that are found
LINE = (
    3.0  # heights of a digit; a separator is as large as the digits so near, if they are its line
)
TURN_SIZE = 96  # pixels; pictures are compared at this size to see which way they are turned
TURNED_CLASS = 0.35  # probability of the best class of a digit that does not stand upright


@dataclass(frozen=True)
class Errors:
    """How often the detector is wrong.

    Attributes
    ----------
    misses : share of marks that it misses at each scale
    confused : share of marks whose class it gets wrong at each scale
    alarms : how many marks it invents at each scale
    jitter : standard deviation of boxes, by their size
    """

    misses: float = 0.0
    confused: float = 0.0
    alarms: int = 0
    jitter: float = 0.0


class FakeDetector:
    """Finds the marks of a page that it knows, at any scale and however the page is turned.

    Parameters
    ----------
    pixels : uint8 (h, w, 3), the page
    marks : what stands on it
    """

    def __init__(
        self,
        pixels: np.ndarray,
        marks: Sequence[Mark],
        errors: Errors | None = None,
        *,
        turned: int = 0,
        seed: int = 0,
    ) -> None:
        self._size = pixels.shape[:2]
        self._marks, self._errors = list(marks), errors or Errors()
        self._sizes = _sizes(self._marks)
        self._turned = turned // 90
        self._rng = np.random.default_rng(seed)
        self._grey = to_grey(pixels)
        self.calls = 0

    def maps(self, contrast: np.ndarray) -> Maps:
        """Return what a detector would answer for this page at some scale."""
        self.calls += 1
        turns = self._turns_of(contrast)  # clockwise
        boxes = np.array([mark.box for mark in self._marks], float).reshape(-1, 4)
        height, width = self._size
        x, y, w, h = boxes.T
        boxes = np.stack(turn_box((x, y, w, h), 90 * turns, (width, height)), axis=1)
        height, width = (width, height) if turns % 2 else (height, width)
        scale = np.tile([contrast.shape[1] / width, contrast.shape[0] / height], 2)
        upright = turns == self._turned
        rows, columns = (-(-side // CELL) for side in contrast.shape)
        objectness = np.full((rows, columns), 0.01, np.float32)
        classes = np.full((rows, columns, len(MARKS)), 1 / len(MARKS), np.float32)
        found = np.full((rows, columns, 4), 16.0, np.float32)
        for mark, box, size in zip(self._marks, boxes * scale, self._sizes * scale[1], strict=True):
            if not LEARNED[0] <= size <= LEARNED[1] or self._rng.random() < self._errors.misses:
                continue
            kind = MARKS.index(mark.label)
            sureness = 0.9 if upright else TURNED_CLASS
            if self._rng.random() < self._errors.confused:
                kind, sureness = int(self._rng.integers(10)), 0.5
            self._put(objectness, classes, found, box, kind, sureness)
        for _ in range(self._errors.alarms):
            at = self._rng.uniform(0, 1, 2) * contrast.shape[::-1]
            box = np.array([*at, *self._rng.uniform(8, 40, 2)])
            self._put(objectness, classes, found, box, int(self._rng.integers(10)), 0.4, score=0.3)
        return Maps(objectness, classes, found)

    def _put(
        self,
        objectness: np.ndarray,
        classes: np.ndarray,
        boxes: np.ndarray,
        box: np.ndarray,
        kind: int,
        sureness: float,
        score: float = 0.9,
    ) -> None:
        box = box + self._rng.normal(0, 1, 4) * self._errors.jitter * np.tile(box[2:], 2)
        column, row = ((box[:2] + box[2:] / 2) / CELL).astype(int)
        rows, columns = objectness.shape
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                at = row + down, column + right
                if not (0 <= at[0] < rows and 0 <= at[1] < columns):
                    continue
                value = score * (1.0 if down == right == 0 else 0.5)
                if value > objectness[at]:
                    objectness[at] = value
                    classes[at] = (1 - sureness) / (len(MARKS) - 1)
                    classes[at][kind] = sureness
                    boxes[at] = box

    def _turns_of(self, contrast: np.ndarray) -> int:
        """Return by how many quarters the page was turned clockwise before it was shown."""
        shown = cv2.resize(contrast, (TURN_SIZE, TURN_SIZE), interpolation=cv2.INTER_AREA)
        alike = []
        for turns in range(4):
            page = np.ascontiguousarray(np.rot90(self._grey, -turns))
            size = contrast.shape[::-1]
            if abs(page.shape[0] * size[0] / (page.shape[1] * size[1]) - 1) > 0.1:
                alike.append(-np.inf)
                continue
            own = local_contrast(cv2.resize(page, size, interpolation=cv2.INTER_AREA))
            own = cv2.resize(own, (TURN_SIZE, TURN_SIZE), interpolation=cv2.INTER_AREA)
            alike.append(float((own * shown).sum()))
        return int(np.argmax(alike))


def _sizes(marks: Sequence[Mark]) -> np.ndarray:
    """Return the height by which each mark is found or not: that of the digits beside it."""
    sizes = []
    for mark in marks:
        x, y, width, height = mark.box
        if not mark.label.isdigit():
            near = [
                other.box[3]
                for other in marks
                if other.label.isdigit()
                and abs(other.box[1] + other.box[3] / 2 - y - height / 2) < other.box[3]
                and abs(other.box[0] + other.box[2] / 2 - x - width / 2) < LINE * other.box[3]
            ]
            height = float(np.median(near)) if near else max(width, height)
        sizes.append(height)
    return np.array(sizes, float)
