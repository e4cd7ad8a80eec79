import numpy as np
import pytest

from mnist_core.synthesis.pages import Mark
from mnist_core.training.detection.targets import make_targets
from mnist_core.training.detection.validation import Crops, compare, find_marks, measure
from tests.training.detection.test_loss import answers_of
from tests.training.detection.test_targets import SEVEN, SIZE

TWO = Mark("2", (8.0, 16.0, 18.0, 26.0), 0)
COMMA = Mark(",", (30.0, 36.0, 5.0, 12.0), 0)
MARKS = (TWO, COMMA, SEVEN)


def answers(*marks):
    return answers_of(make_targets(marks, SIZE))


def test_what_the_targets_show_is_found():
    found = find_marks(answers(*MARKS))
    order = np.argsort(found.boxes[:, 0])
    assert found.boxes[order] == pytest.approx(np.array([m.box for m in MARKS]), abs=1e-3)
    assert found.kinds[order].tolist() == [2, 11, 7]
    assert found.scores.min() > 0.99


def test_one_mark_found_twice_counts_once():
    twice = answers(*MARKS)
    twice[9, 12] = twice[8, 12]  # and the same box: a cell lower, so it is a cell further up
    twice[9, 12, 18] -= 1
    twice[8, 12, 0] -= 1
    assert len(find_marks(twice).boxes) == 3


@pytest.mark.parametrize(
    ("shown", "counts"),
    [
        (MARKS, (2, 2, 2)),
        ((TWO,), (1, 2, 1)),
        ((), (0, 2, 0)),
        ((TWO, Mark("1", SEVEN.box, 0)), (1, 2, 2)),  # a wrong class
        ((*MARKS, Mark("5", (70.0, 20.0, 20.0, 26.0), 0)), (2, 2, 3)),  # a false alarm
        ((TWO, Mark("7", (52.0, 32.0, 16.0, 28.0), 0)), (1, 2, 2)),  # too far away
        ((TWO, SEVEN, Mark("1", COMMA.box, 0)), (2, 2, 3)),  # a comma taken for a digit
    ],
)
def test_digits_are_counted(shown, counts):
    shown = tuple(Mark(mark.label, mark.box, 0) for mark in shown)
    assert compare(find_marks(answers(*shown)), MARKS) == counts


def test_marks_of_other_sizes_count_for_nothing():
    small = Mark("7", (40.0, 20.0, 8.0, 9.0), 0)
    assert compare(find_marks(answers(TWO)), (TWO, small)) == (1, 1, 1)
    near = Mark("1", (39.0, 19.0, 9.0, 11.5), 1)  # the network answers all the same
    assert compare(find_marks(answers(TWO, near)), (TWO, small)) == (1, 1, 1)


def test_the_measures_of_two_crops():
    crops = [
        Crops(
            np.zeros((2, *SIZE, 1), np.float32),
            np.stack([make_targets(MARKS, SIZE)] * 2),
            (MARKS, MARKS),
        )
    ]
    found = measure(lambda _: np.stack([answers(*MARKS), answers(TWO)]), crops)
    assert found["digits"] == 4
    assert (found["recall"], found["precision"], found["crops"]) == (0.75, 1.0, 0.5)
    assert found["loss"] > 1
