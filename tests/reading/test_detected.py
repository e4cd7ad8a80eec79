"""Reading with a detector: a fake one that knows the page, and pages made by code."""

import cv2
import numpy as np
import pytest

from mnist_core import reading, serving
from mnist_core.pictures.crops import crop_digits
from mnist_core.pictures.imaging import Picture
from mnist_core.reading import Reading
from mnist_core.reading.detection import Marks
from mnist_core.reading.evidence import combine, digitness, lines_of, usual_height
from mnist_core.reading.remarks import REMARKS
from mnist_core.serving import Maps
from mnist_core.synthesis.pages import Mark, make_page
from support.fake_detector import Errors, FakeDetector

ERRORS = Errors(misses=0.05, confused=0.02, alarms=1, jitter=0.02)


class Blind:
    """A predictor that knows nothing."""

    rejection_threshold = 0.5

    def predict_full(self, images):
        rows = np.full((len(images), 10), 0.1, np.float32)
        return serving.Prediction(rows, np.full(len(images), 0.5, np.float32), rows)


class Says(Blind):
    """A predictor that takes everything for the same digit."""

    def __init__(self, digit, is_digit=0.9):
        self.digit, self.is_digit = digit, is_digit

    def predict_full(self, images):
        rows = np.full((len(images), 10), 0.005, np.float32)
        rows[:, self.digit] = 0.955
        return serving.Prediction(rows, np.full(len(images), self.is_digit, np.float32), rows)


def picture(pixels, scale=1):
    return Picture(pixels, pixels.shape[1] * scale, pixels.shape[0] * scale)


def read_page(kind, seed, errors=ERRORS, **options):
    page = make_page(np.random.default_rng([seed, 5]), kind=kind, held_out=True)
    detector = FakeDetector(page.pixels, page.marks, errors, turned=page.turned, seed=seed)
    found = reading.read(picture(page.pixels), Blind(), detector=detector, **options)
    return page, found


def blank(size=(200, 300), value=240):
    return np.full((*size, 3), value, np.uint8)


def beside(text, height=40.0, x=30.0, y=60.0, line=0):
    return [
        Mark(sign, (x + i * 0.9 * height, y, 0.6 * height, height), line)
        for i, sign in enumerate(text)
    ]


@pytest.mark.parametrize("kind", ["lines", "exams", "receipts", "turned", "edges", "single"])
def test_pages_are_read_with_a_detector_that_errs_a_little(kind):
    right = 0
    for seed in range(4):
        page, found = read_page(kind, seed)
        right += found.text == page.text
        assert found.turned in (page.turned, 0)
    assert right >= 3


def test_boxes_are_those_of_the_picture_as_it_was_given():
    page, found = read_page("turned", 1, Errors())
    assert found.turned == page.turned != 0
    boxes = {mark.box for mark in page.marks if mark.label.isdigit() and mark.line >= 0}
    for digit in found.digits:
        assert min(np.abs(np.subtract(digit.box, box)).max() for box in boxes) <= 3
    assert found.text == page.text


def test_boxes_grow_with_the_scale_of_the_picture():
    pixels, marks = blank(), beside("42")
    detector = FakeDetector(pixels, marks)
    found = reading.read(picture(pixels, scale=3), Blind(), detector=detector)
    assert found.text == "42"
    assert (found.width, found.height) == (900, 600)
    assert np.abs(np.subtract(found.digits[0].box, np.multiply(marks[0].box, 3))).max() <= 3


def test_what_was_struck_out_and_letters_do_not_count():
    pixels = blank()
    marks = [Mark("other", mark.box, -1) for mark in beside("86")]
    marks += beside("39", x=150)
    found = reading.read(picture(pixels), Blind(), detector=FakeDetector(pixels, marks))
    assert (found.text, found.written) == ("39", "39")


def test_the_classifier_decides_where_the_detector_is_torn():
    pixels, marks = blank(), beside("3")

    class Torn(FakeDetector):
        def maps(self, contrast):
            maps = super().maps(contrast)
            maps.classes[:] = 0.01
            maps.classes[..., [3, 5]] = 0.43
            return maps

    for digit in (3, 5):
        found = reading.read(picture(pixels), Says(digit), detector=Torn(pixels, marks))
        assert found.text == str(digit)
        assert found.digits[0].confidence > 0.7


def marks(scores, support, heights=None):
    """Marks that are digits, with these scores."""
    boxes = np.tile([0.0, 0, 20, 30], (len(scores), 1))
    boxes[:, 3] = 30 if heights is None else heights
    classes = np.zeros((len(scores), 16))
    classes[:, 3] = 1
    return Marks(boxes, np.array(scores), classes, np.array(support))


def test_what_neither_takes_for_a_digit_is_not_accepted():
    found = marks([0.3, 0.9], [0.2, 0.8])
    low, high = digitness(found, np.array([0.2, 0.9]), 0.4, None)
    assert low < 0.4 < high
    low, high = digitness(found, np.array([0.0, 0.0]), 0.0, None)
    assert low < 0.5 < high


