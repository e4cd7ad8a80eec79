from dataclasses import replace

import numpy as np
import pytest

from mnist_core import serving
from mnist_core.errors import InvalidValueError, ModelError
from mnist_core.serving.adaptation import (
    NON_DIGIT,
    Examples,
    Head,
    adapt,
    cross_validate,
    look_at,
)
from mnist_core.serving.adaptation.solver import minimise
from mnist_core.serving.probabilities import softmax

WIDTH, THRESHOLD = 24, 0.1
MEANS = np.random.default_rng(5).normal(0, 1, (12, WIDTH))  # of digits, an odd 7 and non-digits
ODD, OTHER = 10, 11


def seen(place, n, seed, label=None):
    """Images around a mean as a model sees them that knows the first ten means."""
    rng = np.random.default_rng(seed)
    features = (MEANS[place] + rng.normal(0, 0.1, (n, WIDTH))).astype(np.float32)
    distances = np.square(features[:, None] - MEANS[:10]).sum(axis=2)
    return Examples(
        features=features,
        logits=np.log(softmax(-distances) + 1e-30).astype(np.float32),
        digitness=(8 - distances.min(axis=1)).astype(np.float32),
        labels=np.full(n, place if label is None else label),
    )


def everything(n, seed):
    parts = [seen(c, n, seed + c) for c in range(10)]
    return sum([*parts[1:], seen(OTHER, 3 * n, seed + 50, NON_DIGIT)], parts[0])


REPLAY, LATER = everything(20, 1), everything(20, 100)
ODD_SEVENS = seen(ODD, 20, 200, 7)


def answers(head, examples):
    return head.probabilities(np.exp(examples.logits), examples.features)


def accepted(head, examples):
    return head.digitness(examples.digitness, examples.features) > np.log(THRESHOLD / 0.9)


def test_minimise_finds_where_the_gradient_is_0():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(30, 8))
    curved, wanted = matrix.T @ matrix + np.diag(np.geomspace(0.1, 100, 8)), rng.normal(size=8)
    found = minimise(
        lambda x: (float(x @ curved @ x / 2 - wanted @ x), curved @ x - wanted),
        np.zeros(8),
        steps=200,
    )
    assert found == pytest.approx(np.linalg.solve(curved, wanted), abs=1e-2)
    assert minimise(lambda x: (0.0, np.zeros(2)), np.ones(2), steps=5).tolist() == [1, 1]


@pytest.mark.parametrize("n", [1, 3])
def test_an_odd_hand_is_learned_from_few_examples_and_the_rest_is_kept(n):
    untaught = ODD_SEVENS.logits.argmax(axis=1)
    assert (untaught != 7).all(), "the example must be one that the model gets wrong"
    head = adapt(ODD_SEVENS[np.arange(n)], REPLAY, threshold=THRESHOLD)
    later = ODD_SEVENS[np.arange(5, 20)]
    assert (answers(head, later).argmax(axis=1) == 7).mean() > 0.9
    digits = LATER[LATER.labels != NON_DIGIT]
    assert (answers(head, digits).argmax(axis=1) == digits.labels).all()
    assert answers(head, digits).sum(axis=1) == pytest.approx(np.ones(len(digits)), abs=1e-5)


def test_what_is_taught_later_leaves_what_was_taught_before():
    first = adapt(ODD_SEVENS[np.arange(3)], REPLAY, threshold=THRESHOLD)
    fours = LATER[LATER.labels == 4]
    kept = REPLAY + ODD_SEVENS[np.arange(3)]  # as a taught copy keeps them
    shown, known = (these.answered_by(first) for these in (fours, kept))
    both = adapt(shown, known, threshold=THRESHOLD).after(first)
    later = ODD_SEVENS[np.arange(5, 20)]
    assert (answers(both, later).argmax(axis=1) == 7).mean() > 0.9
    assert accepted(both, later).mean() > 0.9
    assert answers(both, later) == pytest.approx(np.exp(later.answered_by(both).logits), abs=1e-5)


def test_a_taught_digit_is_accepted_and_what_is_no_digit_is_not():
    nothing = Head(np.zeros((WIDTH, 10)), np.zeros(10), np.zeros(WIDTH), 0.0)
    others, digits = LATER[LATER.labels == NON_DIGIT], LATER[LATER.labels != NON_DIGIT]
    assert not accepted(nothing, ODD_SEVENS).any()
    head = adapt(ODD_SEVENS[np.arange(3)], REPLAY, threshold=THRESHOLD)
    assert accepted(head, ODD_SEVENS[np.arange(5, 20)]).mean() > 0.9
    assert not accepted(head, others).any()
    assert accepted(head, digits).all()


