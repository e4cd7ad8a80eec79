import numpy as np
import pytest

from mnist_core.data import TRAIN_COUNTS, imbalance
from mnist_core.errors import InvalidValueError

AVAILABLE = np.array(TRAIN_COUNTS)


def test_the_counts_are_those_of_mnist(mnist):
    assert np.bincount(mnist.train.labels).tolist() == list(TRAIN_COUNTS)


def test_without_imbalance_all_images_stay():
    assert imbalance.class_counts("none", AVAILABLE).tolist() == list(TRAIN_COUNTS)


# Calculated from the definitions in Buda et al. and Cui et al., 4,506 fives being fewest.
@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("step", [4506] * 5 + [45] * 5),
        ("step:0.2:10", [4506] * 8 + [451] * 2),
        ("step:0:10", [4506] * 10),
        ("long-tail:1", [4506] * 10),
        ("long-tail:512", [4506, 2253, 1126, 563, 282, 141, 70, 35, 18, 9]),
        ("fixed", [4000, 2000, 1000, 750, 500, 350, 200, 100, 60, 40]),
        ("counts:1,2,3,4,5,6,7,8,9,10", list(range(1, 11))),
        ("counts:5:5:0:0:0:0:0:0:0:0", [5, 5] + [0] * 8),
    ],
)
def test_profiles_leave_as_many_as_they_say(profile, expected):
    assert imbalance.class_counts(profile, AVAILABLE).tolist() == pytest.approx(expected, abs=1)


def test_long_tails_are_as_long_as_asked_for():
    counts = imbalance.class_counts("long-tail:50", AVAILABLE)
    assert counts[0] / counts[9] == pytest.approx(50, rel=0.01)
    assert (np.diff(counts) < 0).all()


@pytest.mark.parametrize(
    ("profile", "complaint"),
    [
        ("heap", "imbalance is one of none, step"),
        ("", "imbalance is one of"),
        ("step:a", "holds something that is not a number"),
        ("step:0.5:10:3", "more than 2 numbers"),
        ("none:1", "more than 0 numbers"),
        ("step:1.5", "share of rare digits goes from 0 to 1"),
        ("step:nan", "share of rare digits goes from 0 to 1"),
        ("step:0.5:0.5", "ratio goes from 1 to 5,000"),
        ("long-tail:inf", "ratio goes from 1 to 5,000"),
        ("counts", "ten numbers of images"),
        ("counts:1,2", "ten numbers of images"),
        ("counts:-1,1,1,1,1,1,1,1,1,1", "whole numbers from 0 on"),
        ("counts:1.5,1,1,1,1,1,1,1,1,1", "whole numbers from 0 on"),
        ("counts:inf,1,1,1,1,1,1,1,1,1", "whole numbers from 0 on"),
        ("counts:4933,1,1,1,1,1,1,1,1,1", "4,932 training images of the digit 0, 4,933 were"),
        ("counts:1e30,9,9,9,9,9,9,9,9,9", "of the digit 0, 1,000,000,"),
        ("counts:5,0,0,0,0,0,0,0,0,0", "At least two digits need images"),
    ],
)
def test_profiles_that_cannot_be_are_refused(profile, complaint):
    with pytest.raises(InvalidValueError, match=complaint) as error:
        imbalance.class_counts(profile, AVAILABLE)
    assert error.value.names == ("imbalance",)


def test_profiles_are_described():
    for name, profile in imbalance.PROFILES.items():
        assert profile.name == name
        assert profile.title
        assert profile.summary.endswith(".")
    spellings = [profile.spelling for profile in imbalance.PROFILES.values()]
    assert spellings == ["none", "step:0.5:100", "long-tail:100", "fixed", "counts:N,N,..."]
    assert "Buda" in imbalance.PROFILES["step"].source
    assert imbalance.PROFILES["fixed"].source == ""


def test_the_images_chosen_are_as_many_of_each_digit_as_wanted():
    labels = np.arange(200) % 10
    wanted = np.arange(10) * 2
    chosen = imbalance.choose(labels, wanted, np.random.default_rng(0))
    assert np.bincount(labels[chosen], minlength=10).tolist() == wanted.tolist()
    assert len(set(chosen)) == len(chosen)
    other = imbalance.choose(labels, wanted, np.random.default_rng(1))
    assert set(other) != set(chosen)
