"""What a training is fed with: images and labels, augmented and damaged batch by batch."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from mnist_core.config import CLASSES
from mnist_core.data import Split, imbalance
from mnist_core.pixels import to_float
from mnist_core.synthesis.digits import synthetic_digits
from mnist_core.training import augmentation, rebalancing

BLOCK = 8  # batches that are augmented at a time,
LARGEST_BLOCK = 2048  # or one that holds more images than this


def training_images(config, train):
    """Return what to learn from: a choice of MNIST's training images, and made-up digits.

    Parameters
    ----------
    config : TrainingConfig
    train : data.Split

    Returns
    -------
    (images, labels) : uint8 arrays (n, 28, 28) and (n,)

    Raises
    ------
    ValueError : the profile of imbalance asks for more images than there are
    """
    rng = np.random.default_rng([config.seed, 0])
    labels = _made_up_labels(config)
    images = synthetic_digits(labels, rng)
    if config.share < 1 or config.imbalance != "none":
        train = _chosen(config, train, rng)
    return np.concatenate([train.images, images]), np.concatenate([train.labels, labels])


def _chosen(config, train, rng):
    """Return the share of the images to learn from, then as many of each digit as wanted."""
    available = np.bincount(train.labels, minlength=CLASSES)
    wanted = class_counts(config, available)
    chosen = imbalance.choose(train.labels, wanted, rng)
    return Split(train.images[chosen], train.labels[chosen])


def class_counts(config, available):
    """Return how many images of each digit a training learns from, made-up ones left out.

    Parameters
    ----------
    config : TrainingConfig
    available : int array (10,), how many there are

    Returns
    -------
    int array (10,)

    Raises
    ------
    ValueError : the profile of imbalance asks for more images than there are
    """
    available = np.ceil(np.asarray(available) * config.share).astype(int)
    try:
        return imbalance.class_counts(config.imbalance, available)
    except ValueError as error:
        if config.share == 1:
            raise
        raise ValueError(
            f"{error} That is of {config.share:.0%} of all images: raise the share, or ask for "
            "fewer."
        ) from error


def learned_counts(config, train):
    """Return how many images of each digit a training learns from, made-up ones and all.

    Parameters
    ----------
    config : TrainingConfig
    train : data.Split

    Returns
    -------
    int array (10,)

    Raises
    ------
    ValueError : the profile of imbalance asks for more images than there are
    """
    of_mnist = class_counts(config, np.bincount(train.labels, minlength=CLASSES))
    return of_mnist + np.bincount(_made_up_labels(config), minlength=CLASSES)


def _made_up_labels(config):
    return np.arange(config.synthetic_digits, dtype=np.uint8) % CLASSES


def validation_images(config, validation):
    """Return the images to validate on: clean, and damaged in one way for all epochs.

    Parameters
    ----------
    config : TrainingConfig
    validation : data.Split

    Returns
    -------
    (clean, damaged) : float32 arrays (n, 28, 28); damaged is None if training has no damage
    """
    clean = to_float(validation.images)
    if not config.corruption_families:
        return clean, None
    rng = np.random.default_rng([config.seed, config.epochs + 1])
    return clean, augmentation.corrupt_some(clean, config.corruption_families, rng, share=1)


def batches(config, images, labels, *, epoch):
    """Yield every image once, augmented, in an order of this epoch's own.

    A cure for imbalance may show some more often, and leave others out, instead.

    A thread works a few batches ahead, so that augmentation does not hold up the training.

    Parameters
    ----------
    config : TrainingConfig
    images : uint8 array (n, 28, 28)
    labels : int array (n,)
    epoch : int, counted from 1; the same epoch gives the same batches

    Yields
    ------
    (images, labels) : float32 array (m, 28, 28) in [0, 1] and int array (m,), with m the batch
        size, or less at the end
    """
    rng = np.random.default_rng([config.seed, epoch])
    order = _order(config, labels, rng)
    size = config.batch_size
    block = block_size(size)
    blocks = np.array_split(order, range(block, len(order), block))

    def prepare(chosen):
        block = augmentation.augment(to_float(images[chosen]), config.augmentation, rng)
        families, share = config.corruption_families, config.corrupted_share
        return augmentation.corrupt_some(block, families, rng, share=share)

    with ThreadPoolExecutor(1) as thread:
        ahead = thread.submit(prepare, blocks[0])
        for chosen, following in zip(blocks, [*blocks[1:], None], strict=True):
            block, answers = ahead.result(), labels[chosen]
            if following is not None:
                ahead = thread.submit(prepare, following)
            for start in range(0, len(block), size):
                yield block[start : start + size], answers[start : start + size]


def block_size(batch_size):
    """Return how many images, whole batches of them, are augmented at a time."""
    return batch_size * max(min(BLOCK, LARGEST_BLOCK // batch_size), 1)


def _order(config, labels, rng):
    cure = rebalancing.REBALANCING_METHODS[config.rebalancing]
    if cure.order:
        return cure.order(labels, config.strength, rng)
    return rng.permutation(len(labels))
