"""Drawings in links: written and read again, and whatever else a link may hold."""

import base64
import time
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.config import MAX_LINK, MAX_POINTS, MAX_STROKES
from mnist_core.errors import PictureError
from mnist_core.pictures import packing
from mnist_core.pictures.packing import GRIDS, pack, unpack
from mnist_core.pictures.strokes import FARTHEST, Stroke, strokes_of, to_canvas

PLACES = st.tuples(st.floats(-50, 750, width=32), st.floats(-50, 350, width=32))
STROKES = st.builds(
    lambda points, pen: Stroke(np.float32(points), pen / 8),
    st.lists(PLACES, min_size=1, max_size=12),
    st.integers(0, 800),
)
SCRIBBLE = [
    Stroke(np.random.default_rng(n).uniform(0, 280, (20, 2)).astype(np.float32), 18.0)
    for n in range(60)
]


def packed(content: bytes) -> str:
    """Return the text of a link that holds these bytes."""
    return base64.urlsafe_b64encode(zlib.compress(content, 9)).decode().rstrip("=")


def farthest(points: np.ndarray, path: np.ndarray) -> float:
    """Return how far the farthest of some points is from a path."""
    starts, ends = (path[:-1], path[1:]) if len(path) > 1 else (path, path)
    along = ends - starts
    squared = np.maximum((along**2).sum(axis=1), 1e-9)
    share = ((points[:, None] - starts) * along).sum(axis=2) / squared
    nearest = starts + np.clip(share, 0, 1)[..., None] * along
    return np.linalg.norm(points[:, None] - nearest, axis=2).min(axis=1).max()


@settings(max_examples=80, deadline=None)
@given(st.lists(STROKES, min_size=1, max_size=6))
def test_a_drawing_comes_back_as_it_was(strokes):
    again = unpack(pack(strokes))
    assert [stroke.pen for stroke in again] == [stroke.pen for stroke in strokes]
    for before, after in zip(strokes, again, strict=True):
        assert after.points.dtype == np.float32
        assert farthest(before.points, after.points) < 1 / GRIDS[0]
        assert farthest(after.points, before.points) < 1 / GRIDS[0]
        assert np.abs(after.points[[0, -1]] - before.points[[0, -1]]).max() <= 0.5 / GRIDS[0]


@settings(max_examples=40, deadline=None)
@given(st.lists(STROKES, min_size=1, max_size=4))
def test_the_canvas_gives_back_what_it_is_given(strokes):
    again = strokes_of(to_canvas(strokes, "#000000"))
    assert [stroke.pen for stroke in again] == [stroke.pen for stroke in strokes]
    for before, after in zip(strokes, again, strict=True):
        assert after.points[: len(before.points)] == pytest.approx(before.points, abs=0.01)


def test_a_loop_stays_closed():
    angles = np.linspace(0, 2 * np.pi, 60)
    loop = np.float32(100 + 80 * np.stack([np.cos(angles), np.sin(angles)], axis=1))
    loop[-1] = loop[0]
    (again,) = unpack(pack([Stroke(loop, 18)]))
    assert (again.points[0] == again.points[-1]).all()
    assert farthest(loop, again.points) < 0.2


def test_what_lies_on_a_line_takes_no_room():
    line = np.float32([[x, 2 * x] for x in range(100)])
    assert len(pack([Stroke(line, 18)])) == len(pack([Stroke(line[[0, -1]], 18)]))


def test_the_grid_is_as_fine_as_there_is_room():
    strokes = SCRIBBLE[:12]
    roomy, tight = pack(strokes, 2000), pack(strokes, 1000)
    assert len(tight) <= 1000 < len(roomy) <= 2000
    for text, most in ((roomy, 0.2), (tight, 1.5)):
        again = unpack(text)
        off = [farthest(a.points, b.points) for a, b in zip(strokes, again, strict=True)]
        assert max(off) < most


def test_a_drawing_that_does_not_fit_gets_a_sentence():
    with pytest.raises(PictureError, match=r"too long for a link, which has at most 2,000"):
        pack(SCRIBBLE)


def test_a_drawing_that_would_inflate_too_far_is_not_written():
    # Always the same long steps: many bytes that compress to few.
    around = np.float32([[0, 0], [100, 0], [0, 100]] * (MAX_POINTS // 3))
    with pytest.raises(PictureError, match="too long"):
        pack([Stroke(around, 18)])
    (again,) = unpack(pack([Stroke(around[: MAX_POINTS // 2], 18)]))
    assert len(again.points) == MAX_POINTS // 2


GOOD = pack(SCRIBBLE[:2])
HOSTILE = {
    "empty": "",
    "words": "a drawing",
    "other letters": "é" * 20,
    "too long": GOOD + "A" * MAX_LINK,
    "cut off": GOOD[:-5],
    "cut to one letter": GOOD[:1],
    "one letter changed": GOOD[:30] + ("B" if GOOD[30] == "A" else "A") + GOOD[31:],
    "more behind it": base64.urlsafe_b64encode(
        zlib.compress(b"\x08\x01\x08\x01\0\0") + b"x"
    ).decode(),
    "a bomb": packed(bytes(1_000_000)),
    "zeros": packed(bytes(1000)),
    "nothing inside": packed(b""),
    "an unknown grid": packed(b"\x07\x01\x08\x01\0\0"),
    "no strokes": packed(b"\x08\0"),
    "a stroke without points": packed(b"\x08\x01\x08\0"),
    "fewer points than it says": packed(b"\x08\x01\x08\x05\0\0"),
    "more than it says": packed(b"\x08\x01\x08\x01\0\0\0"),
    "a number that does not end": packed(b"\x08\x01\x08\x01\0\x80"),
    "a number of many bytes": packed(b"\x08\x01\x08\x01\0" + b"\xff" * 200 + b"\x01"),
    "a point far away": packed(b"\x01\x01\x08\x01\0" + b"\xff\xff\xff\xff\x0f"),
    "a pen as wide as a house": packed(b"\x01\x01\xff\xff\xff\xff\x0f\x01\0\0"),
    "too many strokes": packed(b"\x08\xe9\x07" + b"\x08\x01\0\0" * (MAX_STROKES + 1)),
    "too many points": packed(b"\x08\x02" + (b"\x08\x91\x4e" + b"\2\2" * 10_001) * 2),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_link_that_holds_no_drawing_gets_a_sentence(text):
    start = time.perf_counter()
    with pytest.raises(PictureError, match="The drawing in this link is damaged"):
        unpack(text)
    assert time.perf_counter() - start < 1


def test_the_hostile_links_are_one_step_from_a_drawing():
    (dot,) = unpack(packed(b"\x08\x01\x08\x01\0\0"))
    assert (dot.pen, dot.points.tolist()) == (1, [[0, 0]])
    assert len(unpack(packed(b"\x08\xe8\x07" + b"\x08\x01\0\0" * MAX_STROKES))) == MAX_STROKES
    assert len(HOSTILE["a bomb"]) <= MAX_LINK


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.binary(max_size=60).map(packed))
def test_whatever_a_link_holds_is_read_or_refused(text):
    try:
        strokes = unpack(text)
    except PictureError:
        return
    points = np.concatenate([stroke.points for stroke in strokes])
    assert np.abs(points).max() <= FARTHEST
    assert all(0 <= stroke.pen <= FARTHEST for stroke in strokes)


def test_what_is_inflated_is_bounded(monkeypatch):
    seen = []
    monkeypatch.setattr(packing, "_numbers_in", lambda content: seen.append(len(content)))
    with pytest.raises(PictureError):
        unpack(packed(bytes(1_000_000)))
    assert not seen
