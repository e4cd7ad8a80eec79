import numpy as np
import pytest

from mnist_core.synthesis import non_digits
from mnist_core.synthesis.forms import MEASURING, THINGS
from mnist_core.synthesis.letters import LETTERS
from mnist_core.synthesis.non_digits import drawn, fonts


def test_every_kind_gives_images_of_its_own():
    for kind in (*non_digits.KINDS, *non_digits.HELD_OUT):
        images, kinds = non_digits.make(12, np.random.default_rng(0), kinds=[kind])
        assert images.shape == (12, 28, 28), kind
        assert images.dtype == np.uint8, kind
        assert set(kinds) == {kind}
        assert len({image.tobytes() for image in images}) >= 6, kind
        assert kind == "blank" or (images.max(axis=(1, 2)) > 100).mean() > 0.8, kind


def test_the_same_seed_gives_the_same_pictures():
    for kind in (*non_digits.KINDS, *non_digits.HELD_OUT):
        pair = [non_digits.make(3, np.random.default_rng(5), kinds=[kind])[0] for _ in range(2)]
        assert np.array_equal(*pair), kind


def test_all_kinds_are_drawn_the_hard_ones_more_often():
    _, kinds = non_digits.make(1500, np.random.default_rng(0))
    names, counts = np.unique(kinds, return_counts=True)
    assert set(names) == set(non_digits.KINDS)
    count = dict(zip(names, counts, strict=True))
    assert count["letter"] > count["lines"] > count["star"]


@pytest.mark.parametrize("kinds", [[], ["digit"]])
def test_unknown_kinds_are_refused(kinds):
    with pytest.raises(ValueError, match="Kinds are some of scribble"):
        non_digits.make(1, np.random.default_rng(0), kinds=kinds)


def test_no_letter_that_looks_like_a_digit_is_written():
    assert set(LETTERS).isdisjoint(fonts.LIKE_DIGITS)
    assert set(fonts.LATIN).isdisjoint(fonts.LIKE_DIGITS)


def test_what_is_held_out_is_never_shown_to_a_training():
    assert not set(fonts.FONTS) & set(fonts.FONTS_HELD_OUT)
    assert not set(fonts.SYMBOLS) & set(fonts.SYMBOLS_HELD_OUT)
    assert not set(non_digits.KINDS) & set(non_digits.HELD_OUT)
    assert not set(MEASURING) & set(drawn._THINGS)
    assert set(MEASURING) <= set(THINGS)
