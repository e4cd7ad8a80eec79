"""Doubtful digits are looked at once more: where, how, and what comes of it."""

import numpy as np
import pytest

from mnist_core import reading
from mnist_core.config import CELL, MARKS
from mnist_core.reading.closer import SIDE, WAYS, look_closer
from mnist_core.serving import Maps
from mnist_core.synthesis.pages import Mark
from support.fake_detector import FakeDetector
from tests.reading.test_detected import Says, picture


class Looks:
    """Notes what it is shown, and finds a 7 in the middle and a 2 beside it."""

    def __init__(self):
        self.seen = []

    def maps(self, contrast):
        self.seen.append(contrast)
        cells = SIDE // CELL
        objectness = np.full((cells, cells), 0.01, np.float32)
        classes = np.full((cells, cells, len(MARKS)), 1 / len(MARKS), np.float32)
        for column, digit, score in ((cells // 2, 7, 0.6), (cells // 2 + 5, 2, 0.9)):
            objectness[cells // 2, column] = score
            classes[cells // 2, column] = np.eye(len(MARKS))[digit]
        return Maps(objectness, classes, np.zeros((cells, cells, 4), np.float32))


@pytest.mark.parametrize("height", [12, 40, 150, 400])
@pytest.mark.parametrize("place", [(200, 150), (560, 380)])
def test_the_digit_is_shown_in_the_middle_as_high_as_wanted(height, place):
    grey = np.full((900, 1200), 0.9, np.float32)
    x, y, width = *place, height // 2
    grey[y : y + height, x : x + width] = 0.2
    detector = Looks()
    found = look_closer(grey, np.array([[x, y, width, height]], float), detector)
    assert found.sum() == pytest.approx(1)
    assert found.argmax() == 7
    for contrast, (tall, angle, wider) in zip(detector.seen, WAYS, strict=True):
        assert contrast.shape == (SIDE, SIDE)
        rows, columns = np.nonzero(contrast < contrast.min() / 2)
        assert rows.mean() == pytest.approx(SIDE / 2, abs=1.5)
        assert columns.mean() == pytest.approx(SIDE / 2, abs=1.5)
        if not angle:
            assert np.ptp(rows) + 1 == pytest.approx(tall, abs=2.5)
            assert np.ptp(columns) + 1 == pytest.approx(tall * wider / 2, abs=2.5)


def test_no_boxes_are_looked_at():
    assert look_closer(np.ones((40, 40), np.float32), np.zeros((0, 4)), Looks()).shape == (0, 10)


@pytest.mark.parametrize(("sure", "expected"), [(0.5, "7"), (0.999, "1")])
def test_only_a_doubtful_digit_is_looked_at_once_more(sure, expected):
    pixels = np.full((300, 400, 3), 255, np.uint8)
    pixels[100:160, 110:120] = 0

    class Torn(FakeDetector):
        def maps(self, contrast):
            if contrast.shape == (SIDE, SIDE):
                return Looks().maps(contrast)
            maps = super().maps(contrast)
            maps.classes[:] = 1e-4
            maps.classes[..., 1], maps.classes[..., 7] = sure, 1 - sure
            return maps

    detector = Torn(pixels, [Mark("1", (100, 100, 30, 60), 0)])
    assert reading.read(picture(pixels), Says(1), detector=detector).text == expected
