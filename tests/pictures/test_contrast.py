import cv2
import numpy as np
import pytest

from mnist_core.pictures.contrast import FLOOR, LARGEST, local_contrast, to_grey


def test_grey_is_the_brightness():
    pixels = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0]]], np.uint8)
    assert to_grey(pixels) == pytest.approx(np.array([[0, 1, 0.299, 0.587]]), abs=0.003)
    assert to_grey(pixels).dtype == np.float32


@pytest.mark.parametrize("shape", [(1, 1), (8, 300), (120, 130)])
def test_it_is_the_textbooks_formula(shape):
    grey = np.random.default_rng(0).random(shape, np.float32)

    def total(values, size):
        for axis in (0, 1):
            width = np.zeros((2, 1), int)
            width[axis] = size // 2
            padded = np.pad(values.astype(float), np.repeat(width, 2, axis=1))
            values = np.lib.stride_tricks.sliding_window_view(padded, size, axis).sum(axis=-1)
        return values

    def mean(values, size):
        return total(values, size) / total(np.ones(shape), size)

    difference = grey - mean(grey, 65)
    expected = difference / (np.sqrt(mean(difference**2, 97)) + FLOOR)
    assert local_contrast(grey) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_blank_paper_is_nought_to_its_border(level):
    assert np.abs(local_contrast(np.full((70, 200), level, np.float32))).max() < 1e-4


def written(text, *, ink, paper):
    """Return grey paper of 150 x 150 pixels with a number on it, and where its ink is."""
    mask = np.zeros((150, 150), np.uint8)
    cv2.putText(mask, text, (40, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.5, 255, 2)
    return np.where(mask > 127, ink, paper).astype(np.float32), mask > 127


def test_the_noise_of_blank_paper_stays_small_and_pale_pencil_does_not():
    noise = np.random.default_rng(0).normal(0, 0.01, (150, 150)).astype(np.float32)
    assert local_contrast(0.8 + noise).std() < 0.25
    grey, ink = written("7", ink=0.7, paper=0.8)
    assert local_contrast(grey + noise)[ink].mean() < -1.5


def test_darker_light_hardly_matters():
    grey, ink = written("42", ink=0.2, paper=0.9)
    assert local_contrast(0.6 * grey)[ink] == pytest.approx(local_contrast(grey)[ink], rel=0.2)


def test_a_lone_speck_is_bounded_and_the_picture_is_unchanged():
    grey = np.ones((99, 99), np.float32)
    grey[50, 50] = 0
    before = grey.copy()
    contrast = local_contrast(grey)
    assert contrast.min() == -LARGEST
    assert contrast.dtype == np.float32
    assert np.array_equal(grey, before)
