"""What a training costs in memory and in time, and what this machine and its owner allow."""

import contextlib
import math
import os
from pathlib import Path

import numpy as np
import psutil

from mnist_core.config import (
    VALIDATION_IMAGES,
    cpu_count,
    knows_bfloat16,
    processor_flags,
)
from mnist_core.data import TRAIN_COUNTS
from mnist_core.networks import ARCHITECTURES
from mnist_core.runs import files
from mnist_core.runs.results import read_table
from mnist_core.runs.status import list_runs
from mnist_core.training import dataset
from mnist_core.training.augmentation import AUGMENTATIONS
from mnist_core.training.rebalancing import REBALANCING_METHODS
from mnist_core.workspace import WORKSPACE, Workspace

SWITCH, MINUTES = "DIGIT_LAB_TRAINING", "DIGIT_LAB_TRAINING_MINUTES"


def refusal():
    """Say why nobody may train here; empty if they may."""
    if os.environ.get(SWITCH, "").strip().lower() in ("off", "no", "0", "false"):
        return "Training is switched off here by whoever runs this app."
    text = os.environ.get(MINUTES, "").strip()
    if text and minutes_at_most() is None:
        return (
            f"Training is switched off here until whoever runs this app puts {MINUTES} right: a "
            f"number of minutes above 0 was expected, received {text!r}."
        )
    return ""


def minutes_at_most():
    """Return after how many minutes a training stops itself; None if there is no good limit."""
    try:
        minutes = float(os.environ.get(MINUTES, ""))
    except ValueError:
        return None
    return minutes if 0 < minutes < math.inf else None


def memory_free():
    """Return how many bytes a new process may take, in this container or on this machine."""
    return max(min([psutil.virtual_memory().available, *_left_in_groups()]), 0)


def memory_for_another(others):
    """Return how many bytes a training may take when its turn comes.

    Parameters
    ----------
    others : list of Status, the trainings before it, which will have given back what they take
    """
    return memory_free() + sum(run.memory for run in others)


def memory_needed(config):
    """Return how many bytes a training takes at its highest, publishing included.

    Measured as the largest resident set of `train` on all of MNIST (Linux, TensorFlow 2.21): a
    share of the images needs as much as all of them. A tenth is added.

    Parameters
    ----------
    config : TrainingConfig
    """
    network = ARCHITECTURES[config.architecture]
    prepared = dataset.block_size(config.batch_size)
    varied = AUGMENTATIONS[config.augmentation].megabytes
    varied += CORRUPTED_MEGABYTES if config.corruption_families else 0
    megabytes = network.fixed_megabytes + network.image_megabytes * config.batch_size
    megabytes += varied * prepared + SYNTHETIC_MEGABYTES * config.synthetic_digits
    return round(1.1e6 * megabytes)


def estimate(config, *, workspace: Workspace = WORKSPACE):
    """Estimate how long a training takes on this machine.

    What earlier runs took here says how fast it is; without any, the range is that of machines
    much like the one that the seconds of architectures were measured on.

    Parameters
    ----------
    config : TrainingConfig

    Returns
    -------
    (low, high) : float, seconds
    """
    low, high = _range(config, workspace)
    whole = _around(config) + config.epochs * _epoch(config)
    return low * whole, high * whole


def _range(config, workspace: Workspace):
    """Return how much faster and slower than the reference this machine may be."""
    ratios = []
    for run in list_runs(workspace=workspace):
        # The folder may be gone by now.
        rows = read_table(workspace.runs / run.name / files.HISTORY) if run.config else []
        seconds = rows[-1].get("seconds", 0) if rows else 0
        usual = len(rows) * _epoch(run.config) if rows else 0
        if seconds > 0 and usual >= TELLING:
            same = run.config.architecture == config.architecture
            ratios.append((same, seconds / usual))
    telling = [ratio for same, ratio in ratios if same] or [ratio for _, ratio in ratios]
    if telling:
        return 0.8 * min(telling[:LAST_RUNS]), 1.25 * max(telling[:LAST_RUNS])
    cores, flags = cpu_count(), processor_flags()
    least = SLOWER if flags and FAST not in flags else 1
    most = 1 if FAST in flags else SLOWER
    return least * 0.7 * 2 / min(max(cores, 2), 4), most * 1.5 * 2 / min(cores, 2)