@pytest.mark.parametrize("threshold", [0.0, 0.4])
def test_a_page_without_a_clear_digit_has_none(threshold):
    even, looks = threshold or 0.5, np.full(3, threshold)
    doubtful, clear = marks([0.5, 0.55, 0.5], [0.5] * 3), marks([0.5, 0.55, 0.9], [0.5] * 3)
    assert (digitness(doubtful, looks, threshold, None) < even).all()
    assert (digitness(doubtful, looks, threshold, None, single=True) > even).all()
    assert (digitness(clear, looks, threshold, None) > even).all()
    assert len(digitness(doubtful[np.zeros(3, bool)], looks[:0], threshold, None)) == 0


def test_what_more_scales_see_and_what_looks_like_a_digit_is_likelier_one():
    looks = np.array([0.5, 0.5])
    alone, supported = digitness(marks([0.6, 0.6], [0.2, 0.6]), looks, 0.4, None)
    assert alone < supported
    unlike, like = digitness(marks([0.6, 0.6], [0.5, 0.5]), np.array([0.1, 0.9]), 0.4, None)
    assert unlike < like


def test_what_is_smaller_than_the_others_is_less_likely_a_digit():
    found = marks([0.8] * 5, [0.7] * 5, [30, 32, 31, 29, 10])
    assert usual_height(found) == pytest.approx(30.5, abs=2)
    *others, small = digitness(found, np.full(5, 0.5), 0.4, usual_height(found))
    assert small < min(others)
    assert usual_height(marks([0.8], [0.7])) is None


def test_probabilities_of_both_are_multiplied():
    ours, theirs = np.full((1, 10), 0.1), np.full((1, 10), 0.05)
    theirs[0, 7] = 0.55
    said = serving.Prediction(theirs, np.ones(1), theirs)
    both = combine(ours, said)
    assert both.sum() == pytest.approx(1)
    assert both.argmax() == 7
    assert combine(ours, said, single=True)[0].argmax() == 7


def test_what_a_classifier_was_taught_counts_against_a_sure_detector():
    ours, before, after = np.full((3, 1, 10), 0.001)
    ours[0, 2], before[0, 2], after[0, 7] = 0.991, 0.991, 0.991

    def answer(untaught):
        said = serving.Prediction(after, np.ones(1), after, untaught)
        return combine(ours, said)[0].argmax()

    assert answer(None) == 2
    assert answer(after) == 2, "teaching has changed nothing here"
    assert answer(before) == 7


def test_one_digit_is_always_accepted():
    pixels = blank()
    marks = beside("7", height=90)
    found = reading.read(
        picture(pixels), Says(7, is_digit=0.01), single=True, detector=FakeDetector(pixels, marks)
    )
    assert [d.accepted for d in found.digits] == [True]
    assert (found.text, found.remark) == ("7", "")


def test_several_digits_instead_of_one_are_remarked_on():
    pixels, marks = blank(), beside("427", height=50)
    detector = FakeDetector(pixels, marks)
    found = reading.read(picture(pixels), Blind(), single=True, detector=detector)
    assert len(found.text) == 1
    assert found.remark == REMARKS["several"]


def test_one_digit_that_the_detector_misses_is_read_as_before():
    pixels = blank()
    pixels[60:140, 140:150] = 20
    found = reading.read(picture(pixels), Says(1), single=True, detector=FakeDetector(pixels, []))
    assert found.text == "1"


def test_one_digit_is_what_detector_and_cut_ink_say_together():
    pixels = blank()
    pixels[40:160, 140:155] = 20
    marks = beside("7", height=30, x=135)  # a part of what stands there
    detector = FakeDetector(pixels, marks)
    found = reading.read(picture(pixels), Says(1), single=True, detector=detector)
    assert found.text == "1"
    x, y, width, height = found.digits[0].box
    assert (x, y) == pytest.approx((140, 40), abs=4)
    assert (width, height) == pytest.approx((15, 120), abs=8)
    found = reading.read(picture(pixels), Blind(), single=True, detector=detector)
    assert found.text == "7"


def test_a_drawing_that_is_cut_like_a_digit_may_be_something_else():
    ink = np.zeros((200, 300), np.float32)
    cv2.ellipse(ink, (150, 100), (40, 60), 0, 0, 360, 1.0, 10)
    pixels = np.repeat(np.round(255 * (1 - ink)).astype(np.uint8)[..., None], 3, axis=2)
    missed = reading.read_ink(ink, Says(0), detector=FakeDetector(pixels, []))
    assert missed.text == "0"
    heart = Mark("other", (105.0, 35.0, 90.0, 130.0), -1)
    found = reading.read_ink(ink, Says(0), detector=FakeDetector(pixels, [heart]))
    assert found.text == ""


