"""From maps to marks, with a fake detector that knows the page."""

import time

import numpy as np
import pytest

from mnist_core.config import MARKS
from mnist_core.reading.detection import DIGIT, SEPARATOR, Marks, find_marks, ones_from_slashes
from mnist_core.reading.detection.marks import all_of
from mnist_core.reading.detection.merging import MOST as MOST_MERGED
from mnist_core.reading.detection.merging import merge as merge_all
from mnist_core.reading.detection.peaks import find_peaks, weights
from mnist_core.reading.detection.scales import answered, scales
from mnist_core.serving import Maps
from mnist_core.synthesis.pages import Mark
from support.fake_detector import Errors, FakeDetector

BLANK = np.full((300, 400, 3), 255, np.uint8)


def page(labels, height, *, gap=0.3, at=(20.0, 100.0), size=(300, 400)):
    """A blank page and marks on it, side by side, half as wide as high."""
    x, y = at
    marks = []
    for label in labels:
        marks.append(Mark(label, (x, y, height / 2, height), 0))
        x += (0.5 + gap) * height
    return np.full((*size, 3), 255, np.uint8), marks


def find(pixels, marks, errors=None, seed=0):
    detector = FakeDetector(pixels, marks, errors, seed=seed)
    return find_marks(np.ones(pixels.shape[:2], np.float32), detector)


def merge(found, weights):
    """Merge what was found at one scale."""
    return merge_all(found, weights, scales=np.ones(1), places=np.zeros(len(found), int))


def marks_of(boxes, scores, kinds):
    classes = np.full((len(kinds), len(MARKS)), 0.02)
    for row, kind in zip(classes, kinds, strict=True):
        row[MARKS.index(kind)] = 1 - 0.02 * (len(MARKS) - 1)
    return Marks(np.array(boxes, float), np.array(scores, float), classes, np.array(scores, float))


def test_scales_begin_at_the_longest_side_and_end_before_no_digit_fits():
    found = scales((960, 1280))
    assert found[0] == 1.0
    assert np.allclose(np.divide(found[1:], found[:-1]), np.sqrt(0.5))
    assert 24 <= found[-1] * 960 < 24 * np.sqrt(2)
    assert scales((28, 28))[0] == 2.0
    assert scales((8, 8)) == [2.0]
    assert scales((2560, 100))[0] == 0.5


def test_a_scale_answers_for_the_sizes_that_were_learned():
    weight = answered(np.array([0.0, 5, 8, 12, 30, 44, 64, 200]))
    assert weight.tolist() == [0, 0, 0, 1, 1, 1, 0, 0]
    assert 0 < answered(np.array([10.0]))[0] < 1


@pytest.mark.parametrize("height", [8, 15, 40, 90, 200])
def test_digits_of_all_sizes_are_found_once_and_where_they_are(height):
    pixels, marks = page("427", height, at=(10.0, 20.0))
    found = find(pixels, marks, Errors(jitter=0.02))
    found = found[np.argsort(found.boxes[:, 0])]
    assert [MARKS[kind] for kind in found.classes.argmax(axis=1)] == ["4", "2", "7"]
    expected = np.array([mark.box for mark in marks])
    assert np.abs(found.boxes - expected).max() < 0.1 * height
    assert (found.groups == DIGIT).all()


def test_noise_of_single_scales_is_outvoted():
    pixels, marks = page("1234567890", 30, gap=0.2)
    for seed in range(10):
        errors = Errors(misses=0.1, confused=0.15, jitter=0.04)
        found = find(pixels, marks, errors, seed=seed)
        found = found[np.argsort(found.boxes[:, 0])]
        assert "".join(MARKS[kind] for kind in found.classes.argmax(axis=1)) == "1234567890"


def test_touching_doubles_survive():
    pixels, marks = page("1000", 60, gap=-0.06)
    assert len(find(pixels, marks)) == 4


def test_a_comma_below_a_slanted_digit_survives():
    boxes = [(10, 10, 20, 30), (22, 30, 6, 10)]
    found = merge(marks_of(boxes, [0.9, 0.6], ["7", ","]), np.ones(2))
    assert sorted(found.groups.tolist()) == [DIGIT, SEPARATOR]


def test_classes_of_one_mark_are_pooled_by_score():
    boxes = [(10, 10, 20, 30)] * 3
    (best,) = merge(marks_of(boxes, [0.9, 0.8, 0.8], ["1", "7", "7"]), np.ones(3)).classes
    assert best.argmax() == 7
    assert best.sum() == pytest.approx(1)
    assert best[1] == pytest.approx((0.9 * 0.7 + 1.6 * 0.02) / 2.5)


