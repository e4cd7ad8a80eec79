import math

import numpy as np
import pytest

from mnist_core.config import MARKS
from mnist_core.synthesis.pages import Mark
from mnist_core.training.detection import targets
from mnist_core.training.detection.targets import is_ignored, is_learned, make_targets, sizes_of

SIZE = (64, 96)
SEVEN = Mark("7", (40.0, 20.0, 16.0, 28.0), 0)  # its centre is at 48, 34: row 8, column 12


def test_a_page_without_marks_has_to_stay_silent():
    found = make_targets((), SIZE)
    assert found.shape == (16, 24, targets.CHANNELS)
    assert found.dtype == np.float32
    assert (found[..., 1] == 1).all()
    assert not np.delete(found, 1, axis=2).any()


def test_one_digit_as_computed_by_hand():
    found = make_targets([SEVEN], SIZE)
    assert found[8, 12, 0] == 1
    # Of 4 x 7 cells, so the Gaussian's deviations are 0.6 and 1.05 cells.
    assert found[8, 13, 0] == pytest.approx(math.exp(-((1 / 0.6) ** 2) / 2), abs=1e-6)
    assert found[9, 12, 0] == pytest.approx(math.exp(-((1 / 1.05) ** 2) / 2), abs=1e-6)
    assert found[0, 0, 0] == 0
    beside = math.exp(-((1 / 1.05) ** 2) / 2)
    rows, columns = np.nonzero(found[..., 3])
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(7, 12), (8, 12), (9, 12)]
    weights = np.array([beside, 1, beside]) / (1 + 2 * beside)
    assert found[7:10, 12, 3] == pytest.approx(weights, abs=1e-6)
    assert (found[7:10, 12, 2] == 7).all()
    assert found[7:10, 12, 4] == pytest.approx([-0.5] * 3)
    assert found[7:10, 12, 5] == pytest.approx([1, 0, -1])
    assert found[7:10, 12, 6] == pytest.approx([0] * 3)
    assert found[7:10, 12, 7] == pytest.approx([math.log(28 / 16)] * 3)
    assert (found[..., 1] == 1).all()


def test_every_mark_weighs_as_much_as_another():
    wide = Mark("0", (4.0, 4.0, 40.0, 44.0), 0)
    found = make_targets([wide, Mark("1", (60.0, 30.0, 4.0, 14.0), 0)], SIZE)
    assert found[..., 3][found[..., 2] == 0].sum() == pytest.approx(1, abs=1e-6)
    assert found[..., 3].sum() == pytest.approx(2, abs=1e-6)


def test_where_two_marks_touch_the_nearer_one_is_learned():
    left, right = Mark("3", (20.0, 20.0, 16.0, 24.0), 0), Mark("5", (30.0, 20.0, 16.0, 24.0), 0)
    found = make_targets([left, right], SIZE)
    assert found[8, 7, 2] == 3
    assert found[8, 9, 2] == 5
    assert found[8, 7, 0] == found[8, 9, 0] == 1


@pytest.mark.parametrize(
    ("height", "learned", "ignored"),
    [
        (6.9, False, False),
        (7.0, False, True),
        (10.9, False, True),
        (11.0, True, False),
        (50.0, True, False),
        (50.1, False, True),
        (72.0, False, True),
        (72.1, False, False),
    ],
)
def test_sizes_that_are_learned_ignored_and_denied(height, learned, ignored):
    sizes = np.array([height])
    assert (is_learned(sizes)[0], is_ignored(sizes)[0]) == (learned, ignored)
    mark = Mark("4", (10.0, 2.0, 12.0, height), 0)
    found = make_targets([mark], (96, 96))
    assert (found[..., 0].max() == 1) == learned
    assert (found[..., 1].min() == 0) == ignored
    assert (found[..., 3].sum() > 0) == learned


def test_a_mark_that_is_ignored_does_not_hide_one_that_is_learned():
    tiny = Mark("4", (44.0, 30.0, 8.0, 9.0), 1)
    found = make_targets([tiny, SEVEN], SIZE)
    assert found[8, 12, 1] == 1
    assert found[8, 12, 2] == 7
    assert (found[..., 1] == 0).any()


def test_boxes_to_ignore_are_ignored():
    found = make_targets((), SIZE, ignored=[(90.0, 40.0, 20.0, 30.0)])
    assert (found[10:, 22:, 1] == 0).all()
    assert (found[..., 1] == 0).sum() == 6 * 2


def test_the_size_of_a_separator_is_that_of_its_lines_digits():
    point, digits = Mark(".", (30.0, 40.0, 3.0, 3.0), 0), [Mark("1", (0.0, 0.0, 5.0, 20.0), 0)]
    digits += [Mark("2", (0.0, 0.0, 9.0, 30.0), 0), Mark("3", (0.0, 0.0, 9.0, 22.0), 0)]
    assert sizes_of([point, *digits]).tolist() == [22, 20, 30, 22]
    assert sizes_of([point, Mark("1", (0.0, 0.0, 5.0, 20.0), 1)]).tolist() == [3, 20]
    assert sizes_of([Mark("-", (0.0, 0.0, 14.0, 3.0), -1)]).tolist() == [14]
    assert make_targets([point, *digits], SIZE)[10, 7, 2] == MARKS.index(".")


def test_a_centre_beyond_the_border_is_no_mark():
    found = make_targets([Mark("7", (90.0, 20.0, 16.0, 28.0), 0)], SIZE)
    assert not found[..., 0].any()
