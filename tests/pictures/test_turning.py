"""Pictures and boxes turned by quarters."""

import numpy as np
import pytest

from mnist_core.boxes import turn_box
from mnist_core.pictures.compact import compact
from mnist_core.pictures.record import Picture
from mnist_core.pictures.turning import turn_picture

BOX = (3, 1, 4, 2)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_box_goes_where_its_pixels_go(degrees):
    pixels = np.zeros((7, 10, 3), np.uint8)
    pixels[1:3, 3:7] = 255
    turned = turn_picture(Picture(pixels, 20, 14, "first frame"), degrees)
    x, y, width, height = turn_box(BOX, degrees, (10, 7))
    assert (turned.pixels[y : y + height, x : x + width] == 255).all()
    assert turned.pixels.sum() == pixels.sum()
    assert (turned.width, turned.height) == ((20, 14) if degrees % 180 == 0 else (14, 20))
    assert (turned.scale, turned.remark) == (2, "first frame")
    assert turned.pixels.flags.c_contiguous
    assert turn_box((x, y, width, height), -degrees, turned.pixels.shape[1::-1]) == BOX


def test_clockwise_is_as_people_say():
    left = Picture(np.array([[[0] * 3, [255] * 3]], np.uint8), 2, 1)
    assert turn_picture(left, 90).pixels[:, 0, 0].tolist() == [0, 255]
    assert turn_picture(left, 270).pixels[:, 0, 0].tolist() == [255, 0]


def test_a_compact_picture_is_small_and_nearly_the_same():
    pixels = np.full((60, 80, 3), (250, 240, 230), np.uint8)
    pixels[20:40, 30:34] = (200, 20, 20)
    small = compact(Picture(pixels, 160, 120, "A remark."))
    again = small.picture()
    assert len(small.content) < pixels.nbytes / 5
    assert (again.width, again.height, again.remark, again.scale) == (160, 120, "A remark.", 2)
    assert np.abs(again.pixels.astype(int) - pixels).max() < 30
    assert again.pixels.flags.c_contiguous
