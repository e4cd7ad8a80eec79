import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.reading import segmentation
from mnist_core.reading.segmentation import Ink, Piece

PAPER, PEN = (240, 238, 230), (40, 38, 44)


def page(ink, *, paper=PAPER, pen=PEN):
    """Lay ink (h, w), 0 or 1, on paper; uint8 (h, w, 3)."""
    return np.where(ink[..., None] > 0, np.uint8(pen), np.uint8(paper))


def strokes(shape, *lines, pen=8):
    """Draw polylines; uint8 (h, w), 1 where there is ink."""
    mask = np.zeros(shape, np.uint8)
    for line in lines:
        cv2.polylines(mask, [np.int32(line)], isClosed=False, color=1, thickness=pen)
    return mask


def squares(shape, *boxes):
    mask = np.zeros(shape, np.uint8)
    for x, y, width, height in boxes:
        mask[y : y + height, x : x + width] = 1
    return mask


def some(*boxes):
    return [Piece((label,), box) for label, box in enumerate(boxes, start=1)]


def boxes(found):
    return [piece.box for piece in found]


def overlap(a, b):
    """Return the share that two masks have in common of what either has."""
    return (a & b).sum() / (a | b).sum()


def ink_of(mask):
    return Ink(mask.astype(np.float32), mask, scale=1.0, contrast=1.0)


FOUR = ([(80, 20), (50, 90), (140, 90)], [(120, 40), (110, 150)])
SEVEN = ([(190, 25), (250, 25), (215, 150)],)
WRITING = strokes((180, 300), *FOUR, *SEVEN)


# ink: what is darker, or lighter, than the paper around it


@pytest.mark.parametrize("light", [False, True])
def test_ink_is_found_in_dark_and_in_light(light):
    pixels = page(WRITING)
    before = pixels.copy()
    ink = segmentation.find_ink(255 - pixels if light else pixels, light=light)
    assert ink.mask.shape == ink.strength.shape == (180, 300)
    assert (ink.mask.dtype, ink.strength.dtype, ink.scale) == (np.uint8, np.float32, 1)
    assert overlap(ink.mask, WRITING) > 0.75
    assert np.median(ink.strength[WRITING > 0]) == pytest.approx(1, abs=0.1)
    assert ink.strength.min() >= 0
    assert ink.strength[:10].max() < 0.05
    assert 0.5 < ink.contrast <= 1
    assert np.array_equal(pixels, before)


def test_any_colour_is_ink():
    for pen in [(30, 60, 200), (200, 40, 40), (20, 130, 60), (250, 220, 0), (190, 190, 190)]:
        ink = segmentation.find_ink(page(WRITING, pen=pen))
        assert overlap(ink.mask, WRITING) > 0.75, pen


def test_a_shadow_is_no_ink_even_along_its_hard_edge():
    down, across = np.mgrid[:180, :300]
    light = np.where(across > 160, 0.5, 1) * (1 - 0.3 * down / 180)
    ink = segmentation.find_ink((page(WRITING) * light[..., None]).astype(np.uint8))
    near = cv2.dilate(WRITING, np.ones((9, 9), np.uint8))
    assert overlap(ink.mask, WRITING) > 0.7
    assert ink.mask[near == 0].sum() == 0


def test_pale_smudges_are_no_ink():
    pixels = page(WRITING)
    pixels[160:170, 20:60] = 190
    assert segmentation.find_ink(pixels).mask[155:175, 15:65].sum() == 0