def test_support_is_the_mean_of_the_scales_that_answer():
    box = [(10, 10, 20, 30)] * 2
    found = marks_of(box, [0.9, 0.6], ["7", "7"])
    scales, places = np.array([1.0, 0.7, 0.1]), np.array([0, 1])
    (support,) = merge_all(found, np.ones(2), scales=scales, places=places).support
    assert support == pytest.approx((0.9 + 0.6) / 2)
    (support,) = merge_all(found[:1], np.ones(1), scales=scales, places=places[:1]).support
    assert support == pytest.approx(0.9 / 2)


def test_a_part_of_a_digit_is_suppressed_by_the_whole():
    boxes = [(10, 10, 20, 30), (12, 12, 10, 12)]
    found = merge(marks_of(boxes, [0.8, 0.7], ["8", "0"]), np.ones(2))
    assert found.boxes.tolist() == [[10, 10, 20, 30]]


@pytest.mark.parametrize(
    ("inner", "score", "box", "kept"),
    [
        ("7", 0.7, (18, 18, 16, 24), [(18, 18, 16, 24)]),  # in a circle or a box
        ("0", 0.6, (18, 18, 16, 24), [(10, 10, 32, 40)]),  # found again, somewhat smaller
        ("7", 0.5, (18, 18, 16, 24), [(10, 10, 32, 40)]),  # less clear than the 0
        ("1", 0.6, (10, 14, 8, 30), [(10, 10, 32, 40)]),  # a side of the 0
        ("1", 0.6, (20, 11, 10, 38), [(10, 10, 32, 40)]),  # the stroke through a 0
    ],
)
def test_a_frame_around_a_digit_is_no_zero(inner, score, box, kept):
    found = merge(marks_of([(10, 10, 32, 40), box], [0.65, score], ["0", inner]), np.ones(2))
    assert found.boxes.tolist() == [list(one) for one in kept]


@pytest.mark.parametrize(("side", "empty"), [(40, 0), (30, 1)])
def test_an_empty_box_as_large_as_others_around_digits_is_no_zero(side, empty):
    frames = [(x, 10, 32, 40) for x in (0, 50, 100)]
    digits = [(x + 8, 18, 16, 24) for x, *_ in frames]
    boxes = [*frames, *digits, (150, 10, 32, side)]
    found = merge(marks_of(boxes, [0.6] * 3 + [0.7] * 4, [*"000", *"472", "0"]), np.ones(7))
    found = found[np.argsort(found.boxes[:, 0])]
    text = "".join(MARKS[kind] for kind in found.classes.argmax(axis=1))
    assert text == "472" + "0" * empty


def test_a_separator_weighs_as_much_as_the_digit_beside_it():
    boxes = [(10, 10, 10, 20), (22, 27, 3, 3), (300, 100, 3, 3), (10, 200, 40, 80)]
    found = weights(marks_of(boxes, [0.9] * 4, ["3", ".", ".", "5"]))
    assert found.tolist() == [1.0, 1.0, 0.3, 0.0]


def test_a_blank_page_has_no_marks():
    assert len(find(BLANK, [])) == 0
    assert len(merge(all_of([]), np.zeros(0))) == 0


@pytest.mark.parametrize("size", [(8, 8), (1, 40), (2000, 3), (1700, 1200)])
def test_any_size_can_be_searched(size):
    assert len(find(np.full((*size, 3), 255, np.uint8), [])) == 0


def test_thousands_of_peaks_are_fast_and_capped():
    rng = np.random.default_rng(0)
    shape = (240, 320)
    maps = Maps(
        rng.uniform(0, 1, shape).astype(np.float32),
        rng.dirichlet(np.ones(len(MARKS)), shape).astype(np.float32),
        np.concatenate([rng.uniform(0, 1280, (*shape, 2)), rng.uniform(9, 60, (*shape, 2))], 2),
    )
    found = find_peaks(maps)
    assert len(found) == 1000
    start = time.thread_time()
    merged = merge(all_of([found] * 10), np.ones(10_000))
    assert time.thread_time() - start < 2
    assert len(merged) <= MOST_MERGED


def slashed(text):
    """Return the marks of a text, each beside the last."""
    boxes = [(30.0 * place, 0.0, 20.0, 40.0) for place in range(len(text))]
    return marks_of(boxes, [0.9] * len(text), text)


@pytest.mark.parametrize(("text", "read"), [("/000", "1000"), ("1/2", "1/2"), ("12/", "12/")])
def test_a_slash_that_begins_a_number_is_a_one(text, read):
    found = ones_from_slashes(slashed(text))
    assert "".join(MARKS[kind] for kind in found.classes.argmax(axis=1)) == read
