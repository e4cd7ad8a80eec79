import numpy as np
import pytest

from mnist_core import augmentation


@pytest.mark.parametrize("name", augmentation.AUGMENTATIONS)
def test_shape_range_and_input_are_kept(name, digits):
    before = digits.copy()
    varied = augmentation.augment(digits, name, np.random.default_rng(0))
    assert varied.shape == digits.shape
    assert varied.dtype == np.float32
    assert varied.min() >= 0
    assert varied.max() <= 1
    assert varied is not digits
    assert np.array_equal(digits, before)


@pytest.mark.parametrize("name", augmentation.AUGMENTATIONS)
def test_the_same_seed_gives_the_same_pixels(name, digits):
    first, second = (augmentation.augment(digits, name, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first, second)


@pytest.mark.parametrize("name", set(augmentation.AUGMENTATIONS) - {"none"})
def test_every_image_varies_by_itself(name, digits):
    same = np.repeat(digits[3:4], 8, axis=0)
    varied = augmentation.augment(same, name, np.random.default_rng(0))
    assert len(np.unique(varied.reshape(8, -1), axis=0)) == 8


def test_none_changes_nothing(digits):
    assert np.array_equal(augmentation.augment(digits, "none", np.random.default_rng(0)), digits)


def test_unknown_names_are_refused(digits):
    with pytest.raises(ValueError, match="choose one of none, affine"):
        augmentation.augment(digits, "melt", np.random.default_rng(0))


def test_warp_shifts_by_whole_pixels(digits):
    moves = np.tile(np.float32([[1, 0, 3], [0, 1, 0]]), (10, 1, 1))
    warped = augmentation.warp(digits, moves)
    assert warped[:, :, :-3] == pytest.approx(digits[:, :, 3:])


def test_affine_maps_keep_the_centre_when_they_may_not_shift():
    maps = augmentation.random_affine(
        50, np.random.default_rng(0), rotation=30, shift=0, zoom=0.2, shear=0.3
    )
    centre = np.array([13.5, 13.5, 1])
    assert maps @ centre == pytest.approx(np.full((50, 2), 13.5), abs=1e-3)


def test_thicken_adds_ink_and_thinning_removes_it(digits):
    ink = digits.sum(axis=(1, 2))
    assert (augmentation.thicken(digits, np.ones(10)).sum(axis=(1, 2)) > ink).all()
    assert (augmentation.thicken(digits, -np.ones(10)).sum(axis=(1, 2)) < ink).all()
    assert augmentation.thicken(digits, np.zeros(10)) == pytest.approx(digits)


def test_thickening_one_image_does_not_touch_its_neighbours():
    images = np.zeros((3, 28, 28), np.float32)
    images[1] = 1
    thick = augmentation.thicken(images, np.ones(3))
    assert thick[0].sum() == thick[2].sum() == 0


def test_elastic_displacements_are_smooth():
    field = augmentation.random_elastic(200, np.random.default_rng(0), strength=1.0)
    assert field.shape == (200, 2, 28, 28)
    assert field.std() == pytest.approx(1, abs=0.1)
    # A slope of 1 would fold the paper; training uses 0.8 of this.
    assert np.abs(np.diff(field, axis=3)).max() < 1.25
