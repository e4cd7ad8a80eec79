import cv2
import numpy as np
import pytest

from mnist_core.synthesis import templates
from mnist_core.synthesis.handwriting import STYLES, write_digit

WAYS = [(label, style) for label, styles in STYLES.items() for style in styles]


def ways(label, word):
    return [style for style in STYLES[label] if word in style]


def draws(label, style, count=60):
    rng = np.random.default_rng([label, count])
    return [write_digit(label, rng, style=style) for _ in range(count)]


def share(truths):
    return np.mean(list(truths))


def distance(points, others):
    """(n,) distance of each point to the nearest of the others."""
    return np.linalg.norm(points[:, None] - others, axis=2).min(1)


def holes(strokes):
    """Centres (x, y) of the areas that the ink encloses, in the digit's own box."""
    canvas = np.zeros((240, 240), np.uint8)
    for stroke in strokes:
        cv2.polylines(canvas, [np.int32(stroke * 200 + 20)], False, 255, 5)
    count, _, stats, centres = cv2.connectedComponentsWithStats(255 - canvas, connectivity=4)
    inside = [i for i in range(1, count) if stats[i, 0] > 0 and stats[i, 4] > 60]
    return (centres[inside] - 20) / 200


def test_strokes_are_drawable():
    for label, style in WAYS:
        way = f"{label} {style}"
        for strokes in draws(label, style, 25):
            assert len(strokes) == len(STYLES[label][style]) - 1, way
            everything = np.concatenate(strokes)
            assert np.isfinite(everything).all(), way
            np.testing.assert_allclose(everything.min(0), 0, atol=0.01, err_msg=way)
            assert everything.max() == pytest.approx(1, abs=0.01), way
            for stroke in strokes:
                assert stroke.dtype == np.float32, way
                assert stroke.shape[1] == 2, way
                assert len(stroke) > 5, way
                assert np.hypot(*np.diff(stroke, axis=0).T).max() <= 0.0201, way


def test_same_seed_same_strokes():
    for label, style in WAYS:
        first, again, other = (
            write_digit(label, np.random.default_rng(seed), style=style) for seed in (5, 5, 6)
        )
        for one, two in zip(first, again, strict=True):
            np.testing.assert_array_equal(one, two, err_msg=f"{label} {style}")
        assert any(
            one.shape != two.shape or np.abs(one - two).max() > 0.01
            for one, two in zip(first, other, strict=True)
        ), f"{label} {style}"


def test_unvaried_form_is_the_tables():
    for label, style in WAYS:
        strokes = write_digit(label, np.random.default_rng(0), style=style, variation=0)
        ends = [
            [np.mean([np.fromstring(p, sep=",") for p in word.rstrip("!").split("~")], 0) / 100]
            for stroke in STYLES[label][style][1:]
            for word in (stroke.split()[0], stroke.split()[-1])
        ]
        got = np.array([point for stroke in strokes for point in (stroke[0], stroke[-1])])
        ends = np.concatenate(ends)
        # equal up to the place and the scale of the bounding box
        spread, want = got - got[0], ends - ends[0]
        scale = np.abs(spread).sum() / max(np.abs(want).sum(), 1e-9)
        np.testing.assert_allclose(spread, want * scale, atol=1e-4, err_msg=f"{label} {style}")
        assert 0.9 < scale < 1.25 or np.abs(want).sum() < 0.3, f"{label} {style}"


def test_table():
    for label in range(10):
        assert len(STYLES[label]) >= 12, label
        for style, (weight, *strokes) in STYLES[label].items():
            assert weight > 0, f"{label} {style}"
            numbers = " ".join(strokes).replace("!", "").replace("~", " ").replace(",", " ").split()
            assert all(0 <= float(number) <= 100 for number in numbers), f"{label} {style}"


def test_weights_are_followed(monkeypatch):
    for label in range(10):
        names = list(STYLES[label])
        strokes = STYLES[label][names[-1]][1:]
        monkeypatch.setitem(STYLES[label], names[-1], (1e6, *strokes))
    templates.style_weights.cache_clear()
    for label in range(10):
        rng = np.random.default_rng(1)
        got = [write_digit(label, rng, variation=0) for _ in range(5)]
        want = write_digit(label, rng, style=list(STYLES[label])[-1], variation=0)
        for strokes in got:
            np.testing.assert_array_equal(strokes[0], want[0], err_msg=str(label))
    templates.style_weights.cache_clear()


def test_numpy_labels_are_labels():
    written = [write_digit(label, np.random.default_rng(2)) for label in (3, np.int64(3))]
    np.testing.assert_array_equal(written[0][0], written[1][0])


