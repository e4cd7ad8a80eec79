import cv2
import numpy as np
import pytest

from mnist_core.pictures import preprocessing
from mnist_core.pixels import to_float


def ring(size=280, centre=(140, 140), radius=60, pen=14):
    ink = np.zeros((size, size), np.uint8)
    return cv2.circle(ink, centre, radius, 255, pen, cv2.LINE_AA)


def extent(image):
    rows, columns = np.where(image > 0.5)
    return np.ptp(columns) + 1, np.ptp(rows) + 1


def centre_of_mass(image):
    grid = np.arange(28)
    return (image.sum(0) * grid).sum() / image.sum(), (image.sum(1) * grid).sum() / image.sum()


def test_size_place_and_pen_hardly_matter():
    for radius in [12, 40, 120]:
        for pen in [3, 8, 20]:
            case = radius, pen
            middle = radius + pen
            image = preprocessing.ink_to_digit(
                ring(centre=(middle, middle), radius=radius, pen=pen)
            )
            assert image.shape == (28, 28), case
            assert image.dtype == np.float32, case
            assert image.min() >= 0, case
            assert image.max() <= 1, case
            assert max(extent(image)) == pytest.approx(20, abs=1.1), case
            assert centre_of_mass(image) == pytest.approx((14, 14), abs=0.1), case


def test_thin_pens_are_brought_to_mnists_widths():
    image = preprocessing.ink_to_digit(ring(radius=120, pen=2))
    fine = cv2.resize(image, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    assert 1.2 <= preprocessing.stroke_width(fine) / 8 <= 2.6


@pytest.mark.parametrize(("size", "pen"), [(600, 1), (1000, 2), (2000, 3)])
def test_thin_lines_do_not_fade_when_large_pictures_shrink(size, pen):
    ink = ring(size=size, centre=(size // 2, size // 2), radius=size // 3, pen=pen)
    assert preprocessing.ink_to_digit(ink).max() > 0.9


def test_the_aspect_is_kept():
    ink = np.zeros((300, 300), np.uint8)
    ink[50:250, 100:120] = 255
    image = preprocessing.ink_to_digit(ink)
    width, height = extent(image)
    assert height == pytest.approx(20, abs=1)
    assert width <= 4


@pytest.mark.parametrize("scale", [1, 0.2])
def test_the_inks_scale_does_not_matter(scale):
    ink = ring()
    assert preprocessing.ink_to_digit(ink * scale) == pytest.approx(
        preprocessing.ink_to_digit(ink), abs=0.02
    )


def test_a_dot_stays_small():
    ink = np.zeros((100, 100), np.uint8)
    cv2.circle(ink, (30, 60), 6, 255, -1)
    assert max(extent(preprocessing.ink_to_digit(ink))) <= 12


def test_mnist_comes_back_almost_as_it_was(mnist):
    images = to_float(mnist.train.images[:200])
    again = [
        preprocessing.ink_to_digit(cv2.resize(i, None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC))
        for i in np.pad(images, ((0, 0), (3, 9), (8, 1)))
    ]
    assert np.abs(images - again).mean() < 0.05


@pytest.mark.parametrize("ink", [np.zeros((9, 9)), np.full((9, 9), np.nan), np.zeros((0, 0))])
def test_blank_ink_is_refused(ink):
    with pytest.raises(ValueError, match="no ink"):
        preprocessing.ink_to_digit(ink)


def test_colour_pictures_are_refused():
    with pytest.raises(ValueError, match="shape \\(height, width\\)"):
        preprocessing.ink_to_digit(np.ones((9, 9, 3)))


@pytest.mark.parametrize("pen", [3, 9, 25])
def test_stroke_width_of_a_known_pen(pen):
    ink = np.zeros((100, 200), np.float32)
    ink[50 : 50 + pen, 30:170] = 1
    assert preprocessing.stroke_width(ink) == pytest.approx(pen, abs=1)


def test_grain_is_never_thinned_to_nothing():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        ink = rng.random(rng.integers(1, 30, 2)) * (rng.random() < 0.5) + 0.3 * rng.random((1, 1))
        image = preprocessing.ink_to_digit(ink)
        assert image.max() > 0
