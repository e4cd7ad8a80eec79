"""Every corruption keeps the contract, and does what its docstring says it does."""

import importlib
import io
import pkgutil

import numpy as np
import pytest
from PIL import Image

from mnist_core import corruptions
from mnist_core.corruptions import (
    ALL_CORRUPTIONS,
    CHUNK,
    COMBINATIONS,
    CORRUPTIONS,
    FAMILIES,
    corrupt,
)


@pytest.fixture(scope="module")
def many(digits):
    """Forty digits, float32 (40, 28, 28)."""
    return np.tile(digits, (4, 1, 1))


def point():
    """An image that is black but for one white pixel near the middle."""
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 14, 14] = 1
    return image


def flat(value, n=40):
    return np.full((n, 28, 28), value, np.float32)


def spread_of(image):
    """The standard deviation, in pixels, of where an image's light lies, along y and x."""
    places = np.arange(28) - 14
    total = image.sum()
    return [np.sqrt((image.sum(axis=axis) * places**2).sum() / total) for axis in (1, 0)]


def centre_of(images):
    places, total = np.arange(28), images.sum(axis=(1, 2))
    return np.stack([(images.sum(axis=a) * places).sum(axis=1) / total for a in (1, 2)], axis=1)


def test_severity_0_changes_nothing(digits):
    for name in ALL_CORRUPTIONS:
        corrupted = corrupt(digits, name, 0)
        assert np.array_equal(corrupted, digits), name
        assert corrupted is not digits, name


def test_the_lowest_severities_hardly_change_anything(many):
    for name in CORRUPTIONS:
        severity = np.full(len(many), 0.004, np.float32)
        corrupted = CORRUPTIONS[name].apply(many, severity, np.random.default_rng(0))
        assert np.abs(np.clip(corrupted, 0, 1) - many).mean() < 0.02, name


def test_shape_type_range_and_input_are_kept(digits):
    for name in ALL_CORRUPTIONS:
        for severity in [0.03, 0.5, 1]:
            before = digits.copy()
            corrupted = corrupt(digits, name, severity)
            assert corrupted.shape == digits.shape, (name, severity)
            assert corrupted.dtype == np.float32, (name, severity)
            assert corrupted.min() >= 0, (name, severity)
            assert corrupted.max() <= 1, (name, severity)
            assert np.array_equal(digits, before), (name, severity)


def test_corruption_grows_with_severity(many):
    for name in ALL_CORRUPTIONS:
        changes = [np.abs(corrupt(many, name, s) - many).mean() for s in (0.2, 0.6, 1)]
        assert changes == sorted(changes), name
        assert changes[0] > 1e-3, name
        assert changes[-1] > 1.5 * changes[0], name


def test_the_same_seed_gives_the_same_pixels(digits):
    for name in ALL_CORRUPTIONS:
        first, same = (corrupt(digits, name, 0.6, seed=3) for _ in range(2))
        assert np.array_equal(first, same), name


def test_another_seed_gives_other_pixels_where_a_corruption_is_random(digits):
    for name in ALL_CORRUPTIONS:
        random = name not in CORRUPTIONS or CORRUPTIONS[name].random  # combinations all are
        one, other = (corrupt(digits, name, 0.6, seed=seed) for seed in (0, 1))
        assert np.array_equal(one, other) != random, name


@pytest.mark.parametrize("name", ["salt_and_pepper", "rotate", "bad_photocopy"])
def test_parts_are_corrupted_as_the_whole_is(name):
    images = np.random.default_rng(0).random((CHUNK + 20, 28, 28), np.float32)
    whole = corrupt(images, name, 0.5)
    assert np.array_equal(corrupt(images[CHUNK:], name, 0.5, first=CHUNK), whole[CHUNK:])
    assert np.array_equal(corrupt(images[:CHUNK], name, 0.5), whole[:CHUNK])


def test_no_images_are_no_error():
    for name in ALL_CORRUPTIONS:
        nothing = np.zeros((0, 28, 28), np.float32)
        assert corrupt(nothing, name, 0.5).shape == (0, 28, 28), name
        if name in CORRUPTIONS:
            severity, rng = np.zeros(0, np.float32), np.random.default_rng(0)
            assert CORRUPTIONS[name].apply(nothing, severity, rng).shape == (0, 28, 28), name


def test_blank_and_full_images_stay_numbers():
    for name in ALL_CORRUPTIONS:
        for value in (0, 1):
            assert np.isfinite(corrupt(flat(value, 3), name, 1)).all(), name


