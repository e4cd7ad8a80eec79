import itertools

import numpy as np
import pytest

from mnist_core.pictures import strokes
from mnist_core.synthesis.digits import synthetic_digits


def fabric_path(points, **changes):
    """A free-hand path as Fabric.js stores it: quadratic curves through the points."""
    points = np.asarray(points, float)
    low, high = points.min(axis=0), points.max(axis=0)
    centre = (low + high) / 2
    commands = [["M", *points[0]]]
    commands += [["Q", *a, *((a + b) / 2)] for a, b in itertools.pairwise(points)]
    commands += [["L", *points[-1]]]
    return {
        "type": "Path",
        "path": commands,
        "left": centre[0],
        "top": centre[1],
        "originX": "center",
        "originY": "center",
        "width": high[0] - low[0],
        "height": high[1] - low[1],
        "strokeWidth": 12,
    } | changes


LINE = [[10, 20], [10, 40], [10, 60], [10, 120]]
HOOK = [[40, 20], [100, 20], [100, 20], [60, 120]]


def test_points_lie_where_they_were_drawn():
    (path,) = strokes.from_canvas({"objects": [fabric_path(HOOK)]})
    assert path.dtype == np.float32
    assert path[0] == pytest.approx([40, 20])
    assert path[-1] == pytest.approx([60, 120])
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).max() < 60


def test_origin_at_the_corner_gives_the_same_points():
    corner = fabric_path(HOOK, originX="left", originY="top", left=40 - 6, top=20 - 6)
    (centred,), (cornered,) = (
        strokes.from_canvas({"objects": [item]}) for item in (fabric_path(HOOK), corner)
    )
    assert cornered == pytest.approx(centred)


def test_moved_scaled_and_turned_objects_are_followed():
    moved = fabric_path(LINE, left=200, top=100, scaleY=0.5, angle=90)
    (path,) = strokes.from_canvas({"objects": [moved]})
    # The line of 100 px, halved, turned a quarter clockwise: its top now points right.
    assert path[0] == pytest.approx([225, 100], abs=1e-4)
    assert path[-1] == pytest.approx([175, 100], abs=1e-4)


def test_flipped_objects_are_followed():
    (path,) = strokes.from_canvas({"objects": [fabric_path(LINE, flipY=True)]})
    assert path[0] == pytest.approx([10, 120])


@pytest.mark.parametrize("drawing", [None, {}, {"objects": None}, {"objects": []}])
def test_a_blank_canvas_has_no_strokes(drawing):
    assert strokes.from_canvas(drawing) == []


def test_other_objects_and_empty_paths_are_passed_over():
    objects = [{"type": "Rect", "left": 3}, {"type": "Path", "path": []}, fabric_path(LINE)]
    assert len(strokes.from_canvas({"objects": objects})) == 1


def test_cubic_curves_are_followed():
    path = [["M", 0, 0], ["C", 0, 10, 10, 10, 10, 0]]
    item = fabric_path([[0, 0], [10, 0]], path=path, left=5, top=3.75)
    (points,) = strokes.from_canvas({"objects": [item]})
    # The middle of this Bezier curve is at (5, 7.5).
    assert np.abs(points - [5, 7.5]).sum(axis=1).min() == pytest.approx(0, abs=1e-4)


def test_the_pen_is_as_wide_as_asked():
    for width in [3, 5, 8, 12, 17, 24]:
        ink = strokes.draw([np.array([[20, 50], [180, 50]])], (100, 200), width=width)
        assert ink[:, 100].sum() == pytest.approx(width, abs=1), width
        assert ink.max() == 1, width


def test_size_and_place_do_not_matter():
    for scale in [0.01, 1, 50]:
        for offset in [0, -300, 1000]:
            case = scale, offset
            hook = np.array(HOOK, float)
            image = strokes.to_image([hook * scale + offset])
            assert image.shape == (28, 28), case
            assert image == pytest.approx(strokes.to_image([hook]), abs=0.15), case
            rows, columns = np.where(image > 0.5)
            assert max(np.ptp(rows), np.ptp(columns)) + 1 == pytest.approx(20, abs=1), case


def test_a_dot_is_drawn():
    assert strokes.to_image([np.array([[5.0, 5.0]])]).sum() > 1


@pytest.mark.parametrize("paths", [[], [np.empty((0, 2))]])
def test_no_strokes_are_refused(paths):
    with pytest.raises(ValueError, match="nothing to draw"):
        strokes.to_image(paths)


def test_points_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        strokes.to_image([np.array([[0, np.nan]])])


def test_synthetic_images_look_like_stored_mnist():
    labels = np.arange(50, dtype=np.uint8) % 10
    images = synthetic_digits(labels, np.random.default_rng(0))
    again = synthetic_digits(labels, np.random.default_rng(0))
    assert images.dtype == np.uint8
    assert images.shape == (50, 28, 28)
    assert np.array_equal(images, again)
    assert images.max(axis=(1, 2)).min() > 200
    assert 0.05 < (images > 127).mean() < 0.25


def test_a_dot_beside_a_digit_does_not_shrink_it():
    hook, dot = np.array(HOOK, float), np.array([[270.0, 270], [271, 270]])
    assert np.array_equal(strokes.to_image([hook, dot]), strokes.to_image([hook]))


def test_short_strokes_and_dots_alone_are_kept():
    bar, dot = np.array([[60.0, 70], [75, 70]]), np.array([[3.0, 3]])
    assert len(strokes.without_specks([np.array(HOOK, float), bar])) == 2
    assert len(strokes.without_specks([dot, dot])) == 2
