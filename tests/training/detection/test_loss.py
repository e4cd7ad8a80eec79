import math

import numpy as np
import pytest

from mnist_core.training.detection.loss import class_accuracy, detection_loss
from mnist_core.training.detection.targets import make_targets
from tests.training.detection.test_targets import SEVEN, SIZE


def answers_of(targets, *, sure=20.0):
    """Return what a network that knows everything would answer."""
    answers = np.zeros((*targets.shape[:-1], 21), np.float32)
    answers[..., 0] = np.where(targets[..., 0] == 1, sure, -sure)
    kinds = targets[..., 2].astype(int)
    np.put_along_axis(answers, 1 + kinds[..., None], sure, axis=-1)
    answers[..., 17:] = targets[..., 4:]
    return answers


@pytest.fixture
def targets():
    return make_targets([SEVEN], SIZE)[None]


def test_the_right_answer_costs_nothing(targets):
    assert float(detection_loss(targets, answers_of(targets))) == pytest.approx(0, abs=1e-4)
    assert float(class_accuracy(targets, answers_of(targets))) == pytest.approx(1)


def test_one_cell_as_computed_by_hand():
    targets = np.zeros((1, 1, 2, 8), np.float32)
    targets[0, 0, 0] = [1, 1, 7, 1, 0.5, -0.25, 0, 1]  # the second cell holds nothing
    targets[0, 0, 1] = [0, 1, 0, 0, 0, 0, 0, 0]
    answers = np.zeros((1, 1, 2, 21), np.float32)
    focal = 2 * 0.25 * math.log(2)
    expected = focal + 1.5 * math.log(16) + 0.7 * (0.5 + 0.25 + 1)
    assert float(detection_loss(targets, answers)) == pytest.approx(expected, rel=1e-5)


def test_it_is_divided_by_the_number_of_marks(targets):
    blank = np.zeros((1, 16, 24, 21), np.float32)
    once = float(detection_loss(targets, blank))
    twice = np.concatenate([targets, targets])
    assert float(detection_loss(twice, np.concatenate([blank] * 2))) == pytest.approx(
        once, rel=1e-5
    )


def test_what_is_ignored_costs_nothing(targets):
    answers = answers_of(targets)
    answers[0, 0, 0, 0] = 20  # a false alarm
    assert float(detection_loss(targets, answers)) > 10
    targets[0, 0, 0, 1] = 0
    assert float(detection_loss(targets, answers)) == pytest.approx(0, abs=1e-4)


def test_half_precision_and_whole_numbers_are_taken(targets):
    import tensorflow as tf

    answers = tf.cast(answers_of(targets), tf.bfloat16)
    assert float(detection_loss(tf.constant(targets, tf.float64), answers)) < 0.1


def test_without_a_mark_the_loss_and_the_accuracy_are_finite():
    targets = make_targets((), SIZE)[None]
    answers = np.zeros((1, 16, 24, 21), np.float32)
    assert math.isfinite(float(detection_loss(targets, answers)))
    assert float(class_accuracy(targets, answers)) == 0


def test_a_wrong_class_is_no_class(targets):
    answers = answers_of(targets)
    answers[..., 1:17] = 0
    answers[..., 1] = 5
    assert float(class_accuracy(targets, answers)) == 0
