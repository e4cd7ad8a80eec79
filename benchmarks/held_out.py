"""Accuracy under corruptions that training never showed: a leave-one-family-out study.

The default network is trained from scratch without one family of corruptions at a time, and
measured on that family; beside it stand the same training with all families and with none. These
trainings are shorter than the recipe's, and use neither synthetic digits nor the augmentation
"handwriting", which bends and turns digits a little: nothing else may resemble a family.
`--save` stores the table in the default model's card. After an interruption it resumes.

    python -m benchmarks.held_out [--epochs 2] [--save]
"""

import argparse
import os
from dataclasses import replace

import cv2
import numpy as np

from benchmarks import train
from mnist_core import data, serving
from mnist_core.config import DEFAULT_MODEL, knows_bfloat16
from mnist_core.corruptions import CORRUPTIONS, FAMILIES
from mnist_core.evaluation import robustness
from mnist_core.pixels import to_float
from mnist_core.training.config import RECIPES
from mnist_core.workspace import WORKSPACE

SEVERITY = 0.5


def main() -> None:
    """Train what is missing, print the table, and save it if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=2, help="of each short training")
    parser.add_argument("--save", action="store_true", help="store the table in the model's card")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    cv2.setNumThreads(1)

    mnist = data.load_mnist()
    trained_with = {"all": tuple(FAMILIES), "none": ()}
    trained_with |= {left: tuple(f for f in FAMILIES if f != left) for left in FAMILIES}
    found = {
        name: _accuracies(name, families, mnist, options.epochs)
        for name, families in trained_with.items()
    }
    rows = {
        family: {
            "trained without": found[family][family],
            "trained with": found["all"][family],
            "no damage": found["none"][family],
        }
        for family in FAMILIES
    }
    print(f"{'family':<12}" + "".join(f"{head:>17}" for head in rows["noise"]))
    for family, row in rows.items():
        print(f"{family:<12}" + "".join(f"{value:>17.2%}" for value in row.values()))
    means = np.mean([list(row.values()) for row in rows.values()], axis=0)
    print(f"{'mean':<12}" + "".join(f"{value:>17.2%}" for value in means))
    if options.save:
        study = {"epochs": options.epochs, "severity": SEVERITY, "n": len(mnist.test)}
        serving.add_metrics(DEFAULT_MODEL, {"unforeseen": study | {"families": rows}})


def _accuracies(
    name: str, trained_with: tuple[str, ...], mnist: data.Mnist, epochs: int
) -> dict[str, float]:
    """Train with some families of corruptions; return the mean accuracy under each family."""
    from mnist_core import training
    from mnist_core.training import export

    recipe = RECIPES[DEFAULT_MODEL]
    config = replace(
        recipe,
        name=f"study-{name}",
        corruption_families=trained_with,
        epochs=epochs,
        batch_size=128,
        half_precision=knows_bfloat16(),
        synthetic_digits=0,
        non_digit_share=0.0,
        augmentation="none",
        averaging=0.98,  # the recipe's average would still hold much of the first weights
    )
    folder = WORKSPACE.studies / config.name
    train(config, mnist, folder)
    model = export.load_trained(config.architecture, folder / training.BEST)
    served = export.to_tflite(
        model, precision=config.precision, calibration=export.calibration_images(config, mnist)
    )
    predict = serving.Predictor(served, output=export.output_kind(model))
    images, labels = to_float(mnist.test.images), mnist.test.labels
    accuracies = {family: [] for family in FAMILIES}
    for row in robustness.table_rows(
        {name: predict},
        images,
        labels,
        corruptions=CORRUPTIONS,
        severities=(SEVERITY,),
    ):
        if row["family"] != robustness.CLEAN:
            accuracies[row["family"]].append(row["accuracy"])
    return {family: float(np.mean(values)) for family, values in accuracies.items()}


if __name__ == "__main__":
    main()
