"""Maps of digits: stored and read again, and where new digits are put on them."""

import numpy as np
import pytest

from mnist_core import serving
from mnist_core.config import SHIPPED_MODELS
from mnist_core.errors import ModelError
from mnist_core.serving import DigitMap, load_digit_map, load_replay
from mnist_core.serving.digit_map import NEIGHBOURS, directions

TOWARDS = np.repeat(np.eye(3, 8, dtype=np.float32), 4, axis=0)  # three kinds, in 8 features
CORNERS = np.repeat(np.float32([[0, 0], [1, 0], [0.5, 1]]), 4, axis=0)


@pytest.fixture
def known() -> DigitMap:
    """Twelve digits of three kinds, each kind in a corner of its own."""
    axes = np.eye(8, 3, dtype=np.float32)
    return DigitMap(
        points=CORNERS,
        labels=np.repeat(np.uint8([7, 1, 4]), 4),
        answers=np.repeat(np.uint8([7, 1, 9]), 4),
        places=np.arange(100, 112, dtype=np.uint16),
        features=(TOWARDS - 0.1) @ axes,
        middle=np.full(8, 0.1, np.float32),
        axes=axes,
    )


def test_a_map_is_read_as_it_was_stored(known):
    read = DigitMap.from_bytes(known.to_bytes())
    assert len(read) == 12
    for name in ("labels", "answers", "places", "middle", "axes"):
        assert np.array_equal(getattr(read, name), getattr(known, name)), name
    assert read.points == pytest.approx(known.points, abs=1e-4)
    assert read.features == pytest.approx(known.features, abs=0.01)


def test_a_digit_lies_among_those_like_it(known):
    located = known.locate(5 * TOWARDS[4:5])  # how long its features are does not count
    assert located.points[0] == pytest.approx([1, 0], abs=0.01)
    assert set(known.labels[located.nearest[0][:4]]) == {1}
    assert located.nearest.shape == (1, NEIGHBOURS)


def test_a_digit_between_two_kinds_lies_between_them(known):
    both = known.locate(TOWARDS[:1] + TOWARDS[4:5])
    assert 0.1 < both.points[0, 0] < 0.9
    assert both.points[0, 1] == pytest.approx(0)


def test_directions_have_length_one_or_none():
    found = directions(np.array([[3, 4], [0, 0]]))
    assert found == pytest.approx(np.array([[0.6, 0.8], [0, 0]]))


@pytest.mark.parametrize("change", ["cut", "short", "empty"])
def test_a_damaged_map_is_refused(known, change):
    content = known.to_bytes()
    damaged = {"cut": content[:99], "short": content.replace(b"\xc4\x0c\x07", b"\xc4\x0b", 1)}
    with pytest.raises(ModelError, match="export --map"):
        DigitMap.from_bytes(damaged.get(change, b""))


@pytest.mark.parametrize("name", SHIPPED_MODELS)
def test_shipped_models_put_digits_that_they_know_among_their_like(name):
    card = serving.load_card(name)
    known, kept = load_digit_map(card), load_replay(card)
    digits = kept[np.flatnonzero(kept.labels >= 0)[::10]]
    located = known.locate(digits.features)
    assert len(known) == 5000
    assert (known.labels[located.nearest[:, 0]] == digits.labels).mean() > 0.95
    spread = np.abs(known.points[located.nearest[:, 0]] - located.points).max(axis=1)
    assert np.median(spread) < 0.05
    wrong = (known.labels != known.answers).mean()
    assert wrong == pytest.approx(1 - card.metrics["test"]["accuracy"], abs=0.005)


def test_a_model_without_a_map_has_none():
    assert load_digit_map(serving.load_card("number-net")) is None
