import numpy as np
import pytest

from mnist_core.corruptions import geometry


def test_warp_shifts_by_whole_pixels(digits):
    moves = np.tile(np.float32([[1, 0, 3], [0, 1, 0]]), (10, 1, 1))
    warped = geometry.warp(digits, moves)
    assert warped[:, :, :-3] == pytest.approx(digits[:, :, 3:])


def test_affine_maps_keep_the_centre_when_they_may_not_shift():
    maps = geometry.random_affine(
        50, np.random.default_rng(0), rotation=30, shift=0, zoom=0.2, shear=0.3
    )
    centre = np.array([13.5, 13.5, 1])
    assert maps @ centre == pytest.approx(np.full((50, 2), 13.5), abs=1e-3)


def test_elastic_displacements_are_smooth():
    field = geometry.random_elastic(200, np.random.default_rng(0), strength=1.0)
    assert field.shape == (200, 2, 28, 28)
    assert field.std() == pytest.approx(1, abs=0.1)
    # A slope of 1 would fold the paper; training uses 0.8 of this.
    assert np.abs(np.diff(field, axis=3)).max() < 1.25


def test_affine_and_displaced_maps_agree(digits):
    maps = geometry.random_affine(
        10, np.random.default_rng(0), rotation=20, shift=2, zoom=0.1, shear=0.2
    )
    plain = geometry.warp(digits, maps)
    still = geometry.warp(digits, maps, displacement=np.zeros((10, 2, 28, 28), np.float32))
    assert plain == pytest.approx(still, abs=0.05)  # OpenCV rounds places to 1/32 pixel
    assert np.abs(plain - still).mean() < 0.003


def test_rotations_turn_by_degrees():
    right = geometry.rotations(np.array([90.0]))[0]
    assert right @ [1, 0] == pytest.approx([0, 1])


def test_every_elastic_image_has_its_own_strength():
    field = geometry.random_elastic(2, np.random.default_rng(0), strength=np.array([0, 2]))
    assert not field[0].any()
    assert field[1].any()


def test_smooth_bases_hold_no_weights_too_small_to_matter():
    for knots in (3, 5, 9, 17):
        basis = geometry.smooth_basis(knots)
        assert basis[basis > 0].min() >= np.float32(1e-12)
        assert np.linalg.norm(basis, axis=0) == pytest.approx(np.ones(28**2), abs=1e-6)
