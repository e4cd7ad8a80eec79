"""What a training learns from: images and labels, augmented and corrupted batch by batch."""

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from mnist_core.config import CLASSES, cpu_count
from mnist_core.data import Split, imbalance
from mnist_core.errors import InvalidValueError
from mnist_core.pixels import to_float
from mnist_core.serving.adaptation.fitting import REPLAYED
from mnist_core.synthesis.cuttings import cut_digits
from mnist_core.synthesis.digits import synthetic_digits
from mnist_core.synthesis.pages import Specimens
from mnist_core.training import augmentation
from mnist_core.training.config import TrainingConfig
from mnist_core.training.rebalancing import REBALANCING_METHODS
from mnist_core.training.targets import NON_DIGIT

# The digits of one person's hand count beside all others as much as `adapt` lets them count beside
# its replay; there the balance between new and old was measured.
OWN_AMONG, OWN_AMONG_EACH = REPLAYED
BLOCK = 8  # batches that are augmented at a time,
LARGEST_BLOCK = 2048  # or one that holds more images than this
# Beside a GPU, which leaves the processor idle, several augment.
THREADS = min(max(cpu_count() - 1, 1), 8)


class Batch(NamedTuple):
    """What a step learns from.

    Attributes
    ----------
    images : float32 (n, 28, 28) in [0, 1]
    labels : int (n,); NON_DIGIT is what is no digit
    taught : float32 (n, 10), what the teacher says; None if there is none
    """

    images: np.ndarray
    labels: np.ndarray
    taught: np.ndarray | None


