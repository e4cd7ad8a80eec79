"""Measurements: accuracy, speed and memory, each beside a named alternative."""

import time
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from mnist_core.data import Mnist
from mnist_core.training.config import TrainingConfig


def fastest(call: Callable[[], object], times: int) -> float:
    """Return the seconds that the fastest of several calls took."""
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def edits(one: str, other: str) -> int:
    """Return the least number of insertions, deletions and replacements between two texts.

    Source: V. Levenshtein, "Binary codes capable of correcting deletions, insertions, and
    reversals" (1966).
    """
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def train(config: TrainingConfig, mnist: Mnist, folder: Path) -> None:
    """Train, or go on with the same training in the folder, with a progress bar."""
    from mnist_core import training

    resume = (folder / training.LAST).exists() and training.read_config(folder) == config
    words = f"{config.name} {config.imbalance} {config.rebalancing} {config.seed}"
    with tqdm(desc=words.replace(" none", ""), unit="step") as bar:
        for now in training.train(config, mnist, folder, resume=resume):
            bar.total = now.epochs * now.steps
            bar.update((now.epoch - 1) * now.steps + now.step - bar.n)
