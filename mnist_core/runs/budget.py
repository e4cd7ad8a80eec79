"""What a training costs in memory and in time, and what this machine and its owner allow."""

import functools
import math
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from mnist_core.config import (
    VALIDATION_IMAGES,
    cpu_count,
    knows_bfloat16,
    processor_flags,
)
from mnist_core.data import TRAIN_COUNTS
from mnist_core.errors import RunError
from mnist_core.networks import ARCHITECTURES
from mnist_core.permissions import read_only_reason
from mnist_core.runs.memory import memory_free
from mnist_core.runs.status import Status
from mnist_core.training import dataset, run_folder
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.config import TrainingConfig
from mnist_core.training.outliers import count_of
from mnist_core.training.rebalancing import REBALANCING_METHODS
from mnist_core.workspace import WORKSPACE, Workspace

MINUTES = "DIGIT_LAB_TRAINING_MINUTES"


def training_disabled_reason() -> str:
    """Return why nobody may train here; empty if they may."""
    if reason := read_only_reason():
        return reason
    text = os.environ.get(MINUTES, "").strip()
    if text and minutes_at_most() is None:
        return (
            f"Training is switched off here until the owner of this app corrects {MINUTES}: a "
            f"number of minutes above 0 was expected, received {text!r}."
        )
    return ""


def minutes_at_most() -> float | None:
    """Return after how many minutes a training stops itself; None if there is no good limit."""
    try:
        minutes = float(os.environ.get(MINUTES, ""))
    except ValueError:
        return None
    return minutes if 0 < minutes < math.inf else None


def memory_for_another(others: Iterable[Status]) -> int:
    """Return how many bytes a training may take when its turn comes.

    Parameters
    ----------
    others : the trainings before it, which will have given back what they take
    """
    return memory_free() + sum(run.memory for run in others)


def memory_needed(config: TrainingConfig) -> int:
    """Return how many bytes a training takes at its highest, publishing included.

    Measured as the largest resident set of `train` on all of MNIST (Linux, TensorFlow 2.21): a
    share of the images needs as much as all of them, but for learning to reject. A tenth is added.
    """
    network = ARCHITECTURES[config.architecture]
    prepared = dataset.block_size(config.batch_size)
    varied = AUGMENTATIONS[config.augmentation].megabytes
    varied += CORRUPTED_MEGABYTES if config.corruption_families else 0
    megabytes = network.fixed_megabytes + network.image_megabytes * config.batch_size
    megabytes += varied * prepared + SYNTHETIC_MEGABYTES * config.synthetic_digits
    megabytes += network.non_digit_megabytes * _head(config)
    return round(1.1e6 * megabytes)


def disk_free(folder: Path) -> int:
    """Return how many bytes are free on the disk of a folder, which may be still to be made."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def too_little_memory(config: TrainingConfig, free: int) -> str:
    """Return in words that a training does not fit into so many bytes, and what would help."""
    return (
        f"This training needs about {memory_needed(config) / 1e6:.0f} MB of memory, and "
        f"{free / 1e6:.0f} MB are free. Take smaller batches or a smaller network, or train on "
        "another machine."
    )


def estimate(config: TrainingConfig, *, workspace: Workspace = WORKSPACE) -> tuple[float, float]:
    """Estimate how long a training takes on this machine.

    What earlier runs took here says how fast it is; without any, the range is that of machines
    much like the one that the seconds of architectures were measured on.

    Returns
    -------
    the least and the most seconds
    """
    low, high = _speed_range(config, workspace)
    whole = _around(config) + config.epochs * _epoch(config)
    return low * whole, high * whole


def _speed_range(config: TrainingConfig, workspace: Workspace) -> tuple[float, float]:
    """Return the least and the most that this machine may take, times the reference machine."""
    ratios = []
    for earlier, epochs, seconds in _earlier_runs(workspace):
        usual = epochs * _epoch(earlier)
        if usual >= TELLING:
            ratios.append((earlier.architecture == config.architecture, seconds / usual))
    telling = [ratio for same, ratio in ratios if same] or [ratio for _, ratio in ratios]
    if telling:
        return 0.8 * min(telling[:LAST_RUNS]), 1.25 * max(telling[:LAST_RUNS])
    cores, flags = cpu_count(), processor_flags()
    least = SLOWER if flags and FAST not in flags else 1
    most = 1 if FAST in flags else SLOWER
    return least * 0.7 * 2 / min(max(cores, 2), 4), most * 1.5 * 2 / min(cores, 2)


def _earlier_runs(workspace: Workspace) -> list[tuple[TrainingConfig, int, float]]:
    """Return settings, epochs and seconds of earlier runs, the latest first.

    Files that have not changed are not read again: the page asks at every change of a setting.
    """
    found = []
    for folder in run_folder.list_folders(workspace):
        try:
            files = [(folder / n).lstat() for n in (run_folder.CONFIG, run_folder.HISTORY)]
        except OSError:
            continue
        state = tuple((file.st_mtime_ns, file.st_size) for file in files)
        if run := _read_run(folder, state):
            found.append((files[1].st_mtime_ns, run))
    return [run for _, run in sorted(found, key=lambda pair: -pair[0])]


@functools.lru_cache(maxsize=256)
def _read_run(
    folder: Path,
    state: tuple[tuple[int, int], ...],  # noqa: ARG001 - part of the cache's key
) -> tuple[TrainingConfig, int, float] | None:
    """Return a run's settings, epochs and seconds; None where it has no epoch or is damaged."""
    rows = run_folder.read_history(folder, strict=False)
    seconds = rows[-1].get("seconds", 0.0) if rows else 0.0
    try:
        return (run_folder.read_config(folder), len(rows), seconds) if seconds > 0 else None
    except RunError:
        return None