def training_images(
    config: TrainingConfig, train: Split, own: Split | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return what to learn from: a choice of the training images, synthetic digits, own digits.

    Parameters
    ----------
    own : digits of one person's hand, all of which are there, as often as `own_rounds` says

    Returns
    -------
    (images, labels) : uint8 (n, 28, 28) and (n,)

    Raises
    ------
    InvalidValueError : the profile of imbalance asks for more images than there are
    """
    rng = np.random.default_rng([config.seed, 0])
    labels = _synthetic_labels(config)
    cut = round(config.page_share * len(labels))
    images = synthetic_digits(labels[cut:], rng)
    if cut:
        specimens = Specimens(train.images, train.labels)
        images = np.concatenate([cut_digits(labels[:cut], rng, specimens), images])
    if config.share < 1 or config.imbalance != "none":
        train = _chosen(config, train, rng)
    parts = [train, Split(images, labels)]
    if own:
        parts += own_rounds(len(own), sum(map(len, parts))) * [own]
    return (
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.labels for part in parts]),
    )


def own_rounds(own: int, others: int) -> int:
    """Return how often an epoch shows each digit of one person's hand beside these others.

    Some dozens of digits would count nothing among thousands. Shown so often, 30 make up 7% of an
    epoch, 200 make up 18%, however many others there are; these keep the network from forgetting.
    Augmentation and corruptions vary an image each time.

    Parameters
    ----------
    own, others : how many there are, own ones at least 1

    Examples
    --------
    >>> own_rounds(30, 50_000)
    128
    """
    return max(round(others / (OWN_AMONG + OWN_AMONG_EACH * own)), 1)


def class_counts(config: TrainingConfig, available: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return how many images of each digit a training learns from, without synthetic ones.

    Parameters
    ----------
    available : (10,), how many there are

    Returns
    -------
    int (10,)

    Raises
    ------
    InvalidValueError : the profile of imbalance asks for more images than there are
    """
    available = np.ceil(np.asarray(available) * config.share).astype(int)
    try:
        return imbalance.class_counts(config.imbalance, available)
    except InvalidValueError as error:
        if config.share == 1:
            raise
        raise InvalidValueError(
            f"{error} That is of {config.share:.0%} of all images: raise the share, or ask for "
            "fewer.",
            names=("imbalance", "share"),
        ) from error


def head_count(config: TrainingConfig, available: Sequence[int] | np.ndarray) -> int:
    """Return from how many non-digits a head learns to reject, and from as many digits.

    Parameters
    ----------
    available : (10,), how many training images of each digit there are

    Raises
    ------
    InvalidValueError : the profile of imbalance asks for more images than there are
    """
    return max(min(config.non_digits, int(class_counts(config, available).sum())), 1)


def learned_counts(config: TrainingConfig, train: Split, own: Split | None = None) -> np.ndarray:
    """Return how many images of each digit an epoch shows, synthetic and own ones included.

    Returns
    -------
    int (10,)

    Raises
    ------
    InvalidValueError : the profile of imbalance asks for more images than there are
    """
    of_mnist = class_counts(config, np.bincount(train.labels, minlength=CLASSES))
    counts = of_mnist + np.bincount(_synthetic_labels(config), minlength=CLASSES)
    if own:
        rounds = own_rounds(len(own), int(counts.sum()))
        counts += rounds * np.bincount(own.labels, minlength=CLASSES)
    return counts


def validation_images(
    config: TrainingConfig, validation: Split
) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the images to validate on: clean, and corrupted in the same way for all epochs.

    Returns
    -------
    (clean, corrupted) : float32 (n, 28, 28) in [0, 1]; corrupted is None if training has no
        corruptions
    """
    clean = to_float(validation.images)
    if not config.corruption_families:
        return clean, None
    rng = np.random.default_rng([config.seed, 0, 5])  # the same where a training is prolonged
    return clean, augmentation.corrupt_some(clean, config.corruption_families, rng, share=1)


def batches(
    config: TrainingConfig,
    images: np.ndarray,
    labels: np.ndarray,
    *,
    epoch: int,
    others: np.ndarray | None = None,
    teach: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Generator[Batch, None, None]:
    """Yield every image once, augmented, in an order of this epoch's own.

    A rebalancing method may show some digits more often, and leave others out, instead.

    Threads work a few batches ahead, so that augmentation does not hold up the training.

    Parameters
    ----------
    images : uint8 (n, 28, 28)
    labels : int (n,)
    epoch : counted from 1; the same epoch gives the same batches
    others : uint8 (m, 28, 28), non-digits to show, too
    teach : a teacher, which gives probabilities (n, 10); it sees the images as they are learned

    Yields
    ------
    as many images as the batch size says, or less at the end
    """
    rng = np.random.default_rng([config.seed, epoch])
    order = _order(config, labels, rng)
    if others is not None:
        order = rng.permutation(np.append(order, len(labels) + np.arange(len(others))))
        labels = np.append(labels, np.full(len(others), NON_DIGIT, labels.dtype))
    size = config.batch_size
    block = block_size(size)
    blocks = np.array_split(order, range(block, len(order), block))

    def prepare(number: int) -> Batch:
        rng, chosen = np.random.default_rng([config.seed, epoch, 0, number]), blocks[number]
        plain = to_float(_taken(images, others, chosen))
        varied = augmentation.augment(plain, config.augmentation, rng)
        families, share = config.corruption_families, config.corrupted_share
        shown = augmentation.corrupt_some(varied, families, rng, share=share)
        return Batch(shown, labels[chosen], teach(shown) if teach else None)

    ahead: deque[Future[Batch]] = deque()
    with ThreadPoolExecutor(THREADS) as threads:
        for number in range(len(blocks)):
            while len(ahead) <= THREADS and number + len(ahead) < len(blocks):
                ahead.append(threads.submit(prepare, number + len(ahead)))
            shown, answers, taught = ahead.popleft().result()
            for start in range(0, len(shown), size):
                part = np.s_[start : start + size]
                yield Batch(shown[part], answers[part], None if taught is None else taught[part])


def block_size(batch_size: int) -> int:
    """Return how many images, whole batches of them, are augmented at a time."""
    return batch_size * max(min(BLOCK, LARGEST_BLOCK // batch_size), 1)


def _chosen(config: TrainingConfig, train: Split, rng: np.random.Generator) -> Split:
    """Return the share of the images to learn from, then as many of each digit as wanted."""
    available = np.bincount(train.labels, minlength=CLASSES)
    wanted = class_counts(config, available)
    chosen = imbalance.choose(train.labels, wanted, rng)
    return Split(train.images[chosen], train.labels[chosen])


def _synthetic_labels(config: TrainingConfig) -> np.ndarray:
    return np.arange(config.synthetic_digits, dtype=np.uint8) % CLASSES


def _taken(images: np.ndarray, others: np.ndarray | None, chosen: np.ndarray) -> np.ndarray:
    """Return some of the images, and of the others, whose places follow theirs."""
    if others is None or not len(others):
        return images[chosen]
    taken = others[np.maximum(chosen - len(images), 0)]
    inside = chosen < len(images)
    taken[inside] = images[chosen[inside]]
    return taken


def _order(config: TrainingConfig, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    method = REBALANCING_METHODS[config.rebalancing]
    if method.order:
        return method.order(labels, config.strength, rng)
    return rng.permutation(len(labels))
