"""What each rebalancing method gains on imbalanced data: a table of trainings on the same data.

The default network learns from few images of some digits, with each rebalancing method, and is
measured on the balanced test set. It gets no synthetic digits, which would fill the gaps, and no
corruptions. "none" and the method that does best on the validation images are trained with further
seeds; each seed draws other images. Methods that act after training begin with the weights of
"none". After an interruption it resumes.

    python -m benchmarks.imbalance [--imbalance fixed step:0.5:100] [--epochs 12] [--seeds 5]
"""

import argparse
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks import train
from mnist_core import data
from mnist_core.config import DEFAULT_MODEL, knows_bfloat16
from mnist_core.evaluation import evaluate
from mnist_core.pixels import to_float
from mnist_core.training import rebalancing
from mnist_core.training.config import RECIPES, TrainingConfig
from mnist_core.workspace import WORKSPACE

AFTER = [name for name, method in rebalancing.REBALANCING_METHODS.items() if method.finish]


def main() -> None:
    """Train what is missing, and print a table for each profile."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--imbalance", nargs="+", default=["fixed", "step:0.5:100"])
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seeds", type=int, default=5, help="two or more of 'none' and the best")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    cv2.setNumThreads(1)
    mnist = data.load_mnist()
    for imbalance in options.imbalance:
        study = Study(imbalance, options.epochs, mnist)
        for method in rebalancing.REBALANCING_METHODS:
            study.measure(method, seed=0)
        best = max(
            set(rebalancing.REBALANCING_METHODS) - {"none"},
            key=lambda method: study.measure(method, seed=0)["validation"]["balanced_accuracy"],
        )
        for seed in range(1, options.seeds):
            for method in ("none", best):
                study.measure(method, seed=seed)
        _show(study, best, options.seeds)


class Study:
    """Trainings on one profile of imbalance, each done once and kept on disk."""

    def __init__(self, imbalance: str, epochs: int, mnist: data.Mnist) -> None:
        self.imbalance, self.epochs, self.mnist = imbalance, epochs, mnist

    def measure(self, method: str, *, seed: int) -> dict[str, Any]:
        """Return what the model of a method and a seed scores on the validation and test images."""
        config = replace(
            RECIPES[DEFAULT_MODEL],
            name="study-imbalance",
            epochs=self.epochs,
            batch_size=128,
            half_precision=knows_bfloat16(),
            synthetic_digits=0,
            non_digit_share=0.0,
            corruption_families=(),
            imbalance=self.imbalance,
            rebalancing=method,
            seed=seed,
        )
        trained = replace(config, rebalancing="none" if method in AFTER else method)
        spelled = self.imbalance.replace(":", "-").replace(",", "-")
        runs = WORKSPACE.studies / "imbalance"
        kept = runs / f"{spelled}-{self.epochs}-{method}-{seed}.json"
        if kept.exists():
            return json.loads(kept.read_text())
        folder = runs / f"{spelled}-{trained.rebalancing}-{seed}"
        train(trained, self.mnist, folder)
        found = _measure(config, self.mnist, folder)
        kept.write_text(json.dumps(found))
        return found


def _measure(config: TrainingConfig, mnist: data.Mnist, folder: Path) -> dict[str, Any]:
    from mnist_core import training
    from mnist_core.training import export

    weights = training.finish_rebalancing(config, mnist, folder)
    predict = export.keras_predict(export.load_trained(config.architecture, weights))
    weights.with_name(training.REBALANCED).unlink(missing_ok=True)
    return {
        part: evaluate(predict, to_float(split.images), split.labels)
        for part, split in (("validation", mnist.validation), ("test", mnist.test))
    }


def _show(study: Study, best: str, seeds: int) -> None:
    """Print all methods with the first seed, then means over all seeds."""
    print(f"\nimbalance {study.imbalance}, {study.epochs} epochs, test images")
    print(f"{'method':<24}{'accuracy':>10}{'balanced':>10}{'worst':>8}  recall of 0 to 9 in %")
    for method in rebalancing.REBALANCING_METHODS:
        found = study.measure(method, seed=0)["test"]
        recall = " ".join(f"{100 * value:5.1f}" for value in found["recall"])
        shown = f"{found['accuracy']:>10.4f}{found['balanced_accuracy']:>10.4f}"
        print(f"{method:<24}{shown}{min(found['recall']):>8.4f}  {recall}")
    for method in ("none", best):
        rows = [study.measure(method, seed=seed)["test"] for seed in range(seeds)]
        scores = np.array([[row["balanced_accuracy"], min(row["recall"])] for row in rows])
        (balanced, worst), (spread, worst_spread) = scores.mean(axis=0), scores.std(axis=0, ddof=1)
        print(
            f"{method}, {seeds} seeds: balanced accuracy {balanced:.4f} (deviation {spread:.4f}), "
            f"worst recall {worst:.4f} (deviation {worst_spread:.4f})"
        )


if __name__ == "__main__":
    main()