def test_nothing_and_too_little_contrast_are_remarked_on():
    pixels = blank()
    detector = FakeDetector(pixels, [])
    assert reading.read(picture(pixels), Blind(), detector=detector).remark == REMARKS["blank"]
    pixels[50:60, 50:250] -= 20
    detector = FakeDetector(pixels, [])
    assert reading.read(picture(pixels), Blind(), detector=detector).remark == REMARKS["faint"]
    pixels[50:60, 50:250] = 0
    detector = FakeDetector(pixels, [])
    assert reading.read(picture(pixels), Blind(), detector=detector).remark == REMARKS["nothing"]
    pixels = np.full((7, 9, 3), 255, np.uint8)
    detector = FakeDetector(pixels, [])
    assert reading.read(picture(pixels), Blind(), detector=detector).remark == REMARKS["small"]


def test_print_and_letters_are_remarked_on():
    pixels = blank()
    pixels[:20] = 0
    print_ = [Mark("other", (10.0 + 18 * place, 150.0, 14.0, 20.0), -1) for place in range(16)]
    only = reading.read(picture(pixels), Blind(), detector=FakeDetector(pixels, print_))
    assert (only.text, only.remark) == ("", REMARKS["letters"])
    marks = beside("42")
    mixed = reading.read(picture(pixels), Blind(), detector=FakeDetector(pixels, print_ + marks))
    assert (mixed.text, mixed.remark) == ("42", REMARKS["print"])
    few = reading.read(picture(pixels), Blind(), detector=FakeDetector(pixels, print_[:5] + marks))
    assert (few.text, few.remark) == ("42", "")


def test_a_digit_at_the_border_is_remarked_on():
    pixels, marks = blank(), beside("42", x=0.0)
    found = reading.read(picture(pixels), Blind(), detector=FakeDetector(pixels, marks))
    assert found.remark == REMARKS["cut"]


def test_a_box_drawn_by_hand_is_read_though_the_detector_finds_nothing():
    pixels = blank((1500, 1100))
    pixels[700:712, 500:506] = 30
    detector = FakeDetector(pixels, [])
    found = reading.read_boxes(picture(pixels), [(497, 698, 12, 16)], Says(1), detector=detector)
    assert (found.text, found.digits[0].accepted) == ("1", True)


def test_a_box_drawn_by_hand_takes_the_class_from_the_detector():
    class Knows:
        def maps(self, contrast):
            shape = (-(-contrast.shape[0] // 4), -(-contrast.shape[1] // 4))
            middle = shape[0] // 2, shape[1] // 2
            heat = np.full(shape, 0.01, np.float32)
            classes = np.full((*shape, 16), 1 / 16, np.float32)
            boxes = np.zeros((*shape, 4), np.float32)
            heat[middle] = 0.9
            classes[middle] = 0.01
            classes[middle][6] = 0.85
            height, width = contrast.shape
            boxes[...] = (width / 2 - 10, height / 2 - 14, 20, 28)
            return Maps(heat, classes, boxes)

    pixels = blank((400, 400))
    pixels[160:240, 180:220] = 30
    found = reading.read_boxes(picture(pixels), [(175, 150, 60, 100)], Blind(), detector=Knows())
    assert found.text == "6"
    assert (
        reading.read_boxes(picture(pixels), [(0, 0, 50, 50)], Blind(), detector=Knows()).text == ""
    )


def test_drawn_ink_is_read_by_the_detector():
    ink = np.zeros((200, 400), np.float32)
    marks = beside("1000", height=70)
    for mark in marks:
        x, y, w, h = map(int, mark.box)
        ink[y : y + h, x : x + w] = 1
    pixels = np.repeat(np.round(255 * (1 - ink)).astype(np.uint8)[..., None], 3, axis=2)
    found = reading.read_ink(ink, Blind(), detector=FakeDetector(pixels, marks))
    assert found.text == "1000"


def test_a_crop_holds_the_digit_without_its_neighbours():
    grey = np.ones((100, 200), np.float32)
    grey[30:70, 60:66] = 0.1
    grey[30:70, 76:116] = 0.1  # a neighbour
    (crop,) = crop_digits(grey, np.array([[58.0, 28, 10, 44]]))
    assert crop.max() > 0.9
    assert (crop.sum(axis=0) > 0.5).sum() <= 6
    light = crop_digits(1 - grey, np.array([[58.0, 28, 10, 44]]))[0]
    assert np.abs(light - crop).max() < 0.05
    assert not crop_digits(grey, np.array([[150.0, 20, 20, 40]])).any()


@pytest.mark.parametrize("box", [(-20, -20, 30, 40), (190, 90, 80, 80), (50, 50, 0.2, 0.3)])
def test_a_crop_at_the_border_or_of_nothing_is_possible(box):
    grey = np.random.default_rng(0).uniform(0, 1, (100, 200)).astype(np.float32)
    assert crop_digits(grey, np.array([box], float)).shape == (1, 28, 28)


def test_a_line_is_as_sure_as_its_digits():
    pixels, marks = blank(), beside("42") + beside("31", y=120, line=1)
    found = reading.read(picture(pixels), Blind(), detector=FakeDetector(pixels, marks))
    lines = lines_of(found)
    assert [line.text for line in lines] == ["42", "31"]
    assert all(0 < line.confidence < 1 for line in lines)
    assert lines_of(Reading((), 1, 1)) == ()