def test_small_pictures_are_enlarged():
    for size in [8, 20, 28, 60]:
        pixels = np.full((size, size, 3), 255, np.uint8)
        pixels[size // 4 : -(size // 4), size // 2] = 0
        ink = segmentation.find_ink(pixels)
        assert ink.mask.shape[0] >= 90, size
        assert np.array(ink.mask.shape) * ink.scale == pytest.approx(size, abs=0.5), size
        left, top, width, height = np.array(cv2.boundingRect(ink.mask)) * ink.scale
        assert (left + width / 2, width) == pytest.approx((size // 2 + 0.5, 1), abs=1), size
        assert (top, height) == pytest.approx((size // 4, size - 2 * (size // 4)), abs=1), size


def test_pictures_of_one_colour_have_no_ink():
    for light in [False, True]:
        for shape in [(1, 1), (2, 3), (1, 1600), (1600, 1), (20, 20), (300, 200)]:
            for value in [0, 128, 255]:
                case = light, shape, value
                ink = segmentation.find_ink(np.full((*shape, 3), value, np.uint8), light=light)
                assert ink.mask.sum() == 0, case
                assert np.isfinite(ink.strength).all(), case
                assert ink.contrast == 0, case


def test_clear_pictures_have_one_polarity():
    assert segmentation.polarities(page(WRITING)) == (False,)
    assert segmentation.polarities(255 - page(WRITING)) == (True,)
    half = page(WRITING)
    half[:, 150:] = 255 - half[:, 150:]
    assert sorted(segmentation.polarities(half)) == [False, True]


def test_the_share_of_the_edge_is_counted():
    mask = np.zeros((10, 20), np.uint8)
    assert segmentation.edge_share(mask) == 0
    mask[0] = 1
    # The upper edge has 20 of the edges' 60 pixels; its ends lie on the other edges as well.
    assert segmentation.edge_share(mask) == pytest.approx(22 / 60)
    assert segmentation.edge_share(np.ones((10, 20), np.uint8)) == 1


# pieces


def test_pieces_are_connected_components():
    mask = squares((50, 90), (5, 10, 20, 30), (40, 12, 8, 8), (48, 20, 10, 6))
    before = mask.copy()
    labels, found = segmentation.pieces(mask)
    assert boxes(found) == [(5, 10, 20, 30), (40, 12, 18, 14)]  # corners that touch are connected
    assert labels.dtype == np.int32
    for piece in found:
        own = np.isin(labels, piece.labels).astype(np.uint8)
        assert cv2.boundingRect(own) == piece.box
    assert np.array_equal(labels > 0, mask > 0)
    assert np.array_equal(mask, before)


def test_blank_ink_has_no_pieces():
    labels, found = segmentation.pieces(np.zeros((9, 9), np.uint8))
    assert (found, labels.max()) == ([], 0)


def test_grain_is_cut_short_and_the_tallest_pieces_stay():
    mask = np.zeros((200, 200), np.uint8)
    mask[::4, ::4] = 1
    mask[101:141, 101] = 1
    found = segmentation.pieces(mask)[1]
    assert len(found) <= 1000
    assert max(piece.box[3] for piece in found) >= 40


def test_pieces_around_pieces_are_limited():
    rings = np.zeros((100, 100), np.uint8)
    for k in range(0, 50, 2):
        cv2.rectangle(rings, (k, k), (99 - k, 99 - k), 1)
    areas = [w * h for _, _, w, h in boxes(segmentation.pieces(rings)[1])]
    assert len(areas) > 3
    assert sum(areas) <= 6 * rings.size


def test_joined_pieces_keep_their_labels_and_share_a_box():
    piece = segmentation.join(some((10, 20, 5, 30), (2, 25, 4, 4), (12, 60, 20, 5)))
    assert piece == Piece((1, 2, 3), (2, 20, 30, 45))
    assert piece.middle == (17, 42.5)


@pytest.mark.parametrize(
    ("heights", "expected"),
    # Each height counts as its square: of 1, 4, 9 the half, 7, is passed at the third.
    [([40], 40), ([1, 2, 3], 3), ([3, 3, 3, 3, 40, 42, 41], 41), ([5] * 30 + [50], 50)],
)
def test_tall_pieces_tell_the_height_of_the_digits(heights, expected):
    found = some(*((0, 0, 5, height) for height in heights))
    assert segmentation.digit_height(found) == expected


DIGITS = ((20, 30, 25, 40), (70, 32, 22, 38), (120, 28, 24, 41))


@pytest.mark.parametrize(
    "frame",
    [
        (0, 0, 200, 100),
        (0, 95, 200, 5),
        (0, 0, 3, 100),
        (170, 0, 30, 100),
        (150, 60, 50, 4),
    ],
)
def test_what_reaches_in_from_outside_is_left_out(frame):
    found = segmentation.without_margins(some(*DIGITS, frame), (100, 200))
    assert boxes(found) == list(DIGITS)


def test_a_frame_around_a_long_number_is_left_out():
    found = some(*DIGITS, (0, 0, 900, 100))
    assert boxes(segmentation.without_margins(found, (100, 900))) == list(DIGITS)


def test_a_digit_may_touch_the_edge():
    found = some(*DIGITS, (176, 30, 24, 40))
    assert segmentation.without_margins(found, (100, 200)) == found


def test_alone_it_may_touch_all_edges():
    found = some((0, 0, 60, 100))
    assert segmentation.without_margins(found, (100, 60)) == found
    found = some((0, 0, 60, 100), (20, 20, 4, 4))
    assert segmentation.without_margins(found, (100, 60)) == found


def test_parts_are_joined_to_the_digit_they_broke_off():
    digit, bar, speck, comma = (20, 20, 30, 60), (24, 8, 34, 6), (100, 40, 3, 3), (58, 78, 4, 12)
    (found,) = segmentation.gather(some(digit, bar, speck, comma), 60)
    assert found.labels[:2] == (1, 2)
    assert found.box[:2] == (20, 8)


def test_halves_of_one_digit_are_joined():
    found = segmentation.gather(some((20, 20, 30, 44), (22, 66, 28, 14), (90, 20, 30, 60)), 60)
    assert boxes(found) == [(20, 20, 30, 60), (90, 20, 30, 60)]


def test_small_digits_far_from_others_stay_themselves():
    small, tall = (20, 40, 14, 30), (80, 10, 30, 60)
    assert sorted(boxes(segmentation.gather(some(small, tall), 60))) == [small, tall]


def test_what_is_joined_is_no_larger_than_a_digit():
    line, digit = (10, 84, 300, 4), (20, 20, 30, 60)
    assert boxes(segmentation.gather(some(line, digit), 60)) == [digit]


def test_the_main_piece_is_large_and_in_the_middle():
    middle, corner, speck = (80, 60, 40, 80), (0, 0, 50, 70), (100, 10, 3, 3)
    assert segmentation.main_piece(some(corner, speck, middle), (200, 200)).box == middle


def test_the_main_piece_has_its_parts():
    stem, bar, far = (60, 60, 30, 80), (66, 46, 50, 8), (0, 160, 20, 20)
    piece = segmentation.main_piece(some(stem, bar, far), (200, 200))
    assert piece == Piece((1, 2), (60, 46, 56, 94))


# cuts


def discs(count, *, radius=20, bridge=4):
    """A row of discs that a thin bridge holds together; where the bridges' middles are."""
    step = 2 * radius + 10
    mask = np.zeros((2 * radius + 9, count * step), np.uint8)
    for place in range(count):
        cv2.circle(mask, (step // 2 + place * step, radius + 4), radius, 1, -1)
    top = radius + 4 - bridge // 2
    mask[top : top + bridge, step // 2 : -step // 2] = 1
    return mask, [step * place for place in range(1, count)]


def test_discs_are_cut_at_the_bridges_between_them():
    for bridge in [2, 4, 6]:
        for count in [2, 3]:
            case = bridge, count
            mask, bridges = discs(count, bridge=bridge)
            labels, (piece,) = segmentation.pieces(mask)
            atoms, costs = segmentation.cut(mask.astype(np.float32), labels, piece, 8)
            assert len(atoms) == len(costs) + 1, case
            ends = [atom.box[0] + atom.box[2] for atom in atoms[:-1]]
            for place in bridges:
                # Through a disc a cut costs far more than through a bridge.
                cost, end = min(zip(costs, ends, strict=True), key=lambda cut: abs(cut[1] - place))
                assert (cost, end) == (pytest.approx(bridge, abs=1), pytest.approx(place, abs=6)), (
                    case
                )
            assert np.array_equal(labels > 0, mask > 0), case
            for atom in atoms:
                own = np.isin(labels, atom.labels).astype(np.uint8)
                assert cv2.boundingRect(own) == atom.box, case


def test_no_more_cuts_are_made_than_asked_for():
    for cuts in [1, 2, 3, 8]:
        mask, _ = discs(5)
        labels, (piece,) = segmentation.pieces(mask)
        atoms, costs = segmentation.cut(mask.astype(np.float32), labels, piece, cuts)
        assert 1 <= len(costs) <= cuts, cuts
        assert len(atoms) == len(costs) + 1, cuts


def test_cuts_leave_other_pieces_alone():
    mask, _ = discs(2)
    mask = np.vstack([mask, squares((20, mask.shape[1]), (5, 5, 40, 10))])
    labels, found = segmentation.pieces(mask)
    before = labels.copy()
    segmentation.cut(mask.astype(np.float32), labels, found[0], 1)
    assert np.array_equal(labels[50:], before[50:])
    assert labels.max() > before.max()


def test_thin_pieces_are_not_cut():
    for shape in [(1, 1), (60, 3), (1, 200), (200, 7)]:
        mask = np.ones(shape, np.uint8)
        labels, (piece,) = segmentation.pieces(mask)
        atoms, costs = segmentation.cut(mask.astype(np.float32), labels, piece, 3)
        assert boxes(atoms)[0][:2] == (0, 0), shape
        assert len(atoms) == len(costs) + 1, shape


# lines


def row(degrees, *, count=6, x=50, y=200, step=40, size=24):
    """Squares in a line that falls by so many degrees; their boxes."""
    turn = np.deg2rad(degrees)
    return [
        (round(x + i * step * np.cos(turn)), round(y + i * step * np.sin(turn)), size, size)
        for i in range(count)
    ]


def test_the_slope_of_lines_is_measured():
    for degrees in [-40, -30, -10, -3, 0, 5, 10, 30, 40]:
        assert segmentation.slope(some(*row(degrees)), 24) == pytest.approx(degrees, abs=1), degrees
        two = some(*row(degrees), *row(degrees, y=290))
        assert segmentation.slope(two, 24) == pytest.approx(degrees, abs=2), degrees


@pytest.mark.parametrize(
    "found", [[], some((0, 0, 20, 30)), some((0, 0, 20, 30), (50, 20, 20, 30))]
)
def test_the_slope_of_a_few_pieces_cannot_be_estimated(found):
    assert segmentation.slope(found, 30) == 0


def test_steep_lines_have_no_slope():
    assert segmentation.slope(some(*row(80)), 24) == 0


def test_specks_do_not_change_the_slope():
    specks = [(x, y, 4, 4) for x, y in ((60, 300), (110, 20), (190, 330), (240, 60))]
    assert segmentation.slope(some(*row(10), *specks), 24) == pytest.approx(10, abs=1)


def test_lines_are_read_from_the_top_each_from_the_left():
    grid = [(x, y + x // 30, 20, 30) for y in (10, 60, 110) for x in (5, 40, 80, 120)]
    shuffled = np.random.default_rng(0).permutation(len(grid))
    rows = segmentation.lines(some(*(grid[i] for i in shuffled)))
    assert [boxes(row) for row in rows] == [grid[:4], grid[4:8], grid[8:]]


def test_a_line_may_rise_slowly_by_more_than_its_height():
    rising = [(40 * i, 200 - 6 * i, 20, 30) for i in range(12)]
    assert [boxes(row) for row in segmentation.lines(some(*rising))] == [rising]


def test_no_pieces_make_no_lines():
    assert segmentation.lines([]) == []


def test_ink_is_levelled_and_its_places_are_known():
    for degrees in [-30, -10, 0, 10, 45]:
        places = row(degrees)
        ink = ink_of(squares((500, 400), *places))
        level, back = segmentation.rotated(ink, degrees)
        found = segmentation.pieces(level.mask)[1]
        assert len(found) == len(places), degrees
        tops = [piece.middle[1] for piece in found]
        assert np.ptp(tops) < 2.5, degrees
        middles = sorted(tuple(back @ [*piece.middle, 1]) for piece in found)
        expected = sorted((x + w / 2, y + h / 2) for x, y, w, h in places)
        assert np.abs(np.subtract(middles, expected)).max() < 1.5, degrees
        assert int(level.mask.sum()) == pytest.approx(int(ink.mask.sum()), rel=0.06), degrees
        assert level.strength.sum() == pytest.approx(ink.strength.sum(), rel=0.02), degrees


# rules: the lines of ruled and squared paper


def ruled(mask, *, every=36, thick=2, upright=False):
    """Return the ink of ruled paper, without what is written on it."""
    lines = np.zeros_like(mask)
    for offset in range(thick):
        lines[every // 2 + offset :: every] = 1
        if upright:
            lines[:, every // 2 + offset :: every] = 1
    return lines


def test_the_rules_of_paper_go_and_the_writing_stays():
    for upright in [False, True]:
        for thick in [1, 2, 3]:
            case = upright, thick
            lines = ruled(WRITING, thick=thick, upright=upright)
            cleaned = segmentation.without_rules(WRITING | lines)
            # Within a stroke's width of a crossing nobody knows whose ink it is.
            near = cv2.dilate(WRITING, np.ones((9, 9), np.uint8)) > 0
            assert cleaned[~near].sum() < 0.02 * lines[~near].sum(), case
            assert cleaned[WRITING > 0].mean() > 0.9, case
            assert cleaned.flags.c_contiguous, case


def test_writing_without_rules_stays_as_it_is():
    mask = WRITING.copy()
    assert np.array_equal(segmentation.without_rules(mask), WRITING)
    assert np.array_equal(mask, WRITING)


SPANNING = {
    "1": strokes((120, 60), [(30, 0), (30, 119)], pen=10),
    "leaning 1": strokes((120, 60), [(36, 0), (26, 119)], pen=10),
    "4": strokes((120, 90), [(30, 0), (5, 70), (89, 70)], [(60, 30), (60, 119)], pen=9),
    "4, the bar across": strokes(
        (120, 90), [(30, 5), (8, 66)], [(0, 68), (89, 68)], [(62, 0), (62, 119)]
    ),
    "7": strokes((120, 80), [(0, 6), (75, 6), (40, 119)], pen=10),
    "2": strokes((120, 80), [(5, 30), (40, 5), (70, 35), (5, 112), (79, 112)], pen=10),
    "5": strokes((120, 80), [(79, 5), (12, 5), (8, 55), (60, 60), (60, 110), (5, 114)], pen=10),
}


def test_strokes_that_span_the_picture_are_no_rules():
    for name in SPANNING:
        mask = SPANNING[name]
        assert segmentation.without_rules(mask)[mask > 0].mean() > 0.98, name


def test_long_strokes_of_a_number_are_no_rules():
    mask = strokes((90, 400), *([(40 * i + 30, 10), (40 * i + 30, 80)] for i in range(9)))
    assert segmentation.without_rules(mask)[mask > 0].mean() > 0.98


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2), (40, 60)])
@pytest.mark.parametrize("value", [0, 1])
def test_rules_of_odd_pictures(shape, value):
    mask = np.full(shape, value, np.uint8)
    assert segmentation.without_rules(mask).shape == shape


# whatever comes


MASKS = st.builds(
    lambda seed, height, width, share, block: cv2.resize(
        (np.random.default_rng(seed).random((height, width)) < share).astype(np.uint8),
        None,
        fx=block,
        fy=block,
        interpolation=cv2.INTER_NEAREST,
    ),
    st.integers(0, 2**32),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0, 0.02, 0.3, 0.6, 1]),
    st.integers(1, 8),
)


@settings(max_examples=40, deadline=None)
@given(mask=MASKS)
def test_any_ink_is_sorted_into_lines(mask):
    labels, found = segmentation.pieces(segmentation.without_rules(mask))
    found = segmentation.without_margins(found, mask.shape)
    if not found:
        return
    height = segmentation.digit_height(found)
    gathered = segmentation.gather(found, height)
    rows = segmentation.lines(gathered)
    assert sorted(piece.labels for row in rows for piece in row) == sorted(
        piece.labels for piece in gathered
    )
    assert -50 <= segmentation.slope(gathered, height) <= 50
    area = (labels > 0).sum()
    for piece in [segmentation.main_piece(found, mask.shape), *gathered[:5]]:
        atoms, _ = segmentation.cut(mask.astype(np.float32), labels, piece, 4)
        for x, y, across, down in boxes([piece, *atoms]):
            assert min(x, y) >= 0
            assert min(across, down) >= 1
            assert x + across <= mask.shape[1]
            assert y + down <= mask.shape[0]
    assert (labels > 0).sum() == area
