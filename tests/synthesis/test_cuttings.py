"""Digits and non-digits cut out of synthetic pages."""

import numpy as np

from mnist_core import serving
from mnist_core.pixels import to_float
from mnist_core.synthesis.cuttings import NARROW, cut_digits, cut_non_digits

LABELS = np.array([7, 7, 1, 0, 9, 3, 3, 5] * 8)


def test_digits_are_cut_out_where_they_stand():
    images, again = (cut_digits(LABELS, np.random.default_rng(1)) for _ in range(2))
    assert np.array_equal(images, again)
    assert images.dtype == np.uint8
    assert images.shape == (len(LABELS), 28, 28)
    read = serving.load_predictor()(to_float(images)).argmax(axis=1)
    assert 0.75 < (read == LABELS).mean() < 1  # clearly digits, and harder than others


def test_non_digits_are_cut_out_of_what_is_no_digit():
    images = cut_non_digits(60, np.random.default_rng(2))
    assert images.shape == (60, 28, 28)
    for image in images:
        rows, columns = (np.flatnonzero(image.max(axis) > 64) for axis in (1, 0))
        assert np.ptp(columns) + 1 > NARROW * (np.ptp(rows) + 1)  # no ones
    model = serving.load_predictor()
    accepted = model.predict_full(to_float(images)).is_digit >= model.rejection_threshold
    assert accepted.mean() < 0.5
