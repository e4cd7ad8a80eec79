import numpy as np
import pytest

from mnist_core.training import clutter

KINDS = (clutter.lines, clutter.waves, clutter.blotches, clutter.ghosts)


@pytest.mark.parametrize("lay", KINDS)
def test_every_image_is_changed_in_its_own_way(lay, digits):
    before = digits.copy()
    changes = lay(digits, np.random.default_rng(0)) - digits
    assert changes.shape == digits.shape
    assert (np.abs(changes).max(axis=(1, 2)) > 0.01).all()
    assert len(np.unique(changes.reshape(10, -1), axis=0)) == 10
    assert np.array_equal(digits, before)


def test_lines_are_thin_and_mostly_white():
    blank = np.zeros((400, 28, 28), np.float32)
    lined = clutter.lines(blank, np.random.default_rng(0))
    assert lined.min() == 0
    assert lined.max() == 1
    assert (lined > 0.5).mean(axis=(1, 2)).max() < 0.25  # three lines of 2 pixels, arcs at most
    assert 0.5 < (lined.max(axis=(1, 2)) > 0.5).mean() < 0.95  # black ones do not show on black


def test_blotches_differ_from_grain_in_that_neighbours_are_alike():
    grey = np.full((200, 28, 28), 0.5, np.float32)
    blotched = clutter.blotches(grey, np.random.default_rng(0)) - grey
    beside = np.corrcoef(blotched[:, :, 1:].ravel(), blotched[:, :, :-1].ravel())[0, 1]
    assert beside > 0.5


def test_ghosts_are_other_digits_of_the_batch(digits):
    alone = clutter.ghosts(digits[:1] * 0, np.random.default_rng(0))
    assert not alone.any()
    among = clutter.ghosts(np.concatenate([digits[:1] * 0, digits]), np.random.default_rng(0))
    assert among[0].any()


def test_the_stated_share_is_laid_over_and_pixels_stay_in_range(digits):
    images = np.tile(digits, (40, 1, 1))
    laid = clutter.lay_clutter(images, np.random.default_rng(0))
    assert (laid != images).any(axis=(1, 2)).mean() == pytest.approx(clutter.LAID, abs=0.07)
    assert laid.min() >= 0
    assert laid.max() <= 1
    assert laid.dtype == np.float32
