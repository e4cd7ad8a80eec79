"""Boxes: what they share, and where they come when their picture is turned."""

import numpy as np
import pytest

from mnist_core.boxes import covered, overlaps, turn_box


def test_boxes_overlap_as_computed_by_hand():
    one = np.array([[0, 0, 4, 4.0]])
    others = np.array([[0, 0, 4, 4], [2, 0, 4, 4], [4, 0, 4, 4], [1, 1, 2, 2.0]])
    assert overlaps(one, others)[0] == pytest.approx([1, 8 / 24, 0, 4 / 16])


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_boxes_turn_there_and_back(turned):
    boxes = np.array([[10.0, 20, 30, 40], [0, 0, 5, 6]])
    size = (300, 200)
    upright = np.stack(turn_box(tuple(boxes.T), turned, size), axis=1)
    after = size if turned % 180 == 0 else size[::-1]
    assert np.array_equal(np.stack(turn_box(tuple(upright.T), -turned, after), axis=1), boxes)


def test_a_box_at_the_left_comes_to_the_top_when_turned_clockwise():
    assert turn_box((0, 190, 5, 10), 90, (300, 200)) == (0, 0, 10, 5)


def test_of_each_box_the_share_that_lies_in_another_is_given():
    own = np.array([[0.0, 0, 10, 10], [5, 5, 10, 10], [50, 50, 4, 4]])
    others = np.array([[0.0, 0, 5, 20], [0, 0, 10, 10]])
    assert covered(own, others).tolist() == [1.0, 0.25, 0.0]
    assert covered(own, others[:0]).tolist() == [0.0, 0.0, 0.0]
