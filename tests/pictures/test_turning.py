"""Pictures and boxes turned by quarters."""

import numpy as np
import pytest

from mnist_core.boxes import turn_box
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
