"""What corrections do to a reading, and the files that results become."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.reading import Digit, Reading
from mnist_core.reading.records import DigitRecord, Record
from ui.upload.boxes import from_drawing, to_drawing
from ui.upload.corrections import (
    Correction,
    apply_correction,
    boxes_of,
    overlap,
    with_own,
)
from ui.upload.result import Result, record_of

BOXES = ((10, 10, 20, 40), (40, 10, 20, 40), (10, 80, 20, 40))


def digit(value, box, *, line=0, confidence=0.99, accepted=True) -> Digit:
    rest = (1 - confidence) / 9
    probabilities = tuple(confidence if place == value else rest for place in range(10))
    image = np.zeros((28, 28), np.float32)
    return Digit(value, confidence, confidence, accepted, box, line, image, probabilities)


@pytest.fixture
def reading() -> Reading:
    """04 in the first line, and a 7 that is not accepted in the second."""
    first, second, third = BOXES
    digits = (
        digit(0, first),
        digit(4, second, confidence=0.6),
        digit(7, third, line=1, confidence=0.3, accepted=False),
    )
    return Reading(digits, 200, 150)


def corrected(reading, correction=None, in_boxes=(), **known) -> Result:
    result = Result("a.png", **known)
    return apply_correction(result, reading, correction or Correction(), in_boxes)


def test_without_corrections_a_result_holds_what_was_read(reading):
    result = corrected(reading)
    assert result.text == reading.text == "04"
    assert [mark.state for mark in result.marks] == ["sure", "doubtful", "out"]
    assert result.lowest == 0.6
    assert not result.corrected


@pytest.mark.parametrize(
    ("place", "own", "text", "state"),
    [
        (0, 3, "34", "own"),
        (1, None, "0", "own_out"),
        (2, 7, "04\n7", "own"),
        (0, 0, "04", "sure"),
        (2, None, "04", "out"),
    ],
)
def test_a_persons_digit_takes_the_place_of_the_one_read(reading, place, own, text, state):
    changed = with_own(Correction(), reading.digits[place], own)
    result = corrected(reading, changed)
    assert result.text == text
    assert result.marks[place].state == state
    assert result.corrected == state.startswith("own")
    back = with_own(changed, reading.digits[place], [0, 4, None][place])
    assert corrected(reading, back) == corrected(reading)


def test_the_lowest_confidence_is_that_of_the_networks_digits(reading):
    changed = with_own(Correction(), reading.digits[1], 9)
    assert corrected(reading, changed).lowest == 0.99
    assert corrected(reading, with_own(changed, reading.digits[0], 1)).lowest is None


def test_who_moves_one_box_keeps_the_others_and_the_own_digits(reading):
    moved = (41, 12, 20, 40)
    boxes = (BOXES[0], moved, BOXES[2])
    found = (
        digit(8, (11, 11, 18, 38)),  # closer around its ink than the box
        digit(5, (43, 14, 15, 36)),
        digit(1, BOXES[2], line=1),
    )
    own = with_own(Correction(boxes), reading.digits[0], 6)
    result = corrected(reading, own, found)
    assert result.text == "65"
    assert [mark.read.box for mark in result.marks] == list(boxes)
    assert result.marks[0].read.digit == 0
    assert result.corrected
    assert result.empty_boxes == 0


def test_boxes_without_ink_are_counted_and_no_boxes_are_not_read(reading):
    found = reading.digits[:1]
    result = corrected(reading, Correction(BOXES[:2]), found)
    assert (result.text, result.empty_boxes) == ("0", 1)
    empty = corrected(reading, Correction(()))
    assert (empty.text, empty.marks, empty.corrected) == ("", (), True)


def test_each_digit_gets_the_box_it_overlaps_most():
    digits = [digit(1, (0, 0, 10, 10)), digit(2, (4, 0, 10, 10))]
    boxes = [(3, 0, 12, 10), (0, 0, 11, 10), (50, 50, 5, 5)]
    assert boxes_of(digits, boxes) == [boxes[1], boxes[0]]


@pytest.mark.parametrize(
    ("other", "share"),
    [((0, 0, 10, 10), 1), ((5, 0, 10, 10), 1 / 3), ((10, 0, 5, 5), 0), ((90, 90, 1, 1), 0)],
)
def test_overlap(other, share):
    assert overlap((0, 0, 10, 10), other) == pytest.approx(share)


def test_a_record_holds_the_corrections(reading):
    changed = with_own(with_own(Correction(), reading.digits[1], 9), reading.digits[2], None)
    changed = with_own(changed, reading.digits[0], None)
    record = record_of(corrected(reading, changed))
    assert (record.file, record.text, record.error, record.corrected) == ("a.png", "9", None, True)
    assert record.digits == (
        DigitRecord(0, 0.99, 0.99, accepted=False, box=BOXES[0], corrected=True),
        DigitRecord(9, 0.4 / 9, 0.6, accepted=True, box=BOXES[1], corrected=True),
        DigitRecord(7, 0.3, 0.3, accepted=False, box=BOXES[2], line=1),
    )


def test_a_result_holds_what_the_reading_tells(reading):
    known = {"written": "0-4", "turned": 90, "remark": "It is dark.", "cells": (("0", "4"),)}
    result = corrected(replace(reading, **known), page=2, pages=3)
    assert (result.written, result.turned, result.remark) == ("0-4", 90, "It is dark.")
    assert result.cells == (("0", "4"),)
    record = record_of(result)
    assert (record.page, record.text, record.written) == (2, "04", "0-4")
    assert (record.turned, record.remark) == (90, "It is dark.")


def test_what_is_written_follows_corrections(reading):
    changed = with_own(Correction(), reading.digits[0], 3)
    result = corrected(replace(reading, written="0-4"), changed)
    assert result.written.replace("-", "") == result.text == "34"


def test_the_boxes_of_a_turned_picture_are_those_of_the_picture_as_it_came(reading):
    """200 x 150 pixels after a turn by 90 degrees: it came 150 wide and 200 high."""
    result = corrected(replace(reading, turned=180), by_hand=90)
    record = record_of(result)
    assert record.turned == 270
    assert [digit.box for digit in record.digits] == [
        (10, 170, 40, 20),
        (10, 140, 40, 20),
        (80, 170, 40, 20),
    ]


def test_a_record_holds_the_error():
    assert record_of(Result("b.png", error="The file is empty.")) == Record(
        "b.png", error="The file is empty."
    )


def test_moved_boxes_are_a_correction_of_the_record(reading):
    found = reading.digits[:1]
    record = record_of(corrected(reading, Correction(BOXES[:1]), found))
    assert record.corrected
    assert [digit.corrected for digit in record.digits] == [False]


def objects(boxes, correction=None, scale=1.0):
    return json.loads(to_drawing(boxes, correction or Correction(), scale))


SIZES = st.integers(30, 9000)
SHARES = st.tuples(*[st.floats(0.0, 0.7)] * 2, *[st.floats(0.05, 0.3)] * 2)


@given(SIZES, SIZES, st.lists(SHARES, max_size=5))
def test_boxes_come_back_from_the_canvas_as_they_went(width, height, shares):
    sides = (width, height, width, height)
    boxes = tuple(
        dict.fromkeys(
            tuple(max(1, int(share * side)) for share, side in zip(box, sides, strict=True))
            for box in shares
        )
    )
    scale = 640 / max(width, height)
    visible = [box for box in boxes if min(box[2:]) * scale >= 8]
    drawing = objects(boxes, scale=scale)
    for thing in drawing["objects"]:  # Fabric.js stores four decimals
        thing.update({side: round(thing[side], 4) for side in ("left", "top", "width", "height")})
    result = Result("a.png", width=width, height=height)
    back = from_drawing(drawing, Correction(), (), result, scale)
    assert list(back.boxes or ()) == visible


def test_the_canvas_knows_own_digits_by_their_labels(reading):
    result = corrected(reading)
    own = Correction(None, {BOXES[0]: 3, BOXES[2]: None})
    drawing = objects(BOXES, own)
    assert [thing["label"] for thing in drawing["objects"]] == ["3", "", ""]
    assert from_drawing(drawing, own, BOXES, result, 1.0) == own
    drawing["objects"][1]["label"] = " 8 "
    drawing["objects"][0]["label"] = "no digit"
    back = from_drawing(drawing, own, BOXES, result, 1.0)
    assert back == Correction(None, {BOXES[1]: 8, BOXES[2]: None})


def test_boxes_are_scaled_cut_to_the_picture_and_dropped_if_tiny(reading):
    result = corrected(reading)
    drawing = objects([BOXES[0], (150, 100, 90, 90), (0, 0, 4, 50), (300, 10, 20, 20)])
    drawing["objects"][0] |= {"scaleX": 2, "scaleY": 0.5}
    drawing["objects"].append({"type": "Path"})
    back = from_drawing(drawing, Correction(), BOXES, result, 1.0)
    assert back.boxes == ((10, 10, 40, 20), (150, 100, 50, 50))
