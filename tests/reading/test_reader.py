import io
import time
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mnist_core import reading, serving
from mnist_core.pictures import imaging, strokes
from mnist_core.reading import segmentation
from mnist_core.synthesis import handwriting

# One clear way to write each digit, among those that most people use.
NEAT = ("round", "soft flag", "plain", "round", "open round")
NEAT = (*NEAT, "one stroke", "curved", "curved leg", "from right", "straight")
NUMBER = "4071936258"
LINES = "4071\n936\n25806"
SECONDS = 5  # no picture may take longer


@pytest.fixture(scope="module")
def predictor():
    return serving.load_predictor()


class Says:
    """A predictor that takes everything for the same digit."""

    rejection_threshold = 0.5

    def __init__(self, digit=7, confidence=0.91):
        self.row = np.full(10, (1 - confidence) / 9, np.float32)
        self.row[digit] = confidence

    def predict_full(self, images):
        rows = np.tile(self.row, (len(images), 1))
        return serving.Prediction(rows, rows.max(axis=1), rows)


def write(number, height=70, *, pen=None, gap=0.35, margin=0.5):
    """Write a number, lines apart: its ink (h, w) in [0, 1], and the box of each digit's ink."""
    pen, rows = pen or height / 10, number.split("\n")
    paths, boxes = [], []
    for line, row in enumerate(rows):
        x, y = margin * height, (margin + 1.6 * line) * height
        for digit in row:
            parts = handwriting.write_digit(
                int(digit), np.random.default_rng(0), style=NEAT[int(digit)], variation=0
            )
            points = np.concatenate(parts) * height
            low, high = points.min(axis=0) - pen / 2, points.max(axis=0) + pen / 2
            paths += [part * height + [x - low[0], y] for part in parts]
            boxes.append((x, y + low[1], *(high - low)))
            x += high[0] - low[0] + gap * height
    ends = [(x + width, y + height) for x, y, width, height in boxes]
    size = np.ceil(np.max(ends, axis=0) + margin * height).astype(int)
    return strokes.draw(paths, tuple(size[::-1]), width=pen), boxes


def page(ink, *, paper=(238, 234, 224), pen=(45, 42, 50)):
    """Lay ink (h, w) in [0, 1] on paper; uint8 (h, w, 3)."""
    pixels = (1 - ink[..., None]) * np.float32(paper) + ink[..., None] * np.float32(pen)
    return np.round(pixels).astype(np.uint8)


def lit(pixels, light):
    return np.clip(pixels * np.asarray(light)[..., None], 0, 255).astype(np.uint8)


def grained(pixels, deviation, seed=0):
    grain = np.random.default_rng(seed).normal(0, deviation, (*pixels.shape[:2], 1))
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def rotated(ink, degrees):
    """Rotate ink counterclockwise on a page that is large enough."""
    height, width = ink.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    share = np.abs(turn[0, :2])
    size = np.ceil([share @ [width, height], share @ [height, width]]).astype(int)
    turn[:, 2] += (size - [width, height]) / 2
    return cv2.warpAffine(ink, turn, size.tolist())


def picture(pixels, scale=1):
    """Take pixels for an upright picture that was brought down by so much."""
    height, width = pixels.shape[:2]
    return imaging.Picture(
        np.ascontiguousarray(pixels), round(width * scale), round(height * scale)
    )


def read(pixels, predictor, **options):
    begin = time.process_time()
    found = reading.read(picture(pixels), predictor, **options)
    assert time.process_time() - begin < SECONDS
    check(found)
    return found


def check(found):
    """Check what is true of all readings."""
    for digit in found.digits:
        x, y, width, height = digit.box
        assert all(isinstance(side, int) for side in digit.box)
        assert min(x, y) >= 0
        assert min(width, height) >= 1
        assert x + width <= found.width
        assert y + height <= found.height
        assert digit.image.shape == (28, 28)
        assert digit.image.dtype == np.float32
        assert 0 <= digit.image.min() <= digit.image.max() <= 1
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-3)
        assert digit.digit == np.argmax(digit.probabilities)
        assert digit.confidence == pytest.approx(max(digit.probabilities))
        assert 0 <= digit.is_digit <= 1
    assert [digit.line for digit in found.digits] == sorted(digit.line for digit in found.digits)