def _epoch(config: TrainingConfig) -> float:
    """Return the seconds of an epoch on the reference machine."""
    step, image = _seconds(config)
    images = _images(config)
    validated = VALIDATION_IMAGES * (2 if config.corruption_families else 1)
    if config.task == "detection":  # on few crops
        validated = 0
    return (
        images * (image + _varying(config))
        + math.ceil(images / config.batch_size) * step
        + validated * ANSWER * image
    )


def _around(config: TrainingConfig) -> float:
    """Return the seconds before the first epoch and after the last."""
    if config.task == "detection":
        return AROUND + MEASURED_CROPS * MADE_CROP
    _, image = _seconds(config)
    again = REBALANCING_METHODS[config.rebalancing].extra_epochs
    turns = again * _images(config) * (ANSWER * image + _varying(config))
    pen = config.synthetic_digits * (1 - config.page_share)
    drawn = (SYNTHETIC * pen + CUT * (config.synthetic_digits - pen)) * (2 if again else 1)
    non_digits = _head(config) or config.non_digits  # which the network learns from instead
    head = non_digits * (NON_DIGIT + 4 * ANSWER * image)
    return AROUND + 5 * VALIDATION_IMAGES * ANSWER * image + drawn + turns + head


def _images(config: TrainingConfig) -> int:
    """Return how many images an epoch shows."""
    if made := ARCHITECTURES[config.architecture].epoch_images:
        return made
    digits = _of_mnist(config) + config.synthetic_digits
    if config.own_digits:
        digits += config.own_digits * dataset.own_rounds(config.own_digits, digits)
    return digits + count_of(config, digits)


def _of_mnist(config: TrainingConfig) -> int:
    """Return how many digits of MNIST an epoch shows; all that there are if it asks for more."""
    try:
        return int(dataset.class_counts(config, TRAIN_COUNTS).sum())
    except ValueError:
        return sum(TRAIN_COUNTS)


def _head(config: TrainingConfig) -> int:
    """Return from how many non-digits a head learns to reject; none if the network does along."""
    return 0 if config.non_digit_share else min(config.non_digits, _of_mnist(config))


def _seconds(config: TrainingConfig) -> tuple[float, float]:
    """Return the seconds of a step, and what each image adds."""
    network = ARCHITECTURES[config.architecture]
    return network.step_seconds, network.image_seconds * (
        HALF[knows_bfloat16()] if config.half_precision else 1
    )


def _varying(config: TrainingConfig) -> float:
    """Return the seconds that augmentation, corruptions and a teacher take an image."""
    corrupted = CORRUPTED * config.corrupted_share if config.corruption_families else 0
    taught = TAUGHT if config.teacher else 0
    return AUGMENTATIONS[config.augmentation].seconds + corrupted + taught


# Bytes: the weights of the largest network four times with their averages, its model, mistakes.
DISK_NEEDED = 200_000_000
# Memory of each corrupted image that is prepared ahead, and of each synthetic digit.
CORRUPTED_MEGABYTES, SYNTHETIC_MEGABYTES = 0.005, 0.0016

FAST, SLOWER = "avx512f", 2  # processors without these instructions take so many times as long
# What half precision multiplies the seconds of an image by, with bfloat16 in the processor or not.
HALF = {True: 0.85, False: 10.5}
ANSWER = 0.27  # share of an image's seconds in training that predicting takes
# Seconds of a corrupted image and of drawing a synthetic digit.
CORRUPTED, SYNTHETIC = 37e-6, 730e-6
TAUGHT = 70e-6  # for a teacher to say what an image shows
CUT = 3.2e-3  # to make the part of a page that one more digit is cut from
NON_DIGIT = 2.8e-3  # to draw one, to vary it and a digit, and to learn from both
MEASURED_CROPS, MADE_CROP = 1500, 25e-3  # of a detector, before the first epoch and at the end
AROUND = 10  # to import TensorFlow, load MNIST, build, convert and measure
LAST_RUNS = 5
TELLING = 20  # seconds of training; of shorter ones too much goes into building the network