@pytest.mark.parametrize(
    ("label", "style", "variation", "message"),
    [
        (10, None, 1.0, "Expected a whole number from 0 to 9 as label, received 10"),
        (-1, None, 1.0, "received -1"),
        ("3", None, 1.0, "received '3'"),
        (None, None, 1.0, "received None"),
        (7, "gothic", 1.0, "The styles of 7 are plain, .*; received 'gothic'"),
        (7, None, 1.5, "Expected a variation from 0 to 1, received 1.5"),
        (7, None, float("nan"), "received nan"),
    ],
)
def test_errors_teach(label, style, variation, message):
    with pytest.raises(ValueError, match=message):
        write_digit(label, np.random.default_rng(0), style=style, variation=variation)


def test_bar_of_seven_meets_its_leg():
    def crossed(strokes):
        body, bar = strokes
        leg = body[len(body) // 2 :]
        gap = distance(bar, leg)
        height = bar[gap.argmin(), 1] / body[:, 1].max()
        return gap.min() < 0.08 and 0.2 < height < 0.85

    for style in ways(7, "bar"):
        assert share(crossed(strokes) for strokes in draws(7, style)) >= 0.95, style


def test_upstroke_of_one_is_long_and_steep():
    for style in ways(1, "upstroke"):
        lengths, steep = [], []
        for strokes in draws(1, style):
            start, top = strokes[0][0], strokes[0][strokes[0][:, 1].argmin()]
            across, up = top[0] - start[0], start[1] - top[1]
            lengths.append(np.hypot(across, up) / strokes[0][:, 1].max())
            steep.append(up > 0.35 * across)
        assert share(length > 0.5 for length in lengths) >= 0.9, style
        assert np.median(lengths) >= 0.6, style
        assert share(steep) >= 0.97, style


def test_top_of_seven_is_flat():
    def flat(strokes):
        body = strokes[0]
        top = body[: len(body) // 3]
        return top[0, 1] - top[:, 1].min() < 0.7 * np.ptp(body[:, 0]) and top[0, 1] < 0.4

    for style in STYLES[7]:
        if "hook" not in style:
            assert share(flat(strokes) for strokes in draws(7, style)) >= 0.95, style


# what the ink encloses, by the shapes of the digits themselves: how many areas, and between
# which heights (0 is the top) their centres lie
ENCLOSED = [
    (0, "round", 1, (0.35, 0.65)),
    (0, "clockwise", 1, (0.35, 0.65)),
    (0, "wide open", 0, None),
    (0, "slash", 2, (0.2, 0.8)),
    (1, "upstroke", 0, None),
    (2, "plain", 0, None),
    (2, "looped", 1, (0.75, 1)),
    (3, "round", 0, None),
    (3, "looped", 1, (0.35, 0.6)),
    (4, "open", 0, None),
    (4, "lightning", 0, None),
    (4, "from the foot", 1, (0.2, 0.65)),
    (5, "one stroke", 0, None),
    (5, "bar over", 0, None),
    (6, "curved", 1, (0.6, 0.9)),
    (6, "small loop", 1, (0.7, 0.95)),
    (6, "open loop", 0, None),
    (7, "plain", 0, None),
    (7, "bar", 0, None),
    (8, "from right", 2, (0.1, 0.9)),
    (8, "snowman", 2, (0.1, 0.9)),
    (8, "open top", 1, (0.6, 0.9)),
    (9, "straight", 1, (0.1, 0.4)),
    (9, "big loop", 1, (0.1, 0.5)),
    (9, "curved tail", 1, (0.1, 0.4)),
]


def test_enclosed_areas():
    for label, style, count, between in ENCLOSED:
        found = holes(write_digit(label, np.random.default_rng(0), style=style, variation=0))
        assert len(found) == count, f"{label} {style}"
        for _, height in found:
            assert between[0] < height < between[1], f"{label} {style}"


@pytest.mark.parametrize(("label", "low", "high"), [(6, 0.45, 1.0), (9, 0.0, 0.6)])
def test_loops_of_six_and_nine_stay_in_their_half(label, low, high):
    for style in STYLES[label]:
        for strokes in draws(label, style):
            height = max(stroke[:, 1].max() for stroke in strokes)
            found = [y / height for _, y in holes(strokes)]
            assert all(low < y < high for y in found), style


def test_hands_differ():
    """No two of a hundred digits are alike, and some are much wider than others."""
    for label in range(10):
        rng = np.random.default_rng(label)
        written = [np.concatenate(write_digit(label, rng)) for _ in range(100)]
        widths = np.array([np.ptp(points[:, 0]) / np.ptp(points[:, 1]) for points in written])
        assert len(np.unique(widths)) == 100, label
        assert np.quantile(widths, 0.9) > 1.3 * np.quantile(widths, 0.1), label
