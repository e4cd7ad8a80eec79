"""Upright rules between digits: found in drawn tables, and what they say about what is written."""

import cv2
import numpy as np

from mnist_core.reading import Digit, Reading, Separator, with_digits
from mnist_core.reading.layout import find_rules


def a_one(box, line):
    """An accepted 1 in a box."""
    box = tuple(int(side) for side in box)
    return Digit(1, 0.9, 1.0, True, box, line, np.zeros((28, 28)), (0.1,) * 10)


def drawn(cells, *, height=30, cell=90, lines=4, rules=True):
    """A picture of a table with upright rules, and the boxes of digits as they stand in it.

    Digits are drawn as strokes that reach from their top to their bottom.
    """
    grey = np.full((lines * 50, len(cells) * cell + 20), 0.95, np.float32)
    boxes, rows = [], []
    for line in range(lines):
        rows.append([])
        for place, count in enumerate(cells):
            for digit in range(count):
                x, y = 10 + place * cell + 12 + digit * 22, 10 + line * 50
                grey[y : y + height, x + 6 : x + 9] = 0.2
                rows[-1].append(len(boxes))
                boxes.append((x, y, 15, height))
    if rules:
        for place in range(len(cells) + 1):
            grey[:, 10 + place * cell : 12 + place * cell] = 0.5
    return grey, np.array(boxes, float), rows


def read_table(*args, **options):
    grey, boxes, lines = drawn(*args, **options)
    numbers = {box: line for line, own in enumerate(lines) for box in own}
    digits = tuple(a_one(box, numbers[i]) for i, box in enumerate(boxes))
    marks = tuple(
        Separator("|", 1.0, tuple(int(side) for side in box), line)
        for line, box in find_rules(grey, boxes, lines)
    )
    return with_digits(Reading(digits, grey.shape[1], grey.shape[0], marks=marks), digits)


def test_rules_are_found_where_they_are_and_nowhere_else():
    grey, boxes, lines = drawn([3, 2, 1])
    found = find_rules(grey, boxes, lines)
    assert [line for line, _ in found] == [0, 0, 1, 1, 2, 2, 3, 3]
    assert np.allclose([box[0] + box[2] / 2 for _, box in found], [101, 191] * 4, atol=2)
    assert find_rules(*drawn([3, 2, 1], rules=False)) == []
    assert find_rules(grey, np.zeros((0, 4)), []) == []


def test_light_and_slanted_rules_are_found():
    grey, boxes, lines = drawn([3, 2, 1])
    assert len(find_rules(1 - grey, boxes, lines)) == 8
    slanted = cv2.warpAffine(
        grey, np.array([[1, 0.1, 0], [0, 1, 0.0]]), grey.shape[::-1], borderValue=0.95
    )
    moved = boxes + np.stack([0.1 * (boxes[:, 1] + 15), *np.zeros((3, len(boxes)))], axis=1)
    assert len(find_rules(slanted, moved, lines)) == 8


def test_a_table_whose_numbers_fill_their_cells_is_read_cell_by_cell():
    reading = read_table([3, 3, 2], cell=80)
    assert reading.written == "\n".join(["111 111 11"] * 4)
    assert reading.cells == (("111", "111", "11"),) * 4


def test_a_digit_in_each_box_is_one_number():
    reading = read_table([1, 1, 1, 1], cell=40)
    assert reading.written == "\n".join(["1111"] * 4)


def test_squared_paper_divides_no_number():
    grey, boxes, lines = drawn([8], rules=False)
    for x in range(10, grey.shape[1], 33):
        grey[:, x : x + 2] = 0.5
    rules = find_rules(grey, boxes, lines)
    assert rules
    digits = [a_one(box, i // 8) for i, box in enumerate(boxes)]
    marks = tuple(Separator("|", 1.0, tuple(map(int, box)), line) for line, box in rules)
    reading = Reading(tuple(digits), grey.shape[1], grey.shape[0], marks=marks)
    assert with_digits(reading, digits).written == "\n".join(["1" * 8] * 4)


def test_groups_of_boxes_leave_a_space():
    lefts = [0, 40, 100, 140, 200, 240, 280, 320]
    digits = [a_one((x + 10, 10, 15, 30), 0) for x in lefts]
    marks = tuple(Separator("|", 1.0, (x, 5, 1, 40), 0) for x in lefts)
    written = with_digits(Reading(tuple(digits), 400, 60, marks=marks), digits).written
    assert written == "11 11 1111"
