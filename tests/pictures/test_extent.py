"""Whether a drawing is enough to read, and whether it is one digit."""

import numpy as np
import pytest

from mnist_core.pictures.extent import is_too_little, side_by_side
from mnist_core.pictures.strokes import Stroke
from support.pen import PLACES, WAYS, Place, paths


def written(digit: int, way: str, place: Place) -> list[Stroke]:
    return [Stroke(np.float32(path), place.pen) for path in paths(digit, way, place)]


def line(*points: tuple[float, float], pen: float = 18) -> Stroke:
    return Stroke(np.float32(points), pen)


def test_digits_of_all_hands_and_sizes_are_one_digit_and_enough():
    for place in PLACES.values():
        for digit, way in WAYS:
            strokes = written(digit, way, place)
            assert not is_too_little(strokes), (digit, way, place)
            assert len(side_by_side(strokes)) == 1, (digit, way, place)


def test_what_counts_is_the_extent_in_pens():
    dab = [line((100, 100), (120, 130))]
    for scale in (0.1, 1, 30):
        scaled = [Stroke(s.points * scale, s.pen * scale) for s in dab]
        assert is_too_little(scaled)
        assert not is_too_little([s._replace(pen=s.pen / 2) for s in scaled])


@pytest.mark.parametrize(
    "strokes",
    [
        [line((50, 50))],
        [line((50, 50), (50, 80))],
        [line((50, 50), (60, 60)), line((60, 50), (50, 70))],
        [line((50, 50), (50, 100), pen=28)],
    ],
    ids=["a dot", "a dab", "a blot", "a broad dab"],
)
def test_dabs_and_blots_are_too_little(strokes):
    assert is_too_little(strokes)


def test_a_pen_without_width_is_never_too_broad():
    assert not is_too_little([line((50, 50), pen=0)])


@pytest.mark.parametrize("pen", [6, 18, 32])
def test_digits_with_blank_paper_between_them_are_apart(pen):
    one = line((50, 50), (50, 200), pen=pen)
    for blank, expected in ((-2, 1), (0.1 * pen, 1), (0.5 * pen, 2), (3 * pen, 2)):
        right = 50 + pen + blank
        groups = side_by_side([line((right, 50), (right, 200), pen=pen), one])
        assert len(groups) == expected, blank
        if expected == 2:
            assert [group[0].points[0, 0] for group in groups] == pytest.approx([50, right])


def test_digits_may_reach_over_each_other_but_not_touch():
    left = line((20, 50), (20, 100), (90, 100))
    for right, expected in (((98, 60), 2), ((130, 60), 2), ((98, 102), 1), ((40, 60), 1)):
        stroke = line(right, (right[0] + 20, right[1] - 60))
        assert len(side_by_side([left, stroke])) == expected, right


def test_signs_and_dots_beside_a_digit_are_no_digits():
    one = line((50, 50), (50, 200))
    assert len(side_by_side([one, line((120, 130), (160, 130))])) == 1  # a minus
    assert side_by_side([one, line((120, 200))]) == [[one]]  # a dot, which no network sees
    assert len(side_by_side([one, line((120, 60), (120, 200))])) == 2
