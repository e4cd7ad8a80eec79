from dataclasses import replace

import numpy as np
import pytest

from mnist_core.data import Split
from mnist_core.pixels import to_float
from mnist_core.serving.adaptation.fitting import REPLAYED
from mnist_core.training import dataset
from mnist_core.training.config import TrainingConfig
from mnist_core.training.targets import NON_DIGIT

CONFIG = TrainingConfig(name="tiny", architecture="dense-five", synthetic_digits=30)


def test_every_image_is_seen_once_an_epoch(small_mnist):
    config = replace(CONFIG, batch_size=7, augmentation="none")
    images = small_mnist.train.images
    labels = np.arange(len(images))
    batches = list(dataset.batches(config, images, labels, epoch=1))
    seen = np.concatenate([batch.labels for batch in batches])
    assert sorted(seen) == list(range(600))
    assert [len(batch.labels) for batch in batches] == [7] * 85 + [5]
    for batch in batches:
        assert np.array_equal(batch.images, to_float(images[batch.labels]))
        assert batch.taught is None


def test_non_digits_are_mixed_in_and_a_teacher_sees_what_is_learned(small_mnist):
    config = replace(CONFIG, batch_size=50, augmentation="handwriting")
    images, labels = small_mnist.train.images[:90], small_mnist.train.labels[:90]
    others = np.zeros((30, 28, 28), np.uint8)

    def teach(shown):
        return np.repeat(shown.mean(axis=(1, 2))[:, None], 10, axis=1)

    made = list(dataset.batches(config, images, labels, epoch=1, others=others, teach=teach))
    assert [len(batch.images) for batch in made] == [50, 50, 20]
    for batch in made:
        assert 0 < (batch.labels == NON_DIGIT).sum() < len(batch.labels)
        assert not batch.images[batch.labels == NON_DIGIT].any()
        assert batch.images[batch.labels != NON_DIGIT].any(axis=(1, 2)).all()
        assert np.array_equal(batch.taught, teach(batch.images))
    found = np.concatenate([batch.labels for batch in made])
    assert np.bincount(found).tolist() == [9] * 10 + [30]


def test_epochs_differ_and_repeat(small_mnist):
    config = replace(CONFIG, augmentation="handwriting", corruption_families=("noise", "light"))
    images, labels = small_mnist.train.images, small_mnist.train.labels

    def first(epoch):
        return next(iter(dataset.batches(config, images, labels, epoch=epoch)))

    assert np.array_equal(first(1)[0], first(1)[0])
    assert not np.array_equal(first(1)[0], first(2)[0])


def test_synthetic_digits_join_the_training_images(small_mnist):
    images, labels = dataset.training_images(CONFIG, small_mnist.train)
    assert len(images) == len(labels) == 630
    assert np.array_equal(images[:600], small_mnist.train.images)
    assert np.bincount(labels[600:]).tolist() == [3] * 10


@pytest.mark.parametrize("own", [1, 20, 200])
@pytest.mark.parametrize("share", [0.5, 1])
def test_own_digits_are_all_there_and_weigh_as_much_as_adapt_lets_them(small_mnist, own, share):
    config = replace(CONFIG, share=share, own_digits=own, imbalance="step:0.5:10")
    hand = Split(255 - small_mnist.validation.images[:own], small_mnist.validation.labels[:own])
    without, _ = dataset.training_images(config, small_mnist.train)
    images, labels = dataset.training_images(config, small_mnist.train, hand)
    assert np.array_equal(images[: len(without)], without)
    added = images[len(without) :].reshape(-1, own, 28, 28)
    assert (added == hand.images).all()
    shown = len(added) * own
    wanted = own / (own + REPLAYED[0] + REPLAYED[1] * own)
    assert len(added) == 1 or shown / len(images) == pytest.approx(wanted, rel=0.3)
    counts = dataset.learned_counts(config, small_mnist.train, hand)
    assert np.array_equal(counts, np.bincount(labels, minlength=10))


def test_a_few_own_digits_are_a_noticeable_part_of_an_epoch_of_mnist():
    for own, share in {10: 0.03, 30: 0.07, 50: 0.1, 200: 0.18}.items():
        shown = own * dataset.own_rounds(own, 50_000)
        assert shown / (50_000 + shown) == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize("families", [(), ("blur",)])
def test_validation_is_clean_and_corrupted(small_mnist, families):
    config = replace(CONFIG, corruption_families=families)
    clean, corrupted = dataset.validation_images(config, small_mnist.validation)
    assert np.array_equal(clean, to_float(small_mnist.validation.images))
    if not families:
        assert corrupted is None
        return
    assert (np.abs(corrupted - clean).max(axis=(1, 2)) > 0).mean() > 0.9
    assert np.array_equal(corrupted, dataset.validation_images(config, small_mnist.validation)[1])


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"non_digits": 300}, 300),
        ({"non_digits": 30_000}, 1000),
        ({"non_digits": 300, "share": 0.1}, 100),
        ({"non_digits": 3000, "imbalance": "step:0.5:10"}, 550),
    ],
)
def test_a_head_learns_from_no_more_non_digits_than_there_are_digits(changes, count):
    assert dataset.head_count(replace(CONFIG, **changes), [100] * 10) == count
