"""Non-digits that a network learns to reject along with the digits."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core import networks
from mnist_core.errors import RunError
from mnist_core.networks import outputs
from mnist_core.training import compiling, export, loop, rejection
from mnist_core.training.config import TrainingConfig
from mnist_core.training.outliers import Outliers
from mnist_core.training.targets import NON_DIGIT, encoder, weigher

CONFIG = TrainingConfig(
    name="tiny", architecture="dense-five", non_digits=40, non_digit_share=0.2, teacher="digit-net"
)
LABELS = np.array([3, NON_DIGIT, 0])


def test_an_epoch_shows_the_share_that_is_asked_for():
    outliers = Outliers(CONFIG, digits=100)
    assert outliers.images.shape == (40, 28, 28)
    chosen = outliers.choose(1)
    assert len(chosen) == outliers.count == 25  # 25 of 125 images
    assert len(np.unique(chosen, axis=0)) >= 24
    assert np.array_equal(chosen, Outliers(CONFIG, digits=100).choose(1))
    assert not np.array_equal(chosen, outliers.choose(2))
    assert len(Outliers(CONFIG, digits=400).choose(1)) == 100  # more than there are
    assert Outliers(replace(CONFIG, non_digit_share=0), digits=100).count == 0


def test_half_of_an_epoch_are_hard_ones():
    outliers = Outliers(CONFIG, digits=40)  # shows ten of twenty candidates
    looks = {image.tobytes(): place for place, image in enumerate(outliers.images)}

    def places(images):
        return [looks[np.round(image * 255).astype(np.uint8).tobytes()] for image in images]

    seen = []

    def score(images):
        seen.extend(places(images))
        return np.array(places(images), float)

    chosen = places(outliers.choose(1, score) / np.float32(255))
    assert len(seen) == 20
    assert sorted(chosen)[-5:] == sorted(seen)[-5:]
    assert len(set(chosen)) == 10
    assert set(chosen) <= set(seen)
    assert np.mean(chosen) > np.mean(seen)


def test_a_non_digit_counts_for_rejection_alone():
    answers = encoder(CONFIG)(LABELS, None)
    assert answers["digits"].argmax(axis=1).tolist() == [3, 0, 0]
    assert answers["is_digit"].tolist() == [[1], [0], [1]]
    weights = weigher(CONFIG, np.arange(10))(LABELS)
    assert weights["digits"].tolist() == [1, 0, 1]
    assert weights["is_digit"].tolist() == [1, 1, 1]
    rare = replace(CONFIG, rebalancing="class-weights")
    found = weigher(rare, np.array([0, 0, 0, *range(1, 10)]))(LABELS)["digits"]
    assert found[0] == pytest.approx(3 * found[2])
    plain = replace(CONFIG, non_digit_share=0)
    assert weigher(plain, np.arange(10))(LABELS[:1]) is None
    assert encoder(plain)(LABELS[:1], None).tolist() == [[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]]


def test_a_teacher_counts_beside_the_labels():
    taught = np.full((3, 10), 0.05, np.float32)
    taught[:, 3] = 0.55
    answers = encoder(replace(CONFIG, distillation=0.2))(LABELS, taught)["digits"]
    assert answers[0, 3] == pytest.approx(0.8 + 0.11)
    assert answers[0, 4] == pytest.approx(0.01)
    assert answers[2].tolist() == [1, *[0] * 9]  # the teacher is wrong


def test_a_teacher_has_to_be_given(small_mnist, tmp_path):
    with pytest.raises(RunError, match="'digit-net' to learn from was not given"):
        next(loop.train(CONFIG, small_mnist, tmp_path))


def test_a_network_that_rejects_itself_keeps_its_own_rejection(digits, small_mnist):
    model = networks.build("dense-five", rejecting=True)
    served = rejection.add_head(model, CONFIG, small_mnist)
    numbers, score, features = served.predict_on_batch(digits)
    assert numbers == pytest.approx(export.keras_outputs(model, digits), abs=1e-6)
    assert score[:, 0] == pytest.approx(export.keras_is_digit(model)(digits), abs=1e-6)
    assert features.shape == (10, 30)
    assert export.output_kind(model) == "softmax"
    assert outputs.digits_layer(model).units == 10


def test_a_network_that_rejects_may_begin_with_one_that_does_not(digits):
    start = networks.build("dense-five", seed=3)
    config = replace(CONFIG, start="other")
    model = compiling.new_model(config, 10, np.arange(10), start=start)
    assert export.keras_outputs(model, digits) == pytest.approx(
        export.keras_outputs(start, digits), abs=1e-6
    )
