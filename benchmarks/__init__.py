"""Measurements: accuracy on strokes, speed and memory, each beside a named alternative."""

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


def train(config: TrainingConfig, mnist: Mnist, folder: Path) -> None:
    """Train, or go on with the same training in the folder, with a progress bar."""
    from mnist_core import training

    resume = (folder / training.LAST).exists() and training.read_config(folder) == config
    words = f"{config.name} {config.imbalance} {config.rebalancing} {config.seed}"
    with tqdm(desc=words.replace(" none", ""), unit="step") as bar:
        for now in training.train(config, mnist, folder, resume=resume):
            bar.total = now.epochs * now.steps
            bar.update((now.epoch - 1) * now.steps + now.step - bar.n)
