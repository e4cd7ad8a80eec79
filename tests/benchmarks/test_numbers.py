"""How the benchmark of synthetic pages counts."""

import json
import sys

import numpy as np
import pytest

from benchmarks import numbers
from mnist_core.reading import Digit, Reading
from support.fake_detector import Errors, FakeDetector


def reading_of(text):
    digits = tuple(
        Digit(int(sign), 0.99, 0.99, True, (20 * x, 50 * y, 15, 30), y, np.zeros((28, 28)), ())
        for y, row in enumerate(text.split("\n"))
        for x, sign in enumerate(row)
    )
    return Reading(digits, 500, 500)


def page(kind="lines", first=3):
    (made,) = numbers.pages([kind], 1, first, None)
    return made


def test_pages_are_the_same_for_the_same_number():
    assert np.array_equal(page().pixels, page().pixels)
    assert not np.array_equal(page().pixels, page(first=4).pixels)


def test_what_is_right_is_counted_right():
    made = page()
    found = reading_of(made.text)
    outcome = numbers.outcome_of(made, found, 0.5)
    assert outcome.is_right
    assert outcome.is_written_right == (made.written == made.text)
    assert (outcome.edits, outcome.seconds) == (0, 0.5)
    assert outcome.count == len(made.text.replace("\n", ""))
    assert all(is_right for _, is_right in outcome.lines)


def test_a_line_that_is_missing_costs_its_digits_and_leaves_the_others_right():
    made = page()
    first, *others = made.text.split("\n")
    outcome = numbers.outcome_of(made, reading_of("\n".join(others)), 0.5)
    assert not outcome.is_right
    assert outcome.edits == len(first) + 1
    assert all(is_right for _, is_right in outcome.lines)
    worse = numbers.outcome_of(made, reading_of("0" + made.text), 0.5)
    assert [is_right for _, is_right in worse.lines][:2] == [False, True]


def test_digits_scattered_on_a_page_have_no_lines():
    made = page("scatter")
    digits = made.text.replace("\n", "")
    assert numbers.outcome_of(made, reading_of(digits), 0.5).is_right
    assert not numbers.outcome_of(made, reading_of(digits[1:]), 0.5).is_right


def outcomes(*lines):
    return [numbers.Outcome("lines", True, True, 0, 1, 1, 0.1, lines)]


def test_reliability_compares_what_is_shown_with_what_is_right():
    found = numbers.reliability(outcomes((0.6, False), (0.7, True), (1.0, True)))
    assert [row["n"] for row in found] == [0, 2, 0, 0, 0, 0, 1]
    assert found[1]["shown"] == pytest.approx(0.65)
    assert found[1]["right"] == pytest.approx(0.5)


def test_the_threshold_lets_through_as_many_as_are_right_often_enough():
    lines = [(0.99, True)] * 98 + [(0.98, False)] * 2 + [(0.5, False)] * 10
    assert numbers.threshold_for(outcomes(*lines)) == pytest.approx((0.98, 100 / 110))
    assert numbers.threshold_for(outcomes((0.9, False))) == (1.0, 0.0)


@pytest.fixture
def fake(monkeypatch):
    """Pages whose marks the detector knows."""
    known = {}
    make = numbers.pages

    def pages(*options):
        for made in make(*options):
            known["detector"] = FakeDetector(made.pixels, made.marks, Errors(), turned=made.turned)
            yield made

    class Knowing:
        def maps(self, contrast):
            return known["detector"].maps(contrast)

    monkeypatch.setattr(numbers, "pages", pages)
    monkeypatch.setattr(numbers.serving, "load_detector", lambda _name: Knowing())


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["numbers", *arguments])
    numbers.main()


def test_tables_for_people_and_json(fake, monkeypatch, capsys):
    run(monkeypatch, "--pages", "1", "--kinds", "exams", "single")
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line]
    assert [line[0] for line in lines[:4]] == ["kind", "exams", "single", "all"]
    assert lines[3][1] == "2"
    assert lines[4] == ["confidence", "lines", "shown", "right"]
    run(monkeypatch, "--pages", "1", "--kinds", "exams", "--json")
    assert json.loads(capsys.readouterr().out)["kind"] == "exams"


def test_constants_are_fitted(fake, monkeypatch, capsys):
    run(monkeypatch, "--pages", "4", "--kinds", "exams", "--fit")
    output = capsys.readouterr().out
    for name in ("BY_DETECTOR", "BY_CLASSIFIER", "BY_SCORE", "BY_LOOKS", "LINE_SLOPE", "LINE_BIAS"):
        assert name in output


def test_fitting_needs_a_detector(monkeypatch, capsys):
    with pytest.raises(SystemExit) as stop:
        run(monkeypatch, "--fit", "--segmentation")
    assert stop.value.code == 2
