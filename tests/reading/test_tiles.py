"""Small digits are looked at once more, enlarged: only where they are, and each found once."""

import cv2
import numpy as np
import pytest

from mnist_core.config import CELL, MARKS
from mnist_core.reading.detection import find_marks
from mnist_core.reading.detection.tiles import AROUND, SIDE, find_in_tiles
from mnist_core.serving import Maps


class FindsInk:
    """Takes each dark spot for a 1, and notes the sizes of what it is shown."""

    def __init__(self, score=0.9):
        self.seen, self._score = [], score

    def maps(self, contrast):
        self.seen.append(contrast.shape)
        rows, columns = (-(-side // CELL) for side in contrast.shape)
        objectness = np.zeros((rows, columns), np.float32)
        boxes = np.ones((rows, columns, 4), np.float32)
        ink = (contrast < -1).astype(np.uint8)
        _, _, stats, middles = cv2.connectedComponentsWithStats(ink)
        for box, middle in zip(stats[1:, :4], middles[1:], strict=True):
            column, row = (middle // CELL).astype(int)
            objectness[row, column] = self._score
            boxes[row, column] = box
        classes = np.zeros((rows, columns, len(MARKS)), np.float32)
        classes[..., 1] = 1
        return Maps(objectness, classes, boxes)


def page(height, places, size=(1800, 2400)):
    grey = np.ones(size, np.float32)
    boxes = np.array([(x, y, height // 2, height) for x, y in places], float)
    for x, y in places:
        grey[y : y + height, x : x + height // 2] = 0
    return grey, boxes


def in_order(boxes):
    return boxes[np.lexsort((boxes[:, 1], boxes[:, 0]))]


def test_marks_at_the_edges_of_tiles_are_found_once_and_in_their_place():
    edge = SIDE - 4
    grey, boxes = page(20, [(edge, 100), (100, edge), (edge, edge), (2 * edge, 300), (700, 1500)])
    found = find_in_tiles(grey, boxes, FindsInk().maps)
    assert in_order(found.boxes) == pytest.approx(in_order(boxes), abs=1)


def test_tiles_without_boxes_are_not_looked_at():
    grey, boxes = page(20, [(100, 100), (1700, 1600)])
    detector = FindsInk()
    found = find_in_tiles(grey, boxes[:1], detector.maps)
    assert detector.seen == [(SIDE + AROUND, SIDE + AROUND)]
    assert found.boxes == pytest.approx(boxes[:1], abs=1)
    assert len(find_in_tiles(grey, boxes[:0], detector.maps)) == 0


@pytest.mark.parametrize(("height", "enlarged"), [(10, True), (40, False)])
def test_only_small_digits_are_looked_at_enlarged(height, enlarged):
    grey, boxes = page(height, [(100, 100), (140, 100), (180, 102)], (1000, 1280))
    plain, detector = FindsInk(), FindsInk()
    find_marks(grey, plain)
    found = find_marks(grey, detector, enlarge=True)
    assert detector.seen[: len(plain.seen)] == plain.seen
    assert detector.seen[len(plain.seen) :] == [(SIDE + AROUND, SIDE + AROUND)] * enlarged
    assert in_order(found.boxes) == pytest.approx(in_order(boxes), abs=3)


def test_small_print_beside_a_large_number_costs_nothing():
    grey, _ = page(40, [(100, 100), (140, 100), (180, 102)], (1000, 1280))
    grey[600:610, 200:205] = 0
    plain, detector = FindsInk(), FindsInk()
    find_marks(grey, plain)
    find_marks(grey, detector, enlarge=True)
    assert detector.seen == plain.seen


def test_a_texture_is_not_looked_at_enlarged():
    grey, _ = page(10, [(100 + 40 * i, 100) for i in range(20)], (1000, 1280))
    detector = FindsInk(score=0.25)
    find_marks(grey, detector, enlarge=True)
    assert detector.seen[0] == max(detector.seen) == grey.shape