def _epoch(config):
    """Return the seconds of an epoch on the reference machine."""
    step, image = _seconds(config)
    images = _images(config)
    validated = VALIDATION_IMAGES * (2 if config.corruption_families else 1)
    return (
        images * (image + _varying(config))
        + math.ceil(images / config.batch_size) * step
        + validated * ANSWER * image
    )


def _around(config):
    """Return the seconds before the first epoch and after the last."""
    _, image = _seconds(config)
    again = REBALANCING_METHODS[config.rebalancing].extra_epochs
    turns = again * _images(config) * (ANSWER * image + _varying(config))
    drawn = SYNTHETIC * config.synthetic_digits * (2 if again else 1)
    taught = config.non_digits * (NONDIGIT + 4 * ANSWER * image)
    return AROUND + 5 * VALIDATION_IMAGES * ANSWER * image + drawn + turns + taught


def _images(config):
    """Return how many images an epoch shows; all that there are if it asks for more."""
    try:
        counts = dataset.class_counts(config, np.array(TRAIN_COUNTS))
    except ValueError:
        counts = np.array(TRAIN_COUNTS)
    return int(counts.sum()) + config.synthetic_digits


def _seconds(config):
    """Return the seconds of a step, and what each image adds."""
    network = ARCHITECTURES[config.architecture]
    return network.step_seconds, network.image_seconds * (
        HALF[knows_bfloat16()] if config.half_precision else 1
    )


def _varying(config):
    """Return the seconds that augmentation and damage take an image."""
    corrupted = CORRUPTED * config.corrupted_share if config.corruption_families else 0
    return AUGMENTATIONS[config.augmentation].seconds + corrupted


def _left_in_groups():
    """Yield what is left of each limit of this process's control groups (versions 2 and 1).

    What the kernel keeps of files that were read makes room when it is needed.
    """
    for line in _text(Path("/proc/self/cgroup")).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        root = Path("/sys/fs/cgroup/memory" if controllers else "/sys/fs/cgroup")
        limit, used, cache = _FILES[bool(controllers)]
        # Inside a container the path may be that of the host, and its files lie at the root.
        for group in (root, *(root / part for part in _parents(path))):
            most, taken = _text(group / limit).strip(), _text(group / used).strip()
            if most.isdecimal() and taken.isdecimal():
                stats = dict(
                    line.split(" ", 1) for line in _text(group / "memory.stat").splitlines()
                )
                yield int(most) - int(taken) + int(stats.get(cache, 0))


def _parents(path):
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return ["/".join(parts[: n + 1]) for n in range(len(parts))]


def _text(path):
    with contextlib.suppress(OSError, ValueError):
        return path.read_text("utf-8")
    return ""


_FILES = {
    False: ("memory.max", "memory.current", "inactive_file"),
    True: ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
}

# Memory of each corrupted image that is prepared ahead, and of each synthetic digit.
CORRUPTED_MEGABYTES, SYNTHETIC_MEGABYTES = 0.005, 0.0016

FAST, SLOWER = "avx512f", 2  # processors without these instructions take so many times as long
# What half precision multiplies the seconds of an image by, with bfloat16 in the processor or not.
HALF = {True: 0.85, False: 10.5}
ANSWER = 0.27  # share of an image's seconds in training that predicting takes
# Seconds of a corrupted image and of drawing a synthetic digit.
CORRUPTED, SYNTHETIC = 37e-6, 730e-6
NONDIGIT = 2.8e-3  # to draw one, to vary it and a digit, and to learn from both
AROUND = 10  # to import TensorFlow, load MNIST, build, convert and measure
LAST_RUNS = 5
TELLING = 20  # seconds of training; of shorter ones too much goes into building the network
