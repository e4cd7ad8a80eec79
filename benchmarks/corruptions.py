"""Time every corruption, the batches of a training, and a move of the severity slider.

    python -m benchmarks.corruptions

Corruptions are timed on 10,000 images at severity 0.5. The exit code is 1, and the last line names
them, if a corruption takes longer than 0.3 s or a combination longer than 0.6 s. A move of the
slider, from the new severity to the new accuracy, is timed beside what tutorials do: a loop over
the images with scikit-image, then Keras's `model.predict`, in turns.
"""

import argparse
import json
import subprocess
import sys

import numpy as np

from benchmarks import fastest
from mnist_core import corruptions, serving
from mnist_core.config import DEFAULT_MODEL, PROJECT_DIR
from mnist_core.evaluation import robustness
from mnist_core.training import dataset
from mnist_core.training.config import RECIPES
from mnist_core.workspace import WORKSPACE

IMAGES = 10_000
SEVERITY = 0.5
ROUNDS = 3
TRIES = 5  # of which the fastest counts
LONGEST, LONGEST_COMBINATION = 0.3, 0.6  # seconds for IMAGES
COMPARED = ("gaussian_noise", "gaussian_blur", "rotate")

# The same corruptions at the same severity, image by image, then the same model.
TUTORIAL = """
import json, sys
import keras, numpy
from skimage import filters, transform, util
from benchmarks import fastest

ways = {
    "gaussian_noise": lambda image: util.random_noise(image, var=0.25**2),
    "gaussian_blur": lambda image: filters.gaussian(image, 1.25),
    "rotate": lambda image: transform.rotate(image, 25),
}
model = keras.saving.load_model(sys.argv[1])
images = numpy.random.default_rng(0).random((int(sys.argv[2]), 28, 28), numpy.float32)

def run(way):
    corrupted = numpy.stack([way(image) for image in images]).astype("float32")
    return model.predict(corrupted, verbose=0)

run(ways["rotate"])
print(json.dumps({name: fastest(lambda: run(way), 2) for name, way in ways.items()}))
"""


def main() -> int:
    """Print all times; return 1 if a corruption took too long."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default=DEFAULT_MODEL)
    options = parser.parse_args()
    images = np.random.default_rng(0).random((IMAGES, 28, 28), np.float32)

    slow = time_corruptions(images)
    time_batches(images)
    time_slider(options.model, images)
    if slow:
        print(f"FAIL  too slow: {', '.join(slow)}")
    return int(bool(slow))


def time_corruptions(images: np.ndarray) -> list[str]:
    """Print the seconds of every corruption; return the names of those that are too slow."""
    print(f"seconds for {len(images):,} images at severity {SEVERITY:g}")
    slow = []
    for name in corruptions.ALL_CORRUPTIONS:
        seconds = fastest(lambda: corruptions.corrupt(images, name, SEVERITY), TRIES)  # noqa: B023
        most = LONGEST_COMBINATION if name in corruptions.COMBINATIONS else LONGEST
        print(f"  {name:<22} {seconds:.3f}  (at most {most:g})", flush=True)
        if seconds > most:
            slow.append(name)
    return slow


def time_batches(images: np.ndarray) -> None:
    """Print how many images a second the default recipe augments and corrupts for training."""
    recipe = RECIPES[DEFAULT_MODEL]
    stored, labels = np.round(images * 255).astype(np.uint8), np.arange(len(images)) % 10

    def prepare() -> None:
        for _ in dataset.batches(recipe, stored, labels, epoch=1):
            pass

    seconds = fastest(prepare, TRIES)
    print(f"batches for training {recipe.name}: {len(images) / seconds:,.0f} images a second")


def time_slider(model: str, images: np.ndarray) -> None:
    """Print the seconds from a new severity to its accuracy, ours beside a tutorial's."""
    labels = np.zeros(len(images), int)
    predict = serving.load_predictor(model)
    predict(images)
    command = [sys.executable, "-c", TUTORIAL, str(WORKSPACE.models / model / "model.keras")]
    ours: dict[str, list[float]] = {name: [] for name in COMPARED}
    theirs: dict[str, list[float]] = {name: [] for name in COMPARED}
    for _ in range(ROUNDS):  # in turns, so that both meet the same disturbances
        for name in COMPARED:
            ours[name].append(
                fastest(
                    lambda: robustness.evaluate_corrupted(predict, images, labels, name, SEVERITY),  # noqa: B023
                    2,
                )
            )
        done = subprocess.run(
            [*command, str(IMAGES)],
            cwd=PROJECT_DIR,
            capture_output=True,
            text=True,
            check=True,
        )
        for name, seconds in json.loads(done.stdout.splitlines()[-1]).items():
            theirs[name].append(seconds)
    print(f"severity moved to new accuracy, {model}: ours, scikit-image and Keras, ratio")
    for name in COMPARED:
        mine, other = np.median(ours[name]), np.median(theirs[name])
        print(f"  {name:<22} {mine:>6.2f} s {other:>6.2f} s {mine / other:>7.3f}")


if __name__ == "__main__":
    raise SystemExit(main())
