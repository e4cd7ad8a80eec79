"""The picture of a drawing with its answer."""

import io

import numpy as np
import pytest
from PIL import Image

from mnist_core.pictures.postcard import SIZE, Told, postcard
from mnist_core.pictures.strokes import FARTHEST, Stroke

HOOK = Stroke(np.float32([[60, 50], [200, 50], [120, 230]]), 18)
SEVEN = Told("7", "Almost certain", "Confidence >99.9%", "digit-net")
SMALL, LARGE = (280, 280), (700, 300)


def opened(content: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(content))
    assert (picture.format, picture.size) == ("PNG", SIZE)
    return np.asarray(picture.convert("RGB")).astype(int)


def test_the_drawing_lies_on_it_as_on_the_canvas():
    picture = opened(postcard([HOOK], SMALL, SEVEN))
    dark = (picture[:, :600].sum(axis=2) < 150).nonzero()
    scale = 510 / 280  # the sheet begins at (60, 60) and is 510 pixels high
    for axis, (low, high) in zip(dark[::-1], ((60, 200), (50, 230)), strict=True):
        assert axis.min() == pytest.approx(60 + scale * (low - 9), abs=4)
        assert axis.max() == pytest.approx(60 + scale * (high + 9), abs=4)


@pytest.mark.parametrize("part", ["answer", "words", "detail", "model"])
@pytest.mark.parametrize("sheet", [SMALL, LARGE])
def test_it_says_what_the_page_says(part, sheet):
    other = Told(**{**vars(SEVEN), part: "another"})
    one, two = (opened(postcard([HOOK], sheet, told)) for told in (SEVEN, other))
    assert (one != two).any()


@pytest.mark.parametrize("sheet", [SMALL, LARGE])
def test_long_texts_stay_on_it(sheet):
    long = Told("123456789012345678\n12" * 3, "w" * 60, "d" * 90, "m" * 41)
    picture = opened(postcard([HOOK], sheet, long))
    margins = picture[[*range(50), *range(-50, 0)]], picture[:, -50:]
    assert all((margin == 255).all() for margin in margins)


def test_an_empty_answer_and_an_enormous_pen_do_no_harm():
    wide = HOOK._replace(pen=FARTHEST)
    picture = opened(postcard([HOOK, wide], SMALL, Told("", "No digit found", "Nothing.", "m")))
    assert (picture[300, 100] < 60).all()
