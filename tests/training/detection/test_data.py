"""What the detector learns from: crops that are shown twice, and where their marks are then."""

import cv2
import numpy as np
import pytest

from mnist_core.synthesis.pages import Mark, Page
from mnist_core.training.detection.data import (
    ROUND,
    SHOWN,
    SIZES,
    Example,
    batch_maker,
    crops_of,
    make_example,
    vary,
)


def bar(rng, size, *, held_out=False):
    """Make white paper with a black bar, of which its label says that it is a 1."""
    height, width = size
    x, y = int(rng.integers(20, width - 30)), int(rng.integers(20, height - 45))
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[y : y + 24, x : x + 8] = 20 if held_out else 0
    return Page(pixels, (Mark("1", (x, y, 8, 24), 0),), (), "1", "1", "lines")


def test_every_crop_is_shown_as_made_and_then_varied():
    steps = [crops_of(step) for step in range(4 * ROUND * SHOWN)]
    assert len(set(steps)) == len(steps)
    assert steps[:ROUND] == [(number, 0) for number in range(ROUND)]
    assert steps[ROUND : 2 * ROUND] == [(number, 1) for number in range(ROUND)]
    assert {again for _, again in steps} == set(range(SHOWN))


def test_a_batch_depends_on_its_step_alone():
    first, other = batch_maker(bar, 3, 2), batch_maker(bar, 3, 2)
    for step in (ROUND, 0, 2 * ROUND + 1):
        expected, found = first(step), other(step)
        assert all(np.array_equal(*pair) for pair in zip(expected, found, strict=True))
    assert not np.array_equal(batch_maker(bar, 4, 2)(0)[1], first(0)[1])


def test_batches_have_the_shapes_of_the_network():
    batch = batch_maker(bar, 0, 3)
    for step in range(6):
        contrast, targets = batch(step)
        assert contrast.shape[1:3] in SIZES
        assert contrast.shape == (3, *contrast.shape[1:3], 1)
        assert targets.shape == (3, contrast.shape[1] // 4, contrast.shape[2] // 4, 8)


def test_varied_marks_stay_on_their_ink():
    found = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        example = vary(make_example(bar, rng, (128, 320)), rng)
        ink = cv2.GaussianBlur(np.abs(example.contrast), (0, 0), 2)
        y, x = np.unravel_index(ink.argmax(), ink.shape)
        for mark in example.marks:
            left, top, wide, tall = mark.box
            found += 1
            assert left - 2 <= x <= left + wide + 2
            assert top - 2 <= y <= top + tall + 2
            assert mark.label == "1"
    assert found > 20


def test_what_leaves_the_crop_is_ignored_or_gone():
    mark = Mark("1", (0.0, 0.0, 8.0, 24.0), 0)
    example = Example(np.zeros((64, 64), np.float32), (mark,), ((40.0, 40.0, 24.0, 24.0),))
    kinds = set()
    for seed in range(60):
        varied = vary(example, np.random.default_rng(seed))
        kinds.add((len(varied.marks), len(varied.ignored)))
        for x, y, wide, tall in (*(m.box for m in varied.marks), *varied.ignored):
            assert 0 <= x <= x + wide <= 64
            assert 0 <= y <= y + tall <= 64
    assert {(1, 1), (0, 2), (0, 1)} <= kinds


def test_what_may_be_ignored_counts_for_nothing():
    example = Example(np.zeros((32, 32), np.float32), (), ((8.0, 8.0, 8.0, 8.0),))
    counted = example.targets[..., 1]
    assert counted[2:4, 2:4].max() == 0
    assert counted[0].min() == 1


@pytest.mark.parametrize("size", [(96, 416)])
def test_a_small_page_lies_on_nothing(size):
    def small(rng, _, *, held_out=False):
        return bar(rng, (80, 120))

    example = make_example(small, np.random.default_rng(0), size)
    assert example.contrast.shape == size
    assert not example.contrast[80:].any()
    assert not example.contrast[:, 120:].any()
    assert example.contrast[:80, :120].any()