def test_titles_and_descriptions_are_for_people():
    for name in ALL_CORRUPTIONS:
        assert corruptions.title(name)[0].isupper(), name
        assert "_" not in corruptions.title(name), name
        text = corruptions.describe(name)
        assert text.endswith("."), name
        assert "severity 0.5" in text, name
        assert " 1" in text, name


def test_titles_come_from_the_record_or_from_the_name():
    assert corruptions.title("jpeg") == "JPEG"
    assert corruptions.title("salt_and_pepper") == "Salt and pepper"
    assert corruptions.title("of_another_version") == "Of another version"


def test_every_corruption_has_a_family_and_combinations_are_one_of_their_own():
    for family, kinds in FAMILIES.items():
        assert all(corruptions.family_of(kind.name) == family for kind in kinds)
    assert {corruptions.family_of(name) for name in COMBINATIONS} == {"recipe"}
    with pytest.raises(ValueError, match="There is no corruption"):
        corruptions.family_of("melt")


def test_the_families_share_no_corruption_and_combinations_are_made_of_known_ones():
    assert sum(map(len, FAMILIES.values())) == len(CORRUPTIONS) >= 28
    assert not set(COMBINATIONS) & set(CORRUPTIONS)
    for combination in COMBINATIONS.values():
        assert len(combination.steps) > 1
        assert all(part in CORRUPTIONS and 0 < share <= 1 for part, share in combination.steps)


def test_a_combination_is_its_parts_in_order(digits):
    severity, rng = np.full(10, 0.8, np.float32), np.random.default_rng([5, 0])
    expected = digits
    for part, share in COMBINATIONS["hasty_scan"].steps:
        expected = np.clip(CORRUPTIONS[part].apply(expected, share * severity, rng), 0, 1)
    assert corrupt(digits, "hasty_scan", 0.8, seed=5) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("severity", [-0.01, 1.01, float("nan"), "0.5", None, True])
def test_other_severities_are_refused(severity, digits):
    with pytest.raises(ValueError, match="Severity is a number from 0 to 1"):
        corrupt(digits, "rotate", severity)


@pytest.mark.parametrize("name", ["melt", "", "../rotate"])
def test_unknown_names_are_refused(name, digits):
    with pytest.raises(ValueError, match=r"choose one of gaussian_noise, .*hasty_scan"):
        corrupt(digits, name, 0.5)
    with pytest.raises(ValueError, match="There is no corruption"):
        corruptions.describe(name)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 28, 27), np.float32), "shape"),
        (np.zeros((28, 28), np.float32), "shape"),
        (np.zeros((2, 28, 28), np.uint8), "divide uint8 by 255"),
        (np.full((2, 28, 28), 1.5, np.float32), "from 0 to 1"),
        (np.full((2, 28, 28), np.nan, np.float32), "from 0 to 1"),
    ],
)
def test_other_images_are_refused(images, message):
    with pytest.raises(ValueError, match=message):
        corrupt(images, "rotate", 0.5)


@pytest.mark.parametrize("seed", [-1, 0.5, "1"])
def test_other_seeds_are_refused(seed, digits):
    with pytest.raises(ValueError, match="seed is a whole number"):
        corrupt(digits, "rotate", 0.5, seed=seed)


@pytest.mark.parametrize("first", [-CHUNK, 1])
def test_places_between_chunks_are_refused(first, digits):
    with pytest.raises(ValueError, match="multiple of 500"):
        corrupt(digits, "rotate", 0.5, first=first)


def subnormal(array):
    """How many numbers of a float array processors compute slowly with: nearly 0, but not 0."""
    sizes = np.abs(array)
    return ((sizes > 0) & (sizes < np.finfo(array.dtype).tiny)).sum()


def arrays_of(thing):
    """The float arrays that a module's variable holds, in lists and tuples as well."""
    if isinstance(thing, list | tuple):
        return [array for part in thing for array in arrays_of(part)]
    return [thing] if isinstance(thing, np.ndarray) and thing.dtype.kind == "f" else []


def test_no_stored_basis_kernel_or_matrix_holds_subnormal_numbers():
    found = {}
    for module in pkgutil.iter_modules(corruptions.__path__, "mnist_core.corruptions."):
        for name, thing in vars(importlib.import_module(module.name)).items():
            for place, array in enumerate(arrays_of(thing)):
                found[f"{module.name}.{name}[{place}]"] = subnormal(array)
    assert len(found) > 40  # the discs of defocus, the octaves of fog, and others
    assert not {name: count for name, count in found.items() if count}


def test_no_severity_makes_subnormal_numbers(digits):
    for name in ALL_CORRUPTIONS:
        for severity in np.linspace(0.01, 1, 50):
            assert not subnormal(corrupt(digits, name, float(severity))), (name, severity)


