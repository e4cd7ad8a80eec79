"""Boxes to lines, lines to what is written, and tables: known boxes, known answers."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.boxes import turn_box
from mnist_core.reading import Digit, Reading, Separator, with_digits
from mnist_core.reading.layout import find_lines, nearest_line

ASPECT = 0.6  # of a digit


def line(count, *, x=0.0, y=0.0, height=40.0, gap=0.3, degrees=0.0):
    """Boxes of digits along a line that falls by so many degrees."""
    step = (ASPECT + gap) * height
    at = np.arange(count) * step
    angle = np.deg2rad(degrees)
    left, top = x + at * np.cos(angle), y + at * np.sin(angle)
    return np.stack([left, top, np.full(count, ASPECT * height), np.full(count, height)], 1)


def lines_of(*parts):
    """The lines that are found in boxes given in any order, as numbers of the given lines."""
    boxes = np.concatenate(parts)
    owner = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = np.random.default_rng(0).permutation(len(boxes))
    found = find_lines(boxes[order])
    assert sorted(i for row in found for i in row) == list(range(len(boxes)))
    return [[int(owner[order[i]]) for i in row] for row in found], [
        [int(order[i]) for i in row] for row in found
    ]


@pytest.mark.parametrize("degrees", [-45, -30, -10, 0, 10, 30, 45])
def test_lines_of_any_slope(degrees):
    angle = np.deg2rad(degrees)
    down = 70 * np.array([-np.sin(angle), np.cos(angle)])
    parts = [line(6, x=i * down[0], y=i * down[1], degrees=degrees) for i in range(3)]
    owners, order = lines_of(*parts)
    assert owners == [[0] * 6, [1] * 6, [2] * 6]
    assert order == [list(range(6)), list(range(6, 12)), list(range(12, 18))]


def test_every_line_may_have_its_own_slope():
    parts = [line(7, y=0, degrees=-8), line(7, y=110, degrees=6), line(6, y=260, degrees=-15)]
    assert lines_of(*parts)[0] == [[0] * 7, [1] * 7, [2] * 6]


def test_very_tall_beside_small_digits_are_one_line():
    boxes = line(5)
    boxes[2] = (boxes[2, 0], boxes[2, 1] - 45, 24, 85)
    assert lines_of(boxes)[0] == [[0] * 5]


def test_a_line_that_drifts_is_one_line():
    boxes = line(12)
    boxes[:, 1] += 12 * np.sin(np.arange(12) / 2)
    assert lines_of(boxes)[0] == [[0] * 12]


def test_parts_far_apart_on_one_line_are_joined():
    parts = [line(3), line(3, x=400)]
    owners, _ = lines_of(*parts)
    assert owners == [[0, 0, 0, 1, 1, 1]]


def test_a_grid_of_single_digits_is_read_row_by_row():
    parts = [line(5, y=70 * i, gap=1.2) for i in range(5)]
    assert lines_of(*parts)[0] == [[i] * 5 for i in range(5)]


def test_numbers_below_each_other_stay_apart():
    parts = [line(n, x=100 - 36 * n, y=50 * i) for i, n in enumerate((3, 1, 2, 1, 1))]
    assert lines_of(*parts)[0] == [[i] * n for i, n in enumerate((3, 1, 2, 1, 1))]


def test_no_boxes_make_no_lines():
    assert find_lines(np.zeros((0, 4))) == []
    assert find_lines(np.array([[3.0, 4, 5, 6]])) == [[0]]


def test_many_boxes_are_fast_enough():
    boxes = np.concatenate([line(40, y=60 * i, gap=0.5) for i in range(20)])
    assert [len(row) for row in find_lines(boxes)] == [40] * 20


def test_a_mark_belongs_to_the_line_beside_it():
    boxes = np.concatenate([line(3), line(3, y=80)])
    others = np.array([[110.0, 36, 5, 5], [-30, 98, 16, 3], [900, 20, 5, 5]])
    assert nearest_line(boxes, [[0, 1, 2], [3, 4, 5]], others).tolist() == [0, 1, -1]


def written(text, *, height=40, spacing=0.3, space=1.6, rejected=""):
    """A reading of this text: letters that stand in `rejected` are found but not accepted."""
    digits, marks = [], []
    for number, row in enumerate(text.split("\n")):
        x = 10.0
        for sign in row:
            if sign == " ":
                x += space * height
                continue
            y = 20.0 + 80 * number
            if sign.isdigit() or sign in rejected:
                box = (round(x), round(y), round(ASPECT * height), height)
                value = int(sign) if sign.isdigit() else 4
                digits.append(digit(value, box, number, accepted=sign not in rejected))
            else:
                tall, low = {".": (0.1, 0.95), ",": (0.25, 0.9), "-": (0.08, 0.5)}.get(
                    sign, (1.1, -0.05)
                )
                wide = {"-": 0.4, "/": 0.5}.get(sign, 0.1)
                size = max(1, round(wide * height)), max(1, round(tall * height))
                box = (round(x), round(y + low * height), *size)
                marks.append(Separator("" if sign == "?" else sign, 0.9, box, number))
            x = box[0] + box[2] + spacing * height
    empty = Reading(tuple(digits), 2000, 1000, marks=tuple(marks))
    return with_digits(empty, digits)


def digit(value, box, line, *, accepted=True):
    image = np.zeros((28, 28), np.float32)
    return Digit(value, 0.9, 0.9, accepted, box, line, image, (0.1,) * 10)


@pytest.mark.parametrize(
    "text",
    [
        "12,54",
        "3.14",
        "24/12/2019",
        "-42",
        "123 147",
        "1",
        "12\n345",
        "1.234,56",
        "5-7",
        "+49 12-3",
    ],
)
def test_what_stands_in_the_picture_is_written(text):
    assert written(text).written == text
    assert written(text).text == "".join(c for c in text if c.isdigit() or c == "\n")


def test_digits_in_the_boxes_of_a_form_have_no_spaces():
    assert written("27415", spacing=1.4).written == "27415"


def test_a_letter_between_digits_leaves_no_space():
    assert written("4A7", rejected="A").written == "47"
    assert written("4?7").written == "47"


def test_words_between_digits_leave_the_space_that_they_stood_in():
    assert written("12 AB 50", rejected="AB").written == "12 50"
    assert written("7 ? 95").written == "7 95"


def test_digits_at_even_distances_across_separators_are_not_in_boxes():
    assert written("4,5   7,25").written == "4,5 7,25"


def test_a_point_before_all_digits_or_high_above_them_means_nothing():
    assert written(".12").written == "12"
    reading = written("12")
    high = Separator(".", 0.9, (36, 15, 4, 4), 0)
    moved = with_digits(Reading(reading.digits, 2000, 1000, marks=(high,)), reading.digits)
    assert moved.written == "12"


def test_other_digits_change_what_is_written():
    reading = written("12,54")
    assert with_digits(reading, reading.digits[1:]).written == "2,54"
    assert with_digits(reading, ()).written == ""


def test_a_remark_on_a_picture_without_digits_goes_once_there_are_some():
    reading = written("12", rejected="12")
    reading = replace(reading, remark="No digits were found.")
    assert with_digits(reading, reading.digits).remark == "No digits were found."
    accepted = [replace(digit, accepted=True) for digit in reading.digits]
    assert with_digits(reading, accepted).remark == ""
    found = replace(written("12"), remark="A digit touches the edge.")
    assert with_digits(found, found.digits[1:]).remark == "A digit touches the edge."


def test_a_table_has_rows_and_columns():
    text = "12 7 30 4\n8 15 9 21\n6 3 44 18\n50 2 1 7"
    digits, rows = [], text.split("\n")
    for number, row in enumerate(rows):
        for column, cell in enumerate(row.split(" ")):
            for place, sign in enumerate(cell):
                box = (40 + 120 * column + 30 * place, 20 + 80 * number, 24, 40)
                digits.append(digit(int(sign), box, number))
    reading = with_digits(Reading(tuple(digits), 600, 400), digits)
    assert reading.cells == tuple(tuple(row.split(" ")) for row in rows)
    assert reading.written == text


def test_an_empty_cell_stays_empty():
    digits = [
        digit(value, (40 + 120 * column, 20 + 80 * row, 24, 40), row)
        for row, values in enumerate([(1, 2, 3), (4, None, 6), (7, 8, 9)])
        for column, value in enumerate(values)
        if value is not None
    ]
    reading = with_digits(Reading(tuple(digits), 600, 400), digits)
    assert reading.cells == (("1", "2", "3"), ("4", "", "6"), ("7", "8", "9"))


def test_lines_that_do_not_stand_in_columns_are_no_table():
    assert written("123 45\n6 789 12\n3456 7").cells == ()
    assert written("123\n456").cells == ()


def test_a_turned_picture_is_written_as_it_stands_upright():
    upright = written("12,5")
    size = (upright.height, upright.width)

    def given(box):
        return turn_box(box, -90, (upright.width, upright.height))

    digits = [digit(d.digit, given(d.box), 0) for d in upright.digits]
    marks = tuple(Separator(m.sign, 0.9, given(m.box), 0) for m in upright.marks)
    turned = Reading(tuple(digits), size[0], size[1], turned=90, marks=marks)
    assert with_digits(turned, digits).written == "12,5"
