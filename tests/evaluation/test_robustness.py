import csv
import io

import numpy as np
import pytest

from mnist_core import corruptions
from mnist_core.evaluation import metrics, robustness


def by_brightness(images):
    """Answer 1 to an image whose mean is above 0.3, else 0; a predictor with a known answer."""
    answers = (images.mean(axis=(1, 2)) > 0.3).astype(int)
    return np.eye(10, dtype=np.float32)[answers]


@pytest.fixture
def black():
    """Black images, all labelled 0; brightness turns them into 1 from severity 1/3 on."""
    n = robustness.PART + 100
    return np.zeros((n, 28, 28), np.float32), np.zeros(n, np.uint8)


def test_predicting_in_parts_corrupts_as_the_whole(black):
    images, _ = black
    seen = []

    def predict(part):
        seen.append(part)
        return by_brightness(part)

    parts = list(robustness.predict_corrupted(predict, images, "salt_and_pepper", 0.5, seed=2))
    assert [len(part) for part in parts] == [robustness.PART, 100]
    whole = corruptions.corrupt(images, "salt_and_pepper", 0.5, seed=2)
    assert np.array_equal(np.concatenate(seen), whole)


def test_measuring_can_be_stopped_between_parts(black):
    images, _ = black
    calls = []
    parts = robustness.predict_corrupted(
        lambda part: calls.append(len(part)) or by_brightness(part), images, "rotate", 0.5
    )
    next(parts)
    parts.close()
    assert calls == [robustness.PART]


def test_evaluate_knows_when_the_answers_turn(black):
    images, labels = black
    before, after = (
        robustness.evaluate_corrupted(by_brightness, images, labels, "brightness", s)
        for s in (0.3, 0.4)
    )
    assert (before["accuracy"], after["accuracy"]) == (1, 0)
    assert after["confusion"][0][1] == len(labels)


def test_the_table_holds_every_model_corruption_and_severity(black):
    images, labels = (array[:20] for array in black)
    predictors = {"first": by_brightness, "second": lambda x: np.roll(by_brightness(x), 1, axis=1)}
    rows = list(
        robustness.table_rows(
            predictors,
            images,
            labels,
            corruptions=["brightness", "old_fax"],
            severities=[0.25, 0.5],
        )
    )
    assert all(tuple(row) == robustness.COLUMNS for row in rows)
    assert [(row["model"], row["corruption"], row["severity"]) for row in rows[:4]] == [
        ("first", "clean", 0),
        ("second", "clean", 0),
        ("first", "brightness", 0.25),
        ("second", "brightness", 0.25),
    ]
    assert len(rows) == 2 * (1 + 2 * 2)
    found = {(row["model"], row["corruption"], row["severity"]): row for row in rows}
    assert found["first", "brightness", 0.25]["accuracy"] == 1
    assert found["first", "brightness", 0.5]["accuracy"] == 0
    assert found["second", "brightness", 0.5]["errors"] == 20
    low, high = metrics.accuracy_interval(20, 20)
    assert found["first", "clean", 0]["low"] == low
    assert found["first", "clean", 0]["high"] == high
    assert found["first", "old_fax", 0.5]["family"] == "recipe"


def test_rows_fit_a_csv_file(black):
    images, labels = (array[:20] for array in black)
    rows = robustness.table_rows(
        {"m": by_brightness}, images, labels, corruptions=["fog"], severities=[1.0]
    )
    file = io.StringIO()
    writer = csv.DictWriter(file, robustness.COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    assert file.getvalue().startswith("model,corruption,family,severity,n,accuracy,low,high,errors")


def test_tables_refuse_what_cannot_be(black):
    images, labels = (array[:20] for array in black)
    for options, message in (
        ({"corruptions": ["fog", "melt"]}, "There is no corruption"),
        ({"severities": [1.5]}, "Severity is a number from 0 to 1"),
    ):
        with pytest.raises(ValueError, match=message):
            next(robustness.table_rows({"m": by_brightness}, images, labels, **options))


def test_no_images_are_refused_in_words():
    nothing = np.zeros((0, 28, 28), np.float32), np.zeros(0, int)
    with pytest.raises(ValueError, match="n > 0"):
        robustness.evaluate_corrupted(by_brightness, *nothing, "fog", 0.5)


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 28, 28), np.uint8), np.zeros(2, int)),
        (np.zeros((2, 28), np.float32), np.zeros(2, int)),
        (np.zeros((2, 28, 28), np.float32), np.array([0, 11])),
        (np.zeros((2, 28, 28), np.float32), np.zeros(3, int)),
    ],
)
def test_other_images_and_labels_are_refused(images, labels):
    with pytest.raises(ValueError, match=r"Expected|Labels"):
        robustness.evaluate_corrupted(by_brightness, images, labels, "rotate", 0.5)


def test_families():
    assert robustness.family("fog") == "light"
    assert robustness.family("old_fax") == "recipe"
    assert robustness.family(robustness.CLEAN) == robustness.CLEAN


def test_the_summary_keeps_single_corruptions_and_combinations_apart():
    def row(corruption, severity, accuracy):
        report = {"n": 100, "accuracy": accuracy, "interval": (0, 1), "errors": 0}
        return robustness.table_row("m", corruption, severity, report)

    rows = [
        row("clean", 0.0, 0.99),
        row("fog", 0.5, 0.8),
        row("rotate", 0.5, 0.9),
        row("old_fax", 0.5, 0.4),
        row("fog", 1.0, 0.1),
    ]
    (summary,) = robustness.summarise_rows(rows)
    assert summary["model"] == "m"
    assert summary["clean"] == 0.99
    half, full = (summary["by_severity"][s] for s in (0.5, 1.0))
    assert half["mean"] == pytest.approx(0.85)
    assert (half["worst"], half["worst_corruption"], half["recipes"]) == (0.8, "fog", 0.4)
    assert (full["mean"], full["recipes"]) == (0.1, None)
    (only_combined,) = robustness.summarise_rows([row("old_fax", 0.5, 0.4)])
    assert only_combined["clean"] is None
    assert only_combined["by_severity"][0.5]["mean"] is None


def test_the_breaking_point_is_where_the_answer_first_changes():
    black = np.zeros((28, 28), np.float32)
    severity, digits = robustness.breaking_point(by_brightness, black, "brightness")
    assert severity == pytest.approx(0.34)  # 0.9 x 0.34 is the first above 0.3
    assert digits.tolist() == [0] * 17 + [1] * 34


def test_an_answer_that_never_changes_has_no_breaking_point():
    black = np.zeros((28, 28), np.float32)
    severity, digits = robustness.breaking_point(by_brightness, black, "rotate", steps=10)
    assert severity is None
    assert digits.tolist() == [0] * 11


def test_the_breaking_point_needs_one_image():
    with pytest.raises(ValueError, match="shape"):
        robustness.breaking_point(by_brightness, np.zeros((2, 28, 28), np.float32), "fog")