def test_gaussian_noise_has_the_stated_deviation():
    assert (corrupt(flat(0.5), "gaussian_noise", 0.2) - 0.5).std() == pytest.approx(0.1, rel=0.05)


def test_shot_noise_counts_photons():
    severity, rng = np.full(40, 0.5, np.float32), np.random.default_rng(0)
    seen = CORRUPTIONS["shot_noise"].apply(flat(1), severity, rng)
    assert seen.mean() == pytest.approx(1, rel=0.02)
    assert seen.var() == pytest.approx(1 / 4, rel=0.05)  # of a Poisson number of 4, in units of 4
    assert corrupt(flat(0, 2), "shot_noise", 1).max() == 0


def test_speckle_multiplies():
    severity, rng = np.full(40, 0.5, np.float32), np.random.default_rng(0)
    seen = CORRUPTIONS["speckle"].apply(flat(0.4), severity, rng)
    assert seen.std() == pytest.approx(0.5 * 0.4, rel=0.05)


def test_salt_and_pepper_hits_the_stated_share():
    seen = corrupt(flat(0.5), "salt_and_pepper", 1)
    assert (seen == 0).mean() == pytest.approx(0.25, abs=0.02)
    assert (seen == 1).mean() == pytest.approx(0.25, abs=0.02)


def test_gaussian_blur_spreads_a_point():
    assert spread_of(corrupt(point(), "gaussian_blur", 0.5)[0]) == pytest.approx(
        [1.25] * 2, rel=0.05
    )


def test_defocus_makes_a_disc_of_a_point():
    disc = corrupt(point(), "defocus", 1)[0]
    assert 1 / disc.max() == pytest.approx(np.pi * 4**2, rel=0.05)  # the area of radius 4
    assert disc[14, 11:18] == pytest.approx(np.full(7, disc[14, 14]))


def test_motion_blur_makes_a_line_of_a_point():
    along, across = [], []
    for seed in range(20):
        seen = corrupt(point(), "motion_blur", 0.5, seed=seed)[0]
        y, x = np.nonzero(seen > seen.max() / 2)
        lengths = np.linalg.svd(np.stack([y - 14, x - 14]), compute_uv=False) / np.sqrt(len(x))
        along.append(lengths[0] * np.sqrt(12))
        across.append(lengths[1] * np.sqrt(12))
    assert np.mean(along) == pytest.approx(7, abs=1)
    assert np.mean(across) < 2


def test_glass_blur_moves_light_no_further_than_stated():
    seen = np.concatenate([corrupt(point(), "glass_blur", 0.5, seed=s) for s in range(30)])
    lit = np.nonzero(seen.sum(axis=0) > 1e-3)
    assert max(np.abs(np.concatenate(lit) - 14)) <= 2 + 2  # the place, and the slight blur


def test_rotation_is_pillows(digits):
    seen = corrupt(digits[2:3], "rotate", 0.5)[0]
    turned = [
        np.asarray(Image.fromarray(digits[2]).rotate(angle, Image.Resampling.BILINEAR))
        for angle in (25, -25)
    ]
    assert min(np.abs(seen - other).mean() for other in turned) < 0.003


def test_perspective_moves_corners_as_far_as_stated():
    framed = np.zeros((200, 28, 28), np.float32)
    framed[:, 0, 0] = 1
    seen = corrupt(framed, "perspective", 0.5)
    places = np.argwhere(seen > 0.2)[:, 1:]
    assert len(places) > 20  # in a quarter of the images the corner stays in sight
    assert places.max() <= 5


def test_scale_has_the_stated_sizes():
    square = np.zeros((40, 28, 28), np.float32)
    square[:, 9:19, 9:19] = 1
    areas = np.sqrt(corrupt(square, "scale", 0.5).sum(axis=(1, 2))) / 10
    for factor in (0.75, 1.35):
        assert np.isclose(areas, factor, atol=0.02).sum() > 5
    assert (np.isclose(areas, 0.75, atol=0.02) | np.isclose(areas, 1.35, atol=0.02)).all()


def test_shear_leans_rows_or_columns():
    lines = np.zeros((40, 28, 28), np.float32)
    lines[:, 4:24, 13:15] = 1
    seen = corrupt(lines, "shear", 0.5)
    ends = [(image[5] @ np.arange(28)) / max(image[5].sum(), 1e-6) for image in seen]
    moved = np.abs(np.array(ends) - 13.5)
    assert np.isclose(moved, 0.4 * 8.5, atol=0.3).sum() > 5
    assert (np.isclose(moved, 0.4 * 8.5, atol=0.3) | (moved < 0.3)).all()