def test_what_the_model_knows_changes_nothing_much():
    head = adapt(LATER[LATER.labels == 4], REPLAY, threshold=THRESHOLD)
    digits = LATER[LATER.labels != NON_DIGIT]
    assert np.abs(answers(head, digits) - np.exp(digits.logits)).max() < 0.05


def test_models_without_an_answer_to_is_it_a_digit_can_be_taught():
    without = replace(REPLAY, digitness=np.full(len(REPLAY), np.nan))
    head = adapt(ODD_SEVENS[np.arange(3)], without, threshold=THRESHOLD)
    assert not head.digit_kernel.any()
    assert head.digit_bias == 0
    assert (answers(head, ODD_SEVENS).argmax(axis=1) == 7).mean() > 0.9


def test_cross_validation_leaves_each_example_out():
    found = cross_validate(ODD_SEVENS[np.arange(6)], REPLAY)
    assert (found.argmax(axis=1) == 7).all()
    alone = ODD_SEVENS[np.arange(1)]
    assert cross_validate(alone, REPLAY) == pytest.approx(np.exp(alone.logits))


def test_replay_of_another_model_is_refused():
    narrow = replace(ODD_SEVENS, features=ODD_SEVENS.features[:, 1:])
    with pytest.raises(ModelError, match="23 features an image, but keeps 24"):
        adapt(narrow, REPLAY, threshold=THRESHOLD)


def test_files_hold_what_was_stored():
    read = Examples.from_bytes(REPLAY.to_bytes())
    assert np.abs(read.features - REPLAY.features).max() < 0.02
    assert np.array_equal(read.logits, REPLAY.logits)
    assert np.array_equal(read.digitness, REPLAY.digitness)
    assert np.array_equal(read.labels, REPLAY.labels)
    head = adapt(ODD_SEVENS, REPLAY, threshold=THRESHOLD)
    again = Head.from_bytes(head.to_bytes())
    assert np.array_equal(answers(again, LATER), answers(head, LATER))
    assert np.array_equal(accepted(again, LATER), accepted(head, LATER))


def test_damaged_files_are_refused():
    head = Head(np.zeros((WIDTH, 10)), np.zeros(10), np.zeros(WIDTH), 0.0)
    for whole in (REPLAY.to_bytes(), head.to_bytes()):
        kind = Head if whole == head.to_bytes() else Examples
        for content in (b"", b"no archive", whole[: len(whole) // 2]):
            with pytest.raises(ModelError, match="cannot be read"):
                kind.from_bytes(content)
    for wrong in (replace(head, bias=np.zeros(9)), replace(head, digit_bias=np.inf)):
        with pytest.raises(ModelError, match="cannot be read"):
            Head.from_bytes(wrong.to_bytes())
    with pytest.raises(ModelError, match="do not belong together"):
        Examples.from_bytes(replace(REPLAY, labels=REPLAY.labels[1:]).to_bytes())


@pytest.fixture(scope="module")
def predictor():
    return serving.load_predictor("dense-five")


def test_a_taught_predictor_adds_the_head_and_shares_the_network(predictor, digits):
    shown = look_at(predictor, digits, np.arange(10))
    untaught = predictor.predict_full(digits)
    bias = np.where(np.arange(10) == 3, 50, 0).astype(np.float32)
    width = untaught.features.shape[1]
    head = Head(np.zeros((width, 10), np.float32), bias, np.zeros(width, np.float32), -60.0)
    taught = predictor.with_head(head)
    found = taught.predict_full(digits)
    assert (found.probabilities.argmax(axis=1) == 3).all()
    assert found.is_digit.max() < 1e-6
    assert np.array_equal(found.features, untaught.features)
    assert np.array_equal(taught.with_head(None)(digits), untaught.probabilities)
    again = look_at(taught, digits, np.arange(10))  # what was taught does not count
    assert np.array_equal(again.logits, shown.logits)
    assert np.array_equal(again.digitness, shown.digitness)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [([1], "a label for each"), ([0.5] * 10, "from 0 to 9"), ([10] * 10, "from 0 to 9")],
)
def test_wrong_labels_are_refused(predictor, digits, labels, sentence):
    with pytest.raises(InvalidValueError, match=sentence):
        look_at(predictor, digits, np.array(labels))


def test_no_examples_are_refused(predictor, digits):
    with pytest.raises(InvalidValueError, match="at least one image"):
        look_at(predictor, digits[:0], np.arange(0))
