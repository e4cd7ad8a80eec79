import numpy as np
import pytest

from mnist_core import corruptions
from mnist_core.corruptions import Corruption
from mnist_core.training import augmentation, clutter
from mnist_core.training.augmentation import BENT


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


@pytest.mark.parametrize("name", sorted(set(augmentation.AUGMENTATIONS) - {"none", "clutter"}))
def test_every_image_varies_by_itself(name, digits):
    same = np.repeat(digits[3:4], 8, axis=0)
    varied = augmentation.augment(same, name, np.random.default_rng(0))
    assert len(np.unique(varied.reshape(8, -1), axis=0)) == 8


def test_none_changes_nothing(digits):
    assert np.array_equal(augmentation.augment(digits, "none", np.random.default_rng(0)), digits)


def test_clutter_leaves_more_than_half_of_the_images_as_they_are(digits):
    images = np.tile(digits, (40, 1, 1))
    varied = augmentation.augment(images, "clutter", np.random.default_rng(0))
    kept = (varied == images).all(axis=(1, 2))
    assert kept.mean() == pytest.approx((1 - BENT) * (1 - clutter.LAID), abs=0.07)


def test_unknown_names_are_refused(digits):
    with pytest.raises(ValueError, match="choose one of none, affine"):
        augmentation.augment(digits, "melt", np.random.default_rng(0))


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


ALL = tuple(corruptions.FAMILIES)


def test_the_stated_share_is_corrupted(digits):
    images = np.tile(digits, (40, 1, 1))
    corrupted = augmentation.corrupt_some(images, ALL, np.random.default_rng(0), share=0.5)
    changed = np.abs(corrupted - images).max(axis=(1, 2)) > 1e-3
    assert changed.mean() == pytest.approx(0.5, abs=0.07)
    assert corrupted.min() >= 0
    assert corrupted.max() <= 1


def test_no_share_or_no_family_changes_nothing(digits):
    rng = np.random.default_rng(0)
    for families, share in (((), 1), (ALL, 0)):
        corrupted = augmentation.corrupt_some(digits, families, rng, share=share)
        assert np.array_equal(corrupted, digits)
        assert corrupted is not digits


def test_corruptions_are_of_the_families_asked_for_alone(digits):
    grey = np.full((100, 28, 28), 0.5, np.float32)
    seen = augmentation.corrupt_some(grey, ["distortion"], np.random.default_rng(0), share=1)
    assert seen.max() <= 0.5 + 1e-6  # noise, light and most of the others would brighten it
    assert seen.min() < 0.5


def test_every_corruption_of_a_family_is_used(digits, monkeypatch):
    used = set()

    def spy(name):
        return Corruption(lambda images, severity, rng: used.add(name) or images)

    monkeypatch.setitem(corruptions.FAMILIES, "blur", tuple(map(spy, ("a", "b", "c"))))
    augmentation.corrupt_some(
        np.tile(digits, (5, 1, 1)), ["blur"], np.random.default_rng(0), share=1
    )
    assert used == {"a", "b", "c"}


def test_the_same_seed_gives_the_same_corruptions(digits):
    first, same = (
        augmentation.corrupt_some(digits, ALL, np.random.default_rng(4), share=1) for _ in range(2)
    )
    assert np.array_equal(first, same)