def test_translation_moves_by_the_stated_distance(many):
    small = np.zeros_like(many)
    small[:, 12:16, 12:16] = 1
    moved = centre_of(corrupt(small, "translate", 0.5)) - centre_of(small)
    assert np.hypot(*moved.T) == pytest.approx(np.full(40, 4), abs=0.1)
    assert moved.std(axis=0).min() > 1.5  # in all directions


def test_light_leaves_the_stated_levels():
    black_and_white = np.zeros((1, 28, 28), np.float32)
    black_and_white[0, :14] = 1
    bright = corrupt(black_and_white, "brightness", 0.5)
    assert (bright[0, 0, 0], bright[0, -1, 0]) == pytest.approx((1, 0.45))
    dull = corrupt(black_and_white, "contrast", 1)
    assert dull[0, 0, 0] - dull[0, -1, 0] == pytest.approx(0.1)


def test_fog_is_as_bright_as_stated():
    blank = corrupt(flat(0, 20), "fog", 0.5)
    assert blank.max(axis=(1, 2)) == pytest.approx(np.full(20, 2 / 3), abs=1e-3)
    assert blank.min(axis=(1, 2)) == pytest.approx(np.zeros(20), abs=1e-3)


def test_uneven_light_stays_below_the_stated_grey():
    blank = corrupt(flat(0), "uneven_illumination", 0.5)
    assert blank.max(axis=(1, 2)).min() > 0.25
    assert blank.max() <= 0.4 + 1e-6
    white = corrupt(flat(1), "uneven_illumination", 0.5)
    assert white.min() == pytest.approx(0.6, abs=0.05)


def test_inversion_turns_the_stated_share(digits):
    assert (corrupt(flat(0), "inversion", 0.5).mean(axis=(1, 2))) == pytest.approx(
        np.full(40, 0.5), abs=0.01
    )
    assert corrupt(digits, "inversion", 1) == pytest.approx(1 - digits)


def test_a_missing_block_has_the_stated_size():
    changed = np.abs(corrupt(flat(0.5, 200), "missing_block", 0.5) - 0.5) > 1e-3
    assert np.median(np.sqrt(changed.sum(axis=(1, 2)))) == pytest.approx(6.5, abs=0.6)


def test_spatter_covers_the_stated_share():
    changed = np.abs(corrupt(flat(0.5, 200), "spatter", 0.5) - 0.5) > 0.02
    assert changed.mean() == pytest.approx(0.15, abs=0.05)


def test_lines_are_white_thin_and_cross_the_image():
    for name in ("dotted_line", "zigzag"):
        seen = corrupt(flat(0, 200), name, 0.5)
        assert seen.max() == 1
        assert 0.01 < seen.mean() < 0.12
        lit = (seen > 0.5).any(axis=1).sum(axis=1)  # columns touched
        assert np.median(np.maximum(lit, (seen > 0.5).any(axis=2).sum(axis=1))) > 10


def test_stripes_have_the_stated_widths():
    seen = corrupt(flat(0.2, 300), "stripe", 0.5)
    widths = (np.abs(seen - 0.2) > 0.02).mean(axis=(1, 2)) * 28
    assert np.quantile(widths, 0.2) == pytest.approx(3, abs=1)
    assert np.quantile(widths, 0.9) == pytest.approx(7, abs=1.5)
    assert np.isclose(seen, 0.8, atol=0.01).any(axis=(1, 2)).mean() > 0.3  # the negative


def test_pixelate_leaves_the_stated_number_of_pixels(digits):
    coarse = corrupt(digits, "pixelate", 1)
    blocks = coarse.reshape(10, 7, 4, 7, 4)
    assert (blocks == blocks[:, :, :1, :, :1]).all()
    assert coarse[:, ::4, ::4] == pytest.approx(
        digits.reshape(10, 7, 4, 7, 4).mean(axis=(2, 4)), abs=1e-5
    )


def test_jpeg_is_pillows(digits):
    stored = (digits[3] * 255).round().astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(stored).save(file, "JPEG", quality=12)
    expected = np.asarray(Image.open(file), np.float32) / 255
    assert corrupt(digits[3:4], "jpeg", 0.5)[0] == pytest.approx(expected, abs=0.05)


def test_threshold_leaves_black_and_white(digits):
    assert set(np.unique(corrupt(digits, "threshold", 1))) == {0, 1}


def test_edges_keep_the_outline_of_a_square():
    square = np.zeros((1, 28, 28), np.float32)
    square[0, 8:20, 8:20] = 1
    outline = corrupt(square, "edges", 1)[0]
    assert outline[11:17, 11:17].max() == 0
    assert outline[:6].max() == 0
    assert (outline[14, 6:10].max(), outline[14, 18:22].max()) == (1, 1)