def same_boxes(found, boxes, by):
    return np.abs(np.subtract([digit.box for digit in found.digits], boxes)).max() <= by


def same_middles(found, boxes, by):
    """Return whether boxes are where they should be; specks and shadows may make them larger."""
    middles = (np.array(b)[:, :2] + np.array(b)[:, 2:] / 2 for b in (boxes, boxes_of(found)))
    return np.abs(np.subtract(*middles)).max() <= by


def boxes_of(found):
    return [digit.box for digit in found.digits]


# one line of digits, on all sorts of paper


def ruled(pixels, *, squared=False, every=31):
    pixels = pixels.copy()
    for offset in (0, 1):
        pixels[every // 2 + offset :: every] = (150, 175, 205)
        if squared:
            pixels[:, every // 2 + offset :: every] = (150, 175, 205)
    return pixels


def framed(pixels, *, wide):
    pixels = pixels.copy()
    pixels[:wide] = pixels[-wide:] = pixels[:, :wide] = pixels[:, -wide:] = 40
    return pixels


def specked(pixels):
    pixels, rng = pixels.copy(), np.random.default_rng(0)
    for x, y in rng.integers(0, pixels.shape[1::-1], (60, 2)).tolist():
        cv2.circle(pixels, (x, y), int(rng.integers(1, 3)), (60, 55, 50), -1)
    return pixels


def shaded(pixels):
    down, across = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    hard = np.where(across + 0.4 * down > 0.55 * pixels.shape[1], 0.55, 1)
    return lit(pixels, hard * (1 - 0.35 * across / pixels.shape[1]))


PAPERS = {
    "dark on light": page,
    "light on dark": lambda ink: 255 - page(ink),
    "chalk": lambda ink: grained(page(ink, paper=(40, 70, 55), pen=(215, 220, 210)), 5),
    "blue ink": lambda ink: page(ink, pen=(40, 70, 190)),
    "red ink": lambda ink: page(ink, pen=(200, 40, 50)),
    "green ink": lambda ink: page(ink, pen=(20, 130, 60)),
    "pale pencil": lambda ink: page(ink, pen=(175, 175, 175)),
    "grain": lambda ink: grained(page(ink), 10),
    "shadow": lambda ink: shaded(page(ink)),
    "ruled": lambda ink: ruled(page(ink)),
    "squared": lambda ink: ruled(page(ink), squared=True),
    "frame": lambda ink: framed(page(ink), wide=15),
    "specks": lambda ink: specked(page(ink)),
}


@pytest.mark.parametrize("paper", PAPERS)
def test_a_number_is_read_from_any_paper(paper, predictor):
    ink, boxes = write(NUMBER)
    found = read(PAPERS[paper](ink), predictor)
    assert found.text == NUMBER
    assert all(digit.accepted for digit in found.digits)
    assert same_middles(found, boxes, by=20)


@pytest.mark.parametrize("height", [16, 30, 150])
def test_a_number_of_any_size_is_read(height, predictor):
    ink, boxes = write("38264", height)
    found = read(page(ink), predictor)
    assert found.text == "38264"
    assert same_boxes(found, boxes, by=2 + 0.08 * height)


def test_a_broken_digit_is_still_one(predictor):
    for at in [0.3, 0.5, 0.7]:
        for place in [0, 2, 4]:
            case = at, place
            ink, boxes = write("38259")
            x, y, width, height = np.int32(np.round(boxes[place]))
            ink[y + int(at * height) : y + int(at * height) + 4, x - 2 : x + width + 2] = 0
            found = read(page(ink), predictor)
            assert found.text == "38259", case
            assert same_boxes(found, boxes, by=6), case


def touching(number):
    """Write digits ever closer until their ink is one piece."""
    for gap in np.arange(0, -0.4, -0.02):
        ink, boxes = write(number, gap=gap)
        if len(segmentation.pieces((ink > 0.5).astype(np.uint8))[1]) == 1:
            return ink, boxes
    raise AssertionError(f"The digits of {number} never touch.")


@pytest.mark.parametrize("number", ["35", "47", "53", "27", "60"])
def test_digits_that_touch_are_cut(number, predictor):
    ink, boxes = touching(number)
    found = read(page(ink), predictor)
    assert found.text == number
    assert same_middles(found, boxes, by=10)


def test_digits_that_a_thin_stroke_joins_are_cut(predictor):
    ink, boxes = write("3745")
    ends = [(round(x + width), round(y + height / 2)) for x, y, width, height in boxes]
    x, y = ends[2]
    cv2.line(ink, (x - 30, y), (round(boxes[3][0]) + 20, y), 1.0, 3)
    assert read(page(ink), predictor).text == "3745"


# lines


def test_slanted_lines_of_writing_are_read(predictor):
    for degrees in [-30, -10, 0, 10, 30]:
        for number in [NUMBER, LINES]:
            case = degrees, number
            ink, _ = write(number)
            found = read(page(rotated(ink, degrees)), predictor)
            assert found.text == number, case
            assert [digit.line for digit in found.digits] == [
                line for line, row in enumerate(number.split("\n")) for _ in row
            ], case


@pytest.mark.parametrize("degrees", [-30, 30])
def test_boxes_of_slanted_lines_lie_in_the_picture_as_it_is(degrees, predictor):
    ink = rotated(write("38269")[0], degrees)
    *_, stats, _ = cv2.connectedComponentsWithStats((ink > 0.5).astype(np.uint8))
    boxes = sorted(stats[1:, :4].tolist())
    assert len(boxes) == 5
    found = read(page(ink), predictor)
    assert len(found.digits) == 5
    # A box that was level while the line was read is larger than the digit, around its middle.
    assert same_middles(found, boxes, by=14)


# one digit


def test_tiny_crops_are_read(predictor):
    for light in [False, True]:
        for size, least in [(8, 7), (12, 8), (16, 9), (20, 9), (28, 9)]:
            case = light, size, least
            right = 0
            for digit in range(10):
                crop = tight(digit, size)
                pixels = page(crop, paper=(255,) * 3, pen=(0,) * 3)
                found = read(255 - pixels if light else pixels, predictor, single=True)
                right += found.text == str(digit)
            assert right >= least, case


def tight(digit, size):
    """Cut out a digit without any margin; float (h, w), its longer side of so many pixels."""
    ink, ((x, y, width, height),) = write(str(digit), 200, pen=20)
    x, y, width, height = np.int32(np.round([x, y, width, height]))
    ink = ink[y : y + height, x : x + width]
    scale = size / max(ink.shape)
    shape = [max(3, round(side * scale)) for side in ink.shape[::-1]]
    return cv2.resize(ink, shape, interpolation=cv2.INTER_AREA)


def test_a_digit_that_fills_the_picture_is_read(predictor):
    for single in [False, True]:
        for digit in [0, 2, 3, 5, 8]:
            case = single, digit
            found = read(page(tight(digit, 300)), predictor, single=single)
            assert found.text == str(digit), case
            x, y, _, height = found.digits[0].box
            assert max(x, y) <= 6, case
            assert height >= 290, case


def test_single_digits_are_read_from_any_paper(predictor):
    for paper in ["shadow", "ruled", "squared", "specks", "light on dark"]:
        for digit in [3, 4, 7]:
            case = paper, digit
            ink, boxes = write(str(digit), 110, margin=0.4)
            found = read(PAPERS[paper](ink), predictor, single=True)
            assert found.text == str(digit), case
            assert same_middles(found, boxes, by=25), case


def test_a_single_digit_in_a_narrow_frame_is_read(predictor):
    for digit in [3, 4, 7]:
        ink, _ = write(str(digit), 110, margin=0.4)
        assert read(framed(page(ink), wide=6), predictor, single=True).text == str(digit), digit


def test_a_single_digit_is_what_was_asked_for(predictor):
    ink, _ = write("38264")
    assert len(read(page(ink), predictor, single=True).digits) == 1
    # Whatever is found counts then, however little it looks like a digit.
    (digit,) = read(page(ink), Says(confidence=0.2), single=True).digits
    assert digit.accepted


# pictures without writing


def blank(kind, shape):
    down, across = np.mgrid[: shape[0], : shape[1]] / np.reshape(shape, (2, 1, 1))
    light = {
        "even": np.ones(shape),
        "uneven": 1 - 0.25 * across - 0.1 * down,
        "shadow": cv2.GaussianBlur(np.where(across > 0.6, 0.6, 1.0), (0, 0), shape[1] / 40),
    }[kind.partition(",")[0]]
    pixels = lit(np.full((*shape, 3), (240, 236, 228), np.uint8), light)
    return grained(pixels, 3) if "grain" in kind else pixels


BLANK = ["even", "uneven", "shadow", "even, grain", "uneven, grain", "shadow, grain"]


def test_blank_pages_say_nothing(predictor):
    for shape in [(100, 100), (480, 640)]:
        for kind in BLANK:
            case = shape, kind
            assert read(blank(kind, shape), predictor).text == "", case


def clouds(rng, shape):
    soft = cv2.GaussianBlur(rng.random(shape).astype(np.float32), (0, 0), 4)
    return cv2.normalize(soft, None, 0, 255, cv2.NORM_MINMAX)


NOISES = {
    "grey": lambda rng, shape: rng.integers(0, 256, shape),
    "faint": lambda rng, shape: rng.normal(200, 20, shape),
    "salt": lambda rng, shape: np.where(rng.random(shape) < 0.02, 0, 255),
    "clouds": clouds,
}


def noise_picture(noise, shape):
    grey = np.clip(NOISES[noise](np.random.default_rng(0), shape), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize("shape", [(90, 120), (300, 400)])
@pytest.mark.parametrize("noise", NOISES)
def test_noise_does_no_harm(noise, shape):
    read(noise_picture(noise, shape), Says())


@pytest.mark.parametrize("noise", ["grey", "faint"])
def test_noise_gives_no_text(noise, predictor):
    assert read(noise_picture(noise, (120, 160)), predictor).text == ""


def opened(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return imaging.open_picture(file.getvalue())


def test_pictures_of_one_colour_say_nothing(predictor):
    for single in [False, True]:
        for shape in [(1, 1), (1, 5000), (5000, 1), (2, 2), (1, 7), (300, 200)]:
            case = single, shape
            for value in (0, 128, 255):
                found = reading.read(
                    opened(np.full((*shape, 3), value, np.uint8)), predictor, single=single
                )
                assert (found.digits, found.text) == ((), ""), case
                assert (found.width, found.height) == shape[::-1], case


def test_pictures_of_odd_shapes_do_no_harm(predictor):
    for single in [False, True]:
        for shape in [(1, 1), (1, 5000), (5000, 1), (2, 2), (1, 2), (3, 900)]:
            case = single, shape
            pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
            begin = time.process_time()
            found = reading.read(opened(pixels), predictor, single=single)
            assert time.process_time() - begin < SECONDS, case
            check(found)


def test_a_non_digit_is_left_out_of_the_text():
    ink, boxes = write("38264")
    found = read(page(ink), Says(confidence=0.2))
    assert found.text == ""
    assert len(found.digits) == len(boxes)
    assert not any(digit.accepted for digit in found.digits)
    assert read(page(ink), Says()).text == "77777"


# the text


DIGIT = reading.Digit(
    digit=7,
    confidence=0.9,
    is_digit=0.9,
    accepted=True,
    box=(1, 2, 3, 4),
    line=0,
    image=np.zeros((28, 28), np.float32),
    probabilities=(0.0,) * 7 + (1.0, 0.0, 0.0),
)


def digits(*rows):
    """Digits of lines such as "12?": a question mark is a digit that was not accepted."""
    return reading.Reading(
        tuple(
            replace(DIGIT, digit=int(sign.replace("?", "0")), accepted=sign != "?", line=line)
            for line, row in enumerate(rows)
            for sign in row
        ),
        width=100,
        height=100,
    )


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([], ""),
        (["1"], "1"),
        (["12", "345", "6"], "12\n345\n6"),
        (["1?2", "?3"], "12\n3"),
        (["12", "??", "34"], "12\n34"),
        (["??"], ""),
    ],
)
def test_the_text_has_the_accepted_digits_line_by_line(rows, text):
    assert digits(*rows).text == text


def test_lines_are_counted_from_the_top():
    ink, _ = write(LINES)
    found = read(page(ink), Says())
    assert found.text == "7777\n777\n77777"
    assert [digit.line for digit in found.digits] == [0] * 4 + [1] * 3 + [2] * 5


# pictures that were brought down


@pytest.mark.parametrize("scale", [1, 1.7, 4])
def test_boxes_are_reported_in_upright_pixels(scale):
    ink, boxes = write("38264")
    found = reading.read(picture(page(ink), scale), Says())
    assert (found.width, found.height) == tuple(round(s * scale) for s in ink.shape[::-1])
    check(found)
    assert same_boxes(found, np.multiply(boxes, scale), by=6 * scale)


def test_reading_leaves_the_picture_alone():
    pixels = page(write("38")[0])
    before = pixels.copy()
    reading.read(picture(pixels), Says())
    reading.read_boxes(picture(pixels), [(0, 0, 50, 50)], Says())
    assert np.array_equal(pixels, before)


# boxes that a person gave


@pytest.mark.parametrize("scale", [1, 2.5])
@pytest.mark.parametrize("light", [False, True])
def test_boxes_are_read_in_reading_order(light, scale, predictor):
    ink, boxes = write(LINES)
    pixels = 255 - page(ink) if light else page(ink)
    given = [tuple(scale * side for side in box) for box in boxes]
    shuffled = [given[i] for i in np.random.default_rng(0).permutation(len(given))]
    found = reading.read_boxes(picture(pixels, scale), shuffled, predictor)
    check(found)
    assert found.text == LINES
    assert same_boxes(found, given, by=5 * scale)


def test_a_box_has_one_digit_however_much_is_in_it(predictor):
    ink, boxes = write("38264")
    (x, y, _, height), (end, _, width, _) = boxes[0], boxes[1]
    both = (x, y, end + width - x, height)
    found = reading.read_boxes(picture(page(ink)), [both], predictor)
    (digit,) = found.digits
    assert digit.accepted
    assert same_boxes(found, [both], by=6)


def test_boxes_without_ink_are_left_out():
    ink, boxes = write("38264")
    given = [(2, 2, 20, 20), boxes[1], (5000, 5000, 10, 10)]
    given += [(-300, -300, 20, 20), (-30, -30, 20, 20)]
    found = reading.read_boxes(picture(page(ink)), given, Says())
    assert same_boxes(found, boxes[1:2], by=6)
    assert reading.read_boxes(picture(page(ink)), [(2, 2, 20, 20)], Says()).digits == ()
    assert reading.read_boxes(picture(page(ink)), [], Says()).digits == ()
    blank_page = np.full((50, 50, 3), 255, np.uint8)
    assert reading.read_boxes(picture(blank_page), [(0, 0, 50, 50)], Says()).digits == ()


def test_boxes_may_reach_beyond_the_picture():
    ink, _ = write("8")
    height, width = ink.shape
    given = [(-50, -70, width + 100, height + 200)]
    found = reading.read_boxes(picture(page(ink)), given, Says())
    check(found)
    assert len(found.digits) == 1


def test_whatever_a_person_boxed_counts():
    ink, boxes = write("38")
    found = reading.read_boxes(picture(page(ink)), boxes, Says(confidence=0.2))
    assert found.text == "77"


@pytest.mark.parametrize(
    "box",
    [
        (1, 2, 3),
        (1, 2, 3, 4, 5),
        (),
        (1, 2, 0, 4),
        (1, 2, 3, 0),
        (1, 2, -3, 4),
        (float("nan"), 2, 3, 4),
        (1, 2, float("inf"), 4),
    ],
)
def test_boxes_that_are_none_are_refused(box):
    with pytest.raises(ValueError, match=r"Expected boxes \(x, y, width, height\)"):
        reading.read_boxes(picture(page(write("8")[0])), [(0, 0, 50, 50), box], Says())


# ink that is known, from a canvas


def test_known_ink_is_read(predictor):
    ink, boxes = write(LINES)
    found = reading.read_ink(ink, predictor)
    check(found)
    assert found.text == LINES
    assert (found.height, found.width) == ink.shape
    assert same_boxes(found, boxes, by=4)


def test_known_ink_may_touch_the_edge(predictor):
    ink, _ = write("38264", margin=0)
    assert reading.read_ink(ink, predictor).text == "38264"


def test_a_blank_canvas_gives_no_text(predictor):
    for shape in [(1, 1), (1, 300), (100, 200)]:
        for value in [0.0, 0.3]:
            case = shape, value
            found = reading.read_ink(np.full(shape, value), predictor)
            assert (found.text, found.digits) == ("", ()), case


# whatever comes


@st.composite
def pictures(draw):
    """Small pictures of noise, blocks and strokes, in any polarity, perhaps brought down."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shape = draw(st.integers(1, 80)), draw(st.integers(1, 80))
    grey = rng.normal(rng.integers(0, 256), draw(st.sampled_from([0, 2, 60])), shape)
    for _ in range(draw(st.integers(0, 6))):
        points = rng.integers(-5, 85, (3, 2)).astype(np.int32)
        colour = int(rng.integers(0, 256))
        cv2.polylines(grey, [points], False, colour, int(rng.integers(1, 12)))
    pixels = np.clip(grey[..., None] * rng.uniform(0.6, 1, 3), 0, 255).astype(np.uint8)
    return picture(pixels, draw(st.sampled_from([1, 1.3, 6])))


@settings(max_examples=25, deadline=None)
@given(shown=pictures(), single=st.booleans())
def test_any_picture_is_read(shown, single):
    found = reading.read(shown, Says(), single=single)
    check(found)
    assert len(found.digits) <= 1 or not single
    assert (found.width, found.height) == (shown.width, shown.height)


SIDES = st.floats(0.1, 900)
BOXES = st.tuples(st.floats(-300, 600), st.floats(-300, 600), SIDES, SIDES)


@settings(max_examples=25, deadline=None)
@given(shown=pictures(), boxes=st.lists(BOXES, max_size=4))
def test_any_boxes_are_read(shown, boxes):
    found = reading.read_boxes(shown, boxes, Says())
    check(found)
    assert len(found.digits) <= len(boxes)


def test_of_more_pieces_than_can_be_read_the_largest_are_and_that_is_told(monkeypatch):
    monkeypatch.setattr(reading.segmented, "MOST", 9)
    ink = np.zeros((200, 400), np.float32)
    for place in range(12):
        height = 30 if place < 9 else 20
        ink[60 : 60 + height, 20 + 30 * place : 30 + 30 * place] = 1
    pixels = page(ink)
    found = reading.read(imaging.Picture(pixels, 400, 200), Says())
    assert len(found.digits) == 9
    assert "a part was left out" in found.remark
